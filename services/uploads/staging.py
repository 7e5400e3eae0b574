"""Files on their way in: written to disk as they arrive, never held in memory, gone when nobody took them.

Owns the staging folder, the writing in pieces and what a full disk means. Refuses to know what the bytes are and who
sends them.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from services.clock import Clock
from services.errors import Conflict, TooLarge, Unavailable
from storage.files import Folder

PIECE_BYTES = 1 << 20
FOLDER = "uploads/staging"


@dataclass(frozen=True, slots=True, eq=False)
class StagedFile:
    """A whole file that waits on disk. Its name and type are what the sender says: shown, never trusted."""

    id: str
    path: Path
    size: int
    file_name: str
    content_type: str


class StagedWriter:
    """One file being written: at most one piece of 1 MB is held in memory. Close it with `finish` or `abandon`."""

    def __init__(self, id: str, path: Path, file: BinaryIO, offset: int, limit_bytes: int, field: str) -> None:
        self.id = id
        self.path = path
        self.offset = offset
        self._file = file
        self._limit_bytes = limit_bytes
        self._field = field
        self._held = bytearray()
        self._turn = asyncio.Lock()

    @property
    def received(self) -> int:
        """Bytes taken so far, those still held included."""
        return self.offset + len(self._held)

    async def cut_back(self) -> None:
        """Drop what lies behind the offset: bytes that nobody acknowledged. Unavailable when too few are there."""
        async with self._turn:
            size = await asyncio.to_thread(_cut, self._file, self.offset)
            if size < self.offset:
                raise Unavailable("What was sent of this upload is gone.", code="UPLOAD_LOST", field=self._field)

    async def write(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes. TooLarge beyond the limit, Unavailable when the disk refuses them."""
        async with self._turn:
            if self.received + len(chunk) > self._limit_bytes:
                raise TooLarge(f"An upload may have {self._limit_bytes} bytes.", field=self._field)
            self._held += chunk
            if len(self._held) >= PIECE_BYTES:
                await self._put_down(sync=False)

    async def sync(self) -> int:
        """Everything taken is on disk for good; how many bytes the file has."""
        async with self._turn:
            await self._put_down(sync=True)
            return self.offset

    async def finish(self, file_name: str, content_type: str) -> StagedFile:
        """The whole file."""
        async with self._turn:
            await self._put_down(sync=False)
            self._file.close()
        return StagedFile(self.id, self.path, self.offset, file_name, content_type)

    async def close(self) -> None:
        """Leave the file as it is; what is still held is forgotten."""
        async with self._turn:
            self._held.clear()
            await asyncio.to_thread(self._file.close)

    async def abandon(self) -> None:
        """Nobody wants it any more."""
        await self.close()
        await asyncio.to_thread(self.path.unlink, missing_ok=True)

    async def _put_down(self, *, sync: bool) -> None:
        held, self._held = self._held, bytearray()
        try:
            await asyncio.to_thread(_write, self._file, self.offset, held, sync)
        except OSError as fault:
            raise Unavailable(
                f"The upload cannot be kept: {fault.strerror or fault}.", code="STORAGE_FULL", field=self._field
            ) from fault
        self.offset += len(held)


class Staging:
    """The staging folder under the data directory. Owns the tasks that clean up behind senders who left."""

    def __init__(self, folder: Folder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._leaving: set[asyncio.Task[None]] = set()

    def path(self, id: str) -> Path:
        """Where the upload of that id is written."""
        return self._folder.path(f"{FOLDER}/{id}")

    async def begin(self, limit_bytes: int, *, field: str) -> StagedWriter:
        """A new file of at most `limit_bytes`; refusals name `field`."""
        id = self._clock.new_id()
        return await self._open(id, 0, limit_bytes, field, new=True)

    async def resume(self, id: str, offset: int, size: int, *, field: str) -> StagedWriter:
        """A file to go on with at `offset`, for this caller alone. Conflict while another request is writing it.

        Nothing in it changes before `cut_back`: who had it until now may have written more than the caller knows.
        """
        return await self._open(id, offset, size, field, new=False)

    async def _open(self, id: str, offset: int, limit_bytes: int, field: str, *, new: bool) -> StagedWriter:
        path = self.path(id)
        file = await self._opened(path, new=new, field=field)
        return StagedWriter(id, path, file, offset, limit_bytes, field)

    async def _opened(self, path: Path, *, new: bool, field: str) -> BinaryIO:
        try:
            return await asyncio.to_thread(_open, path, new)
        except BlockingIOError as fault:
            raise Conflict("Another request is writing this upload.", code="UPLOAD_BUSY") from fault
        except OSError as fault:
            raise Unavailable(
                f"The upload cannot be kept: {fault.strerror or fault}.", code="STORAGE_FULL", field=field
            ) from fault

    async def discard(self, id: str) -> None:
        """Forget a file, there or not."""
        await asyncio.to_thread(self.path(id).unlink, missing_ok=True)

    @contextlib.asynccontextmanager
    async def held(self, id: str) -> AsyncIterator[None]:
        """Hold an upload while it becomes a song: `is_let_go` tells when a process died over it."""
        file = await self._opened(self._holder(id), new=False, field="audioFile")
        try:
            yield
        finally:
            await self.let_go(id)
            file.close()

    async def let_go(self, id: str) -> None:
        """Nobody holds this upload any more, and nobody has to look after it."""
        await asyncio.to_thread(self._holder(id).unlink, missing_ok=True)

    async def is_let_go(self, id: str) -> bool:
        """Whether an upload was held on this machine by a process that is no more. False when it never was here."""
        return await asyncio.to_thread(_is_let_go, self._holder(id))

    def _holder(self, id: str) -> Path:
        return self.path(f"{id}.held")

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Clean up behind somebody who left, without making anybody wait for it; `stop` does."""
        task = asyncio.create_task(work, name="upload cleanup")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def stop(self) -> None:
        """Wait for the cleaning up."""
        await asyncio.gather(*self._leaving)

    async def sweep(self, older_than_ms: int) -> int:
        """Remove files nobody has written to since a moment; how many went. Uploads in use are written to or newer."""
        return await asyncio.to_thread(_sweep, self._folder.path(FOLDER), older_than_ms)


def _open(path: Path, new: bool) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_CREAT | (os.O_EXCL if new else 0)
    file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
    try:
        # Held until the file is closed, by this process's end at the latest.
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        file.close()
        raise
    return file


def _is_let_go(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


def _cut(file: BinaryIO, offset: int) -> int:
    size = os.fstat(file.fileno()).st_size
    if size > offset:
        os.ftruncate(file.fileno(), offset)
    return min(size, offset)


def _write(file: BinaryIO, offset: int, data: bytearray, sync: bool) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file.fileno(), view, offset)
        view, offset = view[written:], offset + written
    if sync:
        os.fsync(file.fileno())


def _sweep(folder: Path, older_than_ms: int) -> int:
    swept = 0
    if not folder.is_dir():
        return 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime_ns // 1_000_000 < older_than_ms:
                path.unlink()
                swept += 1
    return swept
