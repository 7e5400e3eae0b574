"""Files kept open between requests, so that a song asked for in many small ranges is opened and looked up once.

Owns: descriptors, who still reads from them, and noticing that a path leads to another file by now. Refuses to know
what is in the files. An open descriptor keeps a replaced or deleted file whole until its last reader is done.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from services.clock import Clock
from services.errors import Unavailable


class OpenFile:
    """An open file as it was when it was opened. `fd` is for positioned reads only.

    `notes` is for what its users worked out about it and do not want to work out again; it goes with the file.
    """

    __slots__ = ("_doomed", "_users", "checked_at", "fd", "inode", "mtime_ns", "notes", "path", "size")

    def __init__(self, path: str) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
        status = os.fstat(self.fd)
        self.inode = (status.st_dev, status.st_ino)
        self.size = status.st_size
        self.mtime_ns = status.st_mtime_ns
        self.checked_at = 0.0
        self.notes: dict[Hashable, Any] = {}
        self._users = 0
        self._doomed = False

    def unchanged(self) -> bool:
        """Whether the open file itself still has the size and time it was opened with: nobody wrote into it."""
        status = os.fstat(self.fd)
        return status.st_size == self.size and status.st_mtime_ns == self.mtime_ns

    def take(self) -> None:
        """One more reader."""
        self._users += 1

    def release(self) -> None:
        """One reader less; the last one out closes a file that is no longer kept."""
        self._users -= 1
        if self._doomed and not self._users:
            self._close()

    def doom(self) -> None:
        """Keep it no longer: closed now, or when its last reader is done."""
        self._doomed = True
        if not self._users:
            self._close()

    def _close(self) -> None:
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


class OpenFiles:
    """At most `limit` idle descriptors; a path is looked at again when the last look is older than `fresh_s`."""

    def __init__(
        self,
        *,
        clock: Clock,
        in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
        limit: int = 128,
        fresh_s: float = 1.0,
    ) -> None:
        self._clock = clock
        self._in_thread = in_thread
        self._limit = limit
        self._fresh_s = fresh_s
        self._files: OrderedDict[str, OpenFile] = OrderedDict()

    async def open(self, path: str) -> OpenFile:
        """The file at `path`, taken: `release` it. Unavailable when it cannot be opened."""
        now = self._clock.monotonic()
        file = self._files.get(path)
        if file is None or now - file.checked_at >= self._fresh_s:
            file = await self._look(path)
            file.checked_at = now
        self._files.move_to_end(path)
        file.take()
        return file

    def forget(self, path: str) -> None:
        """Look at this path anew next time: somebody noticed that it leads elsewhere."""
        self._let_go(path)

    def close(self) -> None:
        """Let go of everything; files still being read close with their last reader."""
        while self._files:
            self._files.popitem()[1].doom()

    async def _look(self, path: str) -> OpenFile:
        try:
            status = await self._in_thread(lambda: os.stat(path))
            now_there = (status.st_dev, status.st_ino), status.st_size, status.st_mtime_ns
            file = self._files.get(path)
            if file is not None and (file.inode, file.size, file.mtime_ns) == now_there:
                return file
            fresh: OpenFile = await self._in_thread(lambda: OpenFile(path))
        except OSError:
            self._let_go(path)
            raise Unavailable("The song's file is not there just now.", code="SOURCE_MISSING") from None
        self._let_go(path)
        self._files[path] = fresh
        while len(self._files) > self._limit:
            self._files.popitem(last=False)[1].doom()
        return fresh

    def _let_go(self, path: str) -> None:
        old = self._files.pop(path, None)
        if old is not None:
            old.doom()
