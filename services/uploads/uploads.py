"""The uploads of the house: who may send, in which of the three ways, and what is swept away afterwards.

Owns the choice between text, file and finished resumable upload. Refuses to know HTTP and GraphQL.
"""

from __future__ import annotations

import asyncio
import binascii
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from services.catalogue.genres import Genres
from services.clock import Clock, to_epoch_ms
from services.errors import Conflict, Invalid, NotFound, TooLarge, TooMany
from services.events import Bus
from services.uploads.details import SongDetails
from services.uploads.lifted import lowered
from services.uploads.limits import UploadLimits
from services.uploads.moved import follow_move
from services.uploads.resumable import ResumableUploads
from services.uploads.songs import SongUploads
from services.uploads.staging import StagedFile, StagedWriter, Staging
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.files import Files, Folder
from storage.records import Song, Upload, UploadState

LARGE_BODIES_AT_ONCE = 4
_DATA_URL = re.compile(r"data:[\w.+-]+/[\w.+-]+(;[\w.+-]+=[\w.+-]+)*;base64,", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_SLICE = 4 << 20


class Uploads:
    """Songs sent in. `resumable` is the noun of the upload door, `staging` where files of a request wait."""

    def __init__(
        self,
        store: Store,
        files: Files,
        folder: Folder,
        clock: Clock,
        bus: Bus,
        genres: Genres,
        limits: UploadLimits,
    ) -> None:
        self.limits = limits
        self.staging = Staging(folder, clock)
        self.resumable = ResumableUploads(store, self.staging, clock, limits)
        self._store = store
        self._clock = clock
        self._folder = folder
        self._songs = SongUploads(store, files, folder, self.staging, clock, bus, genres)
        self._large_bodies = 0

    def require_sender(self, viewer: Viewer) -> None:
        """Unauthenticated or Denied for those who may send no files: asked before a byte of one is stored."""
        viewer.require(Role.ARTIST)
        viewer.require_proven()

    @contextlib.contextmanager
    def large_body(self) -> Iterator[None]:
        """Room in memory for one JSON body with sound in it. TooMany while the four there are are taken."""
        if self._large_bodies >= LARGE_BODIES_AT_ONCE:
            raise TooMany("Too many large requests at once.", retry_after=5)
        self._large_bodies += 1
        try:
            yield
        finally:
            self._large_bodies -= 1

    async def upload_song(
        self,
        viewer: Viewer,
        details: SongDetails,
        *,
        audio_file: str | None = None,
        audio_upload: StagedFile | None = None,
        upload_id: str | None = None,
    ) -> Song:
        """The new song, from exactly one of: base64 text, a file of this request, a finished resumable upload.

        Asked again with the same `upload_id`, the answer is the song that it became.
        """
        self.require_sender(viewer)
        given = [source for source in (audio_file, audio_upload, upload_id) if source is not None]
        if len(given) != 1:
            raise Invalid("Give the sound once: as audioFile, audioUpload or uploadId.", field="audioFile")
        plan = await self._songs.check(viewer, details)
        if upload_id is not None:
            upload = await self._finished(viewer, upload_id)
            if upload.state == UploadState.USED:
                return await self._made(upload)
            return await self._songs.take(plan, await self.resumable.staged(upload), upload, "uploadId")
        if audio_upload is not None:
            async with self._direct(viewer, audio_upload) as upload:
                return await self._songs.take(plan, audio_upload, upload, "audioUpload")
        staged = await self._decode(lowered(audio_file or ""))
        try:
            async with self._direct(viewer, staged) as upload:
                return await self._songs.take(plan, staged, upload, "audioFile")
        finally:
            await self.staging.discard(staged.id)

    async def _finished(self, viewer: Viewer, id: str) -> Upload:
        upload = await self.resumable.get(viewer, id)
        if upload.state == UploadState.OPEN:
            raise Conflict(
                f"{upload.received} of {upload.size} bytes are here: send the rest first.",
                code="UPLOAD_INCOMPLETE",
                field="uploadId",
            )
        if upload.state == UploadState.TAKING:
            raise Conflict("This upload is just becoming a song.", code="UPLOAD_BUSY", field="uploadId")
        return upload

    async def _made(self, upload: Upload) -> Song:
        song = await self._store.songs.get(upload.song_id or "")
        if song is None:
            raise NotFound("There is no such upload.", field="uploadId")
        return song

    @contextlib.asynccontextmanager
    async def _direct(self, viewer: Viewer, staged: StagedFile) -> AsyncIterator[Upload]:
        """The note by which a killed process's half-made song is found; forgotten when it ends well or in words."""
        now = self._clock.now()
        # The same file may be asked for twice in one request.
        id = self._clock.new_id()
        end = now + timedelta(hours=self.limits.keep_hours)
        upload = Upload(id, viewer.require(Role.ARTIST), staged.file_name, staged.size, now, now, end, staged.size)
        upload.state, upload.is_direct = UploadState.COMPLETE.value, True
        await self._store.uploads.insert(upload)
        try:
            yield upload
        finally:
            # One that is still becoming a song stays until it has, or until the sweep.
            await self._store.uploads.delete({"_id": id, "state": {"$ne": UploadState.TAKING.value}})

    async def _decode(self, text: str) -> StagedFile:
        """Base64, bare or as a `data:` URL, as a file. Invalid or TooLarge name the field."""
        found = _DATA_URL.match(text[:200])
        body = text[found.end() :] if found else text
        if len(body) > self.limits.max_base64_bytes:
            raise TooLarge("This is too long for base64: send it as a file or a resumable upload.", field="audioFile")
        body = await asyncio.to_thread(_tidy, body)
        if not body:
            raise Invalid("audioFile must be base64.", field="audioFile")
        writer = await self.staging.begin(self.limits.max_bytes, field="audioFile")
        try:
            for at in range(0, len(body), _SLICE):
                await writer.write(await asyncio.to_thread(binascii.a2b_base64, body[at : at + _SLICE]))
            return await writer.finish("base64", "")
        except BaseException:
            await _abandon(writer)
            raise

    async def sweep(self) -> int:
        """Delete uploads whose time is over and files nobody took, finish what was cut off; how many there were."""
        finished = await self._songs.finish_stuck()
        ended = await self.resumable.sweep()
        oldest = self._clock.now() - timedelta(hours=self.limits.keep_hours)
        return finished + ended + await self.staging.sweep(to_epoch_ms(oldest))

    async def start(self) -> None:
        """Follow the data folder, if it is somewhere else than it was."""
        await follow_move(self._store, self._folder)

    async def stop(self) -> None:
        """Wait for what is being written and cleaned up."""
        await self._songs.stop()
        await self.staging.stop()


async def _abandon(writer: StagedWriter) -> None:
    await asyncio.shield(writer.abandon())


def _tidy(body: str) -> str:
    """The text without blanks; empty when it is not base64."""
    body = _BLANKS.sub("", body)
    return body if len(body) % 4 == 0 and _BASE64.fullmatch(body) else ""
