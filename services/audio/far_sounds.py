"""Sounds that lie in the store of files and not on this machine: read in ranges, or fetched once to be worked on.

Owns the scheme `files:KEY` in a record's path, and whole copies in the bounded cache, held while somebody reads them.
Refuses to know who may hear a song.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from services.audio.segment_cache import SegmentCache
from services.errors import Unavailable
from storage.files import Files, NoSuchFile

SCHEME = "files:"
_COPIED_BYTES = 1 << 20


def path_of_key(key: str) -> str:
    """What a record says as the path of a file in the store of files."""
    return SCHEME + key


def key_of_path(path: str) -> str | None:
    """The key of a file in the store of files; None for a path on this machine."""
    return path.removeprefix(SCHEME) if path.startswith(SCHEME) else None


@dataclass(slots=True)
class FarFile:
    """A file elsewhere, as its record describes it: what an `OpenFile` is for one on this machine."""

    path: str
    size: int
    mtime_ns: int
    notes: dict[Hashable, Any] = field(default_factory=dict)

    def release(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class FarSound:
    """One original in the store of files, as it is about to be sent."""

    sounds: FarSounds
    path: str
    content_type: str

    async def address(self, method: str, disposition: str) -> str | None:
        """A signed address to send the listener to; None where the bytes are to be passed on."""
        return await self.sounds.address(
            self.path, method=method, content_type=self.content_type, disposition=disposition
        )

    def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes `start` up to `end`."""
        return self.sounds.read(self.path, start, end)


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class FarSounds:
    """Reads `files:KEY`. `fetched` counts the objects that were brought here whole."""

    def __init__(self, files: Files, cache: SegmentCache, *, redirect_s: int = 0) -> None:
        self._files = files
        self._cache = cache
        self._turns: dict[str, _Turn] = {}
        self.redirect_s = redirect_s
        self.fetched = 0

    def local(self, path: str) -> str | None:
        """Where a recorded path leads on this machine; None when its bytes are elsewhere."""
        key = key_of_path(path)
        if key is None:
            return path
        found = self._files.local_path(key)
        return None if found is None else str(found)

    async def address(self, path: str, *, method: str, content_type: str, disposition: str) -> str | None:
        """A signed address of the store's own to send listeners to; None where the settings do not want that."""
        key = key_of_path(path)
        if key is None or not self.redirect_s:
            return None
        return await self._files.url(
            key, self.redirect_s, method=method, content_type=content_type, disposition=disposition
        )

    async def read(self, path: str, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes `start` up to `end`, passed through piece by piece; close it to end the request.

        Unavailable when the object is not there or ends early.
        """
        key = key_of_path(path)
        assert key is not None
        at = start
        try:
            async with contextlib.aclosing(self._files.read(key, start, end)) as pieces:
                async for piece in pieces:
                    at += len(piece)
                    yield piece
        except NoSuchFile:
            raise _missing() from None
        if at < end:
            raise Unavailable("The song's file is shorter than it was.", code="SOURCE_BROKEN")

    @contextlib.asynccontextmanager
    async def at_hand(self, path: str, size: int) -> AsyncIterator[str]:
        """A path on this machine with the bytes of a recorded path, for as long as the block runs.

        An object is fetched whole, once for all who ask at the same time, and stays in the cache for the next ones.
        Unavailable when it is not there, has another size than recorded, or does not fit into the cache.
        """
        near = self.local(path)
        if near is not None:
            yield near
            return
        key, name = self._entry(path, size)
        turn = self._turns.setdefault(key, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                if not self._cache.has(key, name):
                    await self._fetch(path, size, key, name)
                held = self._cache.hold(key, name)
                copy = held.__enter__()
        finally:
            turn.users -= 1
            if not turn.users:
                self._turns.pop(key, None)
        try:
            if copy is None:
                raise Unavailable("The audio cache has no room for this song.", code="CACHE_FULL")
            yield str(copy)
        finally:
            held.__exit__(None, None, None)

    def _entry(self, path: str, size: int) -> tuple[str, str]:
        key = key_of_path(path) or path
        # The suffix tells a decoder nothing, but people who look into the cache.
        suffix = PurePosixPath(key).suffix.lower()
        return _hash(f"{path}|{size}"), f"object{suffix if suffix.isascii() else ''}"

    async def _fetch(self, path: str, size: int, key: str, name: str) -> None:
        temporary = self._cache.temporary(name)
        in_thread = self._cache.in_thread
        try:
            self.fetched += 1
            file: BinaryIO = await in_thread(lambda: _create(temporary))
            try:
                held = bytearray()
                async with contextlib.aclosing(self.read(path, 0, size)) as pieces:
                    async for piece in pieces:
                        held += piece
                        if len(held) >= _COPIED_BYTES:
                            full, held = held, bytearray()
                            await in_thread(lambda full=full: file.write(full))  # type: ignore[misc]
                await in_thread(lambda: _finish(file, held))
            finally:
                file.close()
            await self._cache.adopt(key, name, temporary)
        except OSError as fault:
            raise Unavailable(f"The song cannot be fetched: {fault.strerror or fault}.", code="STORAGE_FULL") from fault
        finally:
            await asyncio.shield(asyncio.to_thread(temporary.unlink, missing_ok=True))


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


def _finish(file: BinaryIO, rest: bytearray) -> None:
    file.write(rest)
    file.flush()
    # What the cache says it has, it has, also after a power cut.
    os.fsync(file.fileno())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _missing() -> Unavailable:
    return Unavailable("The song's file is not there just now.", code="SOURCE_MISSING")
