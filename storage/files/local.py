"""Files kept in a folder of this machine.

Owns taking the blocking work of a `Folder` to worker threads. Refuses to know what the bytes are.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from storage.files.folder import Folder
from storage.files.interface import CHUNK_BYTES, FileFacts, FilesAway, NoSuchFile, content_key

T = TypeVar("T")

_LISTED_AT_ONCE = 500


class LocalFiles:
    """Files under `root`; `folder` is the same for those who are on a worker thread already."""

    name = "local"

    def __init__(self, root: Path) -> None:
        self.folder = Folder(root)

    @property
    def root(self) -> Path:
        """The folder they lie in."""
        return self.folder.root

    async def start(self) -> None:
        """Nothing has to be started."""

    async def stop(self) -> None:
        """Nothing has to be stopped."""

    async def ping(self) -> str:
        """The folder."""
        return str(self.root)

    async def put(self, key: str, data: bytes) -> FileFacts:
        """Keep these bytes under the key, also after a power cut."""
        await self.put_all({key: data})
        return FileFacts(key, len(data), 0, await asyncio.to_thread(_sha256, data))

    async def put_all(self, files: Mapping[str, bytes]) -> None:
        """Keep several, in this order."""
        await _write(lambda: self.folder.put_all(files))

    async def put_file(self, key: str, source: Path, *, may_link: bool = False) -> FileFacts:
        """Keep a file's bytes, as a second name of it where that is allowed and can be."""
        return await _write(lambda: self.folder.put_file(key, source, may_link=may_link))

    async def put_content(self, folder: str, source: bytes | Path, suffix: str) -> FileFacts:
        """Keep bytes under a key made of their SHA-256."""

        def put() -> FileFacts:
            sha256 = _sha256(source)
            key = content_key(folder, sha256, suffix)
            size = len(source) if isinstance(source, bytes) else source.stat().st_size
            known = self.folder.look(key)
            if known is None or known.size != size:
                if isinstance(source, bytes):
                    self.folder.put(key, source)
                else:
                    self.folder.put_file(key, source)
                known = self.folder.look(key)
            return FileFacts(key, size, known.modified_ns if known else 0, sha256)

        return await _write(put)

    async def get(self, key: str) -> bytes | None:
        """All bytes."""
        return await _read(lambda: self.folder.get(key))

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to `end`, piece by piece."""
        path = self.folder.path(key)
        try:
            fd = await _read(lambda: os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except FileNotFoundError:
            raise NoSuchFile(key) from None
        try:
            at = start
            while end is None or at < end:
                count = CHUNK_BYTES if end is None else min(CHUNK_BYTES, end - at)
                piece = await asyncio.to_thread(os.pread, fd, count, at)
                if not piece:
                    return
                at += len(piece)
                yield piece
        finally:
            os.close(fd)

    async def look(self, key: str) -> FileFacts | None:
        """Size and time."""
        return await _read(lambda: self.folder.look(key))

    async def exists(self, key: str) -> bool:
        """Whether something is kept there."""
        return await _read(lambda: self.folder.exists(key))

    async def delete(self, key: str) -> bool:
        """Forget the key."""
        return await _write(lambda: self.folder.delete(key))

    async def list(self, folder: str = "") -> AsyncIterator[FileFacts]:
        """Every file below a folder, in the order of their keys."""
        found = self.folder.walk(folder)
        while batch := await _read(lambda: tuple(islice(found, _LISTED_AT_ONCE))):
            for facts in batch:
                yield facts

    def local_path(self, key: str) -> Path | None:
        """Where the key's bytes lie."""
        return self.folder.path(key)

    async def url(
        self, key: str, expires_s: int, *, method: str = "GET", content_type: str = "", disposition: str = ""
    ) -> str | None:
        """Nobody but ourselves hands out these files."""
        del key, expires_s, method, content_type, disposition
        return None

    async def sweep(self, before: datetime) -> int:
        """Remove the temporary files of writes that broke off."""
        return await _write(lambda: self.folder.sweep(before_ns=int(before.timestamp() * 1_000_000_000)))


def _sha256(source: bytes | Path) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _read(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except FileNotFoundError:
        raise
    except OSError as fault:
        raise FilesAway(f"The file cannot be read: {fault.strerror or fault}.") from fault


async def _write(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as fault:
        raise FilesAway(f"The file cannot be kept: {fault.strerror or fault}.", "STORAGE_FULL") from fault
