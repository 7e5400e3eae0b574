"""Uploads that may be interrupted: announced first, then sent in order, each byte acknowledged once it is on disk.

Owns the offsets, the checksum, the quota and the end of life. Refuses to know HTTP and what is made of the file.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import timedelta
from pathlib import Path

from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound, TooLarge, TooMany
from services.typed_text import is_id, refuse_unprintable
from services.uploads.limits import UploadLimits
from services.uploads.staging import StagedFile, StagedWriter, Staging
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Upload, UploadState

FILE_NAME_LIMIT = 255
SYNC_BYTES = 8 << 20
"""How much may be sent again when a connection or the server dies in the middle of a request."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class WrongOffset(Conflict):
    """The bytes do not begin where the ones that are here end; `received` says where to go on."""

    def __init__(self, received: int) -> None:
        super().__init__(f"Go on at byte {received}.", code="UPLOAD_OFFSET")
        self.received = received


class Reception:
    """The bytes of one request entering an upload. Close it with `finish`, or `leave` when the sender went away."""

    def __init__(self, store: Store, clock: Clock, upload: Upload, writer: StagedWriter, until: int) -> None:
        self.upload = upload
        self._store = store
        self._clock = clock
        self._writer = writer
        self._until = until
        self._closed = False

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes; what was taken is acknowledged every 8 MB, whatever becomes of the rest."""
        if self._writer.received + len(chunk) > self._until:
            raise Invalid("The body is longer than Content-Range says.")
        await self._writer.write(chunk)
        if self._writer.received - self.upload.received >= SYNC_BYTES and self._writer.received < self.upload.size:
            await self._acknowledge()

    async def finish(self) -> Upload:
        """The upload with everything that came; complete when that was the last byte. Invalid when too little came.

        A complete one that has another checksum than announced is refused, and begins anew.
        """
        try:
            await self._acknowledge()
            if self.upload.received < self._until:
                raise Invalid("The body is shorter than Content-Range says.")
        finally:
            await self._close()
        return self.upload

    async def leave(self) -> None:
        """Keep what came and stop."""
        if not self._closed:
            try:
                await self._acknowledge()
            finally:
                await self._close()

    async def _acknowledge(self) -> None:
        received = await self._writer.sync()
        upload = self.upload
        state = UploadState.OPEN
        if received == upload.size:
            await self._check_sum()
            state = UploadState.COMPLETE
        if received == upload.received and state == UploadState.OPEN:
            return
        now = self._clock.now()
        if not await self._store.uploads.advance(upload, received, now, state):
            raise Conflict("This upload was ended meanwhile.", code="UPLOAD_ENDED")
        upload.received, upload.state, upload.updated_at = received, state.value, now

    async def _check_sum(self) -> None:
        upload = self.upload
        if upload.sha256 is None or await asyncio.to_thread(_sha256, self._writer.path) == upload.sha256:
            return
        await self._store.uploads.advance(upload, 0, self._clock.now(), UploadState.OPEN)
        upload.received = 0
        raise Invalid("The file has another SHA-256 than announced: send it again.", code="CHECKSUM_MISMATCH")

    async def _close(self) -> None:
        self._closed = True
        await self._writer.close()


class ResumableUploads:
    """Uploads announced by `create` and filled through `receive`. Each is for its owner alone."""

    def __init__(self, store: Store, staging: Staging, clock: Clock, limits: UploadLimits) -> None:
        self._store = store
        self._staging = staging
        self._clock = clock
        self._limits = limits

    async def create(self, viewer: Viewer, *, file_name: str, size: int, sha256: str | None = None) -> Upload:
        """A new upload to fill. TooMany while too many of one's own wait, TooLarge over the bound."""
        user_id = viewer.require(Role.ARTIST)
        name = read_file_name(file_name)
        if size < 1:
            raise Invalid("A file has at least one byte.", field="size")
        if size > self._limits.max_bytes:
            raise TooLarge(f"An upload may have {self._limits.max_bytes} bytes.", field="size")
        if sha256 is not None and not _SHA256.fullmatch(sha256.lower()):
            raise Invalid("A SHA-256 is 64 hexadecimal digits.", field="sha256")
        now = self._clock.now()
        end = now + timedelta(hours=self._limits.keep_hours)
        upload = Upload(self._clock.new_id(), user_id, name, size, now, now, end)
        upload.sha256 = None if sha256 is None else sha256.lower()
        await self._store.uploads.insert(upload)
        # Counted after it is written: of two that race for the last place, never both get it.
        if await self._store.uploads.open_count(user_id, self._limits.max_open + 1) > self._limits.max_open:
            await self._store.uploads.delete({"_id": upload.id})
            raise TooMany(
                f"{self._limits.max_open} uploads wait already: finish or cancel one.",
                code="TOO_MANY_UPLOADS",
                retry_after=60,
            )
        return upload

    async def get(self, viewer: Viewer, id: str) -> Upload:
        """One's own upload. NotFound for others' and ended ones alike."""
        user_id = viewer.require(Role.ARTIST)
        upload = await self._store.uploads.get(id) if is_id(id) else None
        if upload is None or upload.user_id != user_id or upload.is_direct or upload.expires_at <= self._clock.now():
            raise NotFound("There is no such upload.")
        return upload

    async def receive(self, viewer: Viewer, id: str, *, first: int, last: int, total: int) -> Reception:
        """Begin to take bytes `first` to `last` (both included). WrongOffset unless they follow those that are here."""
        upload = await self.get(viewer, id)
        if total != upload.size:
            raise Invalid(f"This upload was announced with {upload.size} bytes.", code="UPLOAD_SIZE")
        if upload.is_complete or first != upload.received:
            raise WrongOffset(upload.received)
        if not first <= last < total:
            raise Invalid("This range does not lie inside the file.", code="UPLOAD_RANGE")
        writer = await self._staging.resume(upload.id, upload.received, upload.size, field="uploadId")
        # Another request may have written between the look and the lock.
        current = await self._store.uploads.get(id)
        if current is None or current.received != upload.received or current.state != upload.state:
            await writer.close()
            raise WrongOffset(0 if current is None else current.received)
        try:
            await writer.cut_back()
        except BaseException:
            await writer.close()
            raise
        return Reception(self._store, self._clock, upload, writer, last + 1)

    async def cancel(self, viewer: Viewer, id: str) -> Upload:
        """End an upload; what was sent is deleted. Conflict when it is just becoming a song, or became one."""
        upload = await self.get(viewer, id)
        states = [UploadState.OPEN.value, UploadState.COMPLETE.value]
        if not await self._store.uploads.delete({"_id": id, "state": {"$in": states}}):
            raise Conflict("This upload has become a song.", code="UPLOAD_USED")
        await self._staging.discard(id)
        return upload

    async def staged(self, upload: Upload) -> StagedFile:
        """The file of a complete upload."""
        return StagedFile(upload.id, self._staging.path(upload.id), upload.size, upload.file_name, "")

    async def sweep(self) -> int:
        """Delete uploads whose time is over, with their files; how many went."""
        swept = 0
        while expired := await self._store.uploads.expired(self._clock.now()):
            for upload in expired:
                await self._staging.discard(upload.id)
                swept += await self._store.uploads.delete({"_id": upload.id, "state": upload.state})
        return swept


def read_file_name(text: str, field: str = "fileName") -> str:
    """A file's name without folders, 1 to 255 characters. Invalid for control characters and nothing at all."""
    if len(text) > 4 * FILE_NAME_LIMIT:
        raise Invalid(f"A file name has at most {FILE_NAME_LIMIT} characters.", field=field)
    refuse_unprintable(text, field, "A file name")
    name = text.replace("\\", "/").rpartition("/")[2].strip()
    if not 1 <= len(name) <= FILE_NAME_LIMIT:
        raise Invalid(f"A file name has 1 to {FILE_NAME_LIMIT} characters.", field=field)
    return name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
