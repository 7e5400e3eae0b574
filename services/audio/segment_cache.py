"""The bounded cache of encoded sound on disk: segments, whole renditions, decoded sources.

Owns: a directory, the sum of its bytes, what may be thrown away and when; a file appears complete or not at all.
Refuses to know what the bytes mean. What is being read is never evicted. Disk work happens on worker threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from services.clock import Clock
from services.errors import Unavailable

log = logging.getLogger("tutti.audio")
T = TypeVar("T")

_KEY = re.compile(r"[0-9a-f]{16,64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}")
_UNFINISHED = "unfinished-"

Entry = tuple[str, str]
"""A key (hexadecimal: what the bytes are made from) and a name (which part of it)."""


class SegmentCache:
    """Files by (key, name) under `root`, at most `limit_bytes` together; the least recently used go first."""

    def __init__(self, root: Path, limit_bytes: int, *, clock: Clock, threads: int = 4) -> None:
        self._root = root
        self._limit_bytes = limit_bytes
        self._clock = clock
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="audio-disk")
        self._sizes: OrderedDict[Entry, int] = OrderedDict()
        self._names: dict[str, set[str]] = {}
        self._held: Counter[Entry] = Counter()
        self._doomed: set[Entry] = set()
        self._used_bytes = 0
        self._stopped = False
        self.hits = 0
        self.misses = 0
        self.evictions = 0

    @property
    def limit_bytes(self) -> int:
        """The bound."""
        return self._limit_bytes

    @property
    def used_bytes(self) -> int:
        """Bytes of all files."""
        return self._used_bytes

    async def start(self) -> None:
        """Take stock of what an earlier run left, oldest first, and remove what it had not finished.

        The directory belongs to one process (`cache_folder.py` gives each its own).
        """
        for entry, size in await self.in_thread(self._take_stock):
            self._note(entry, size)
        await self._evict()

    async def stop(self) -> None:
        """Let the threads finish. Safe to call twice."""
        self._stopped = True
        await asyncio.to_thread(self._workers.shutdown)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking disk work on one of the cache's threads. Unavailable once it has been stopped."""
        if self._stopped:
            raise Unavailable("The server is stopping.", code="STOPPING")
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def tell(self, *, found: bool) -> None:
        """Count that something was wanted, and `found` here or not."""
        self.hits, self.misses = self.hits + found, self.misses + (not found)

    def has(self, key: str, name: str) -> bool:
        """Whether the file is there, as far as the books say."""
        return (key, name) in self._sizes

    def names(self, key: str) -> frozenset[str]:
        """Names of everything kept under `key`."""
        return frozenset(self._names.get(key, ()))

    def path(self, key: str, name: str) -> Path:
        """Where the file is or would be."""
        return self._root / key[:2] / key / name

    @contextlib.contextmanager
    def hold(self, key: str, name: str) -> Iterator[Path | None]:
        """The path of a file that stays while the block runs; None when it is not there."""
        entry = (key, name)
        if entry not in self._sizes:
            yield None
            return
        self._sizes.move_to_end(entry)
        self._held[entry] += 1
        try:
            yield self.path(key, name)
        finally:
            self._held[entry] -= 1
            if not self._held[entry]:
                del self._held[entry]
                if entry in self._doomed:
                    self._doomed.discard(entry)
                    self._delete(*entry)

    async def read(
        self,
        key: str,
        name: str,
        start: int = 0,
        end: int | None = None,
        *,
        check: Callable[[bytes], None] | None = None,
    ) -> bytes | None:
        """The bytes from `start` up to `end` (or all); None when the file is not there, or has gone behind our back.

        `check` looks at them on the same thread; what it raises is raised.
        """
        with self.hold(key, name) as path:
            if path is None:
                return None
            try:
                return await self.in_thread(lambda: _read(path, start, end, check))
            except OSError:
                self._strike(key, name)
                return None

    async def write(self, key: str, name: str, data: bytes) -> None:
        """Keep `data`, complete or not at all. More than the whole bound is quietly not kept."""
        if len(data) <= self._limit_bytes:
            await self.make(key, name, lambda path: path.write_bytes(data))

    async def make(self, key: str, name: str, fill: Callable[[Path], object]) -> None:
        """Let `fill` write a new file (on a worker thread), then take it in under (key, name).

        A disk that refuses is logged: it costs speed, not sound, for what was to be kept is served anyway.
        """
        _check(key, name)
        temporary, final = self.temporary(name), self.path(key, name)
        await self._take(key, name, lambda: _fill(temporary, fill, final))

    def temporary(self, name: str) -> Path:
        """A fresh path to write to and hand to `adopt`. Left behind by a crash, it is removed at the next start."""
        return self._root / f"{_UNFINISHED}{self._clock.new_id().lower()}-{name}"

    async def adopt(self, key: str, name: str, temporary: Path) -> None:
        """Take in a complete file written to a path from `temporary`; it is gone from there in any case."""
        _check(key, name)
        await self._take(key, name, lambda: _fill(temporary, lambda _: None, self.path(key, name)))

    async def _take(self, key: str, name: str, work: Callable[[], int]) -> None:
        moving = asyncio.get_running_loop().run_in_executor(self._workers, work)
        try:
            size = await asyncio.shield(moving)
        except OSError as error:
            log.warning("audio cache cannot be written", extra={"reason": error.strerror})
            return
        except asyncio.CancelledError:
            # The thread cannot be stopped; what it puts there still has to come into the books.
            moving.add_done_callback(lambda done: None if done.exception() else self._note((key, name), done.result()))
            raise
        self._note((key, name), size)
        await self._evict()

    async def join(
        self, key: str, parts: Sequence[str], whole: str, *, head: bytes = b"", skipped_bytes: int = 0
    ) -> bool:
        """Make one file of `head` and `parts` in their order and drop them; of the first, not its `skipped_bytes`.

        False when one is missing or it would not fit.
        """
        total = sum(self._sizes.get((key, part), 0) for part in parts)
        if total * 2 > self._limit_bytes or any(not self.has(key, part) for part in parts):
            return False
        with contextlib.ExitStack() as stack:
            paths = [path for part in parts if (path := stack.enter_context(self.hold(key, part))) is not None]
            await self.make(key, whole, lambda target: _concatenate(head, paths, skipped_bytes, target))
        if not self.has(key, whole):
            return False
        for part in parts:
            await self.drop(key, part)
        return True

    async def drop(self, key: str, name: str) -> None:
        """Forget one file and delete it: now, or when the last who reads it just now is done."""
        self._strike(key, name)
        if (key, name) in self._held:
            self._doomed.add((key, name))
            return
        path = self.path(key, name)
        await self.in_thread(lambda: _unlink(path))

    async def empty(self) -> None:
        """Drop every file that nobody reads just now."""
        for entry in [each for each in self._sizes if not self._held[each]]:
            await self.drop(*entry)

    def _delete(self, key: str, name: str) -> None:
        # After `stop` it stays: the next start takes stock of it, and it is still what its name says.
        if not self._stopped:
            path = self.path(key, name)
            asyncio.get_running_loop().run_in_executor(self._workers, lambda: _unlink(path))

    def _strike(self, key: str, name: str) -> None:
        self._used_bytes -= self._sizes.pop((key, name), 0)
        names = self._names.get(key, set())
        names.discard(name)
        if not names:
            self._names.pop(key, None)

    def _note(self, entry: Entry, size: int) -> None:
        # Written anew, it is not the file that was to go.
        self._doomed.discard(entry)
        self._used_bytes += size - self._sizes.pop(entry, 0)
        self._sizes[entry] = size
        self._names.setdefault(entry[0], set()).add(entry[1])

    async def _evict(self) -> None:
        if self._used_bytes <= self._limit_bytes:
            return
        for entry in list(self._sizes):
            if self._used_bytes <= self._limit_bytes:
                return
            if not self._held[entry] and entry in self._sizes:
                self.evictions += 1
                await self.drop(*entry)

    def _take_stock(self) -> list[tuple[Entry, int]]:
        found = []
        self._root.mkdir(parents=True, exist_ok=True)
        for path in self._root.iterdir():
            if path.name.startswith(_UNFINISHED):
                path.unlink(missing_ok=True)
        for path in self._root.glob("??/*/*"):
            status = path.stat()
            if _KEY.fullmatch(path.parent.name) and _NAME.fullmatch(path.name):
                found.append((status.st_mtime_ns, (path.parent.name, path.name), status.st_size))
        return [(entry, size) for _, entry, size in sorted(found)]


def _check(key: str, name: str) -> None:
    if not _KEY.fullmatch(key) or not _NAME.fullmatch(name):
        raise ValueError(f"not a cache entry: {key}/{name}")


def _fill(temporary: Path, fill: Callable[[Path], object], final: Path) -> int:
    try:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        fill(temporary)
        size = temporary.stat().st_size
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            temporary.rename(final)
        except FileNotFoundError:
            # An eviction removed the directory, empty just then, between the two steps.
            final.parent.mkdir(parents=True, exist_ok=True)
            temporary.rename(final)
    finally:
        temporary.unlink(missing_ok=True)
    return size


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()


def _read(path: Path, start: int, end: int | None, check: Callable[[bytes], None] | None) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        data = file.read() if end is None else file.read(end - start)
    if check is not None:
        check(data)
    return data


def _concatenate(head: bytes, paths: Sequence[Path], skipped_bytes: int, target: Path) -> None:
    with target.open("wb") as whole:
        whole.write(head)
        for path in paths:
            with path.open("rb") as part:
                part.seek(0 if whole.tell() > len(head) else skipped_bytes)
                shutil.copyfileobj(part, whole, 1 << 18)
        whole.flush()
        os.fsync(whole.fileno())
