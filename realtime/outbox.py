"""Frames on their way to one client: first in first out, bounded in count and bytes, waiting instead of growing.

Owns the queue and who waits for room in it. Refuses to know what the frames say.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Outbox:
    """A bounded queue with one reader. A single frame larger than `limit_bytes` passes when the box is empty."""

    def __init__(self, limit_frames: int, limit_bytes: int) -> None:
        self._limit_frames = limit_frames
        self._limit_bytes = limit_bytes
        self._frames: deque[tuple[bytes, object | None]] = deque()
        self._bytes = 0
        # asyncio's lock is fair, so frames enter in the order in which their writers asked.
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._filled = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._frames)

    async def put(self, frame: bytes, owner: object | None = None) -> None:
        """Queue a frame, waiting while there is no room. Dropped when the box is closed."""
        async with self._turn:
            while not self._closed and not self._fits(frame):
                self._room.clear()
                await self._room.wait()
            if not self._closed:
                self._frames.append((frame, owner))
                self._bytes += len(frame)
                self._filled.set()

    async def take(self) -> bytes | None:
        """The oldest frame, waiting for one; None when the box is closed and empty."""
        while not self._frames:
            if self._closed:
                return None
            self._filled.clear()
            await self._filled.wait()
        frame, _ = self._frames.popleft()
        self._bytes -= len(frame)
        self._room.set()
        return frame

    def drop_all(self, unwanted: Callable[[object | None], bool]) -> None:
        """Forget the frames of unwanted owners that have not left yet."""
        self._frames = deque(entry for entry in self._frames if not unwanted(entry[1]))
        self._bytes = sum(len(frame) for frame, _ in self._frames)
        self._room.set()

    def close(self) -> None:
        """Take no more; what is inside may still be taken. Everybody who waits for room goes on."""
        self._closed = True
        self._filled.set()
        self._room.set()

    def _fits(self, frame: bytes) -> bool:
        if not self._frames:
            return True
        return len(self._frames) < self._limit_frames and self._bytes + len(frame) <= self._limit_bytes
