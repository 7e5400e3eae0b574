"""Frames on their way to one player: answers, each of which leaves, and states, of which only the newest does.

Owns the order and the bounds: who has an answer or a state waits for room, and a state that waits in the box is
replaced where it stands. Refuses to know what the frames say.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict


class Outgoing:
    """A bounded box with one taker. A single frame larger than `limit_bytes` passes when the box is empty."""

    def __init__(self, limit_frames: int, limit_bytes: int) -> None:
        self._limit_frames = limit_frames
        self._limit_bytes = limit_bytes
        self._frames: OrderedDict[str | int, bytes] = OrderedDict()
        self._bytes = 0
        self._answers = 0
        self._entering = 0
        # asyncio's lock is fair, so frames enter in the order in which their writers asked.
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is inside and nobody waits to put something in."""
        return not self._frames and not self._entering

    @property
    def waiting_bytes(self) -> int:
        """How many bytes wait."""
        return self._bytes

    async def put(self, frame: bytes) -> None:
        """Add a frame that may not be lost, waiting while there is no room. Dropped when the box is closed."""
        self._answers += 1
        await self._enter(self._answers, frame)

    async def show(self, topic: str, frame: bytes) -> None:
        """Add the newest state of a topic; one that has not left yet is forgotten."""
        await self._enter(topic, frame)

    def take(self) -> bytes | None:
        """The oldest frame, None when there is none."""
        if not self._frames:
            return None
        _, frame = self._frames.popitem(last=False)
        self._bytes -= len(frame)
        self._room.set()
        return frame

    def drop(self, topic: str) -> None:
        """Forget the state of a topic, if it has not left yet."""
        frame = self._frames.pop(topic, None)
        if frame is not None:
            self._bytes -= len(frame)
            self._room.set()

    def close(self) -> None:
        """Take no more; what is inside may still leave. Everybody who waits for room goes on."""
        self._closed = True
        self._room.set()

    async def _enter(self, key: str | int, frame: bytes) -> None:
        self._entering += 1
        try:
            async with self._turn:
                while not self._closed and not self._fits(key, frame):
                    self._room.clear()
                    await self._room.wait()
                if not self._closed:
                    self._bytes += len(frame) - len(self._frames.get(key, b""))
                    self._frames[key] = frame
        finally:
            self._entering -= 1

    def _fits(self, key: str | int, frame: bytes) -> bool:
        old = self._frames.get(key)
        if not self._frames or (old is not None and len(self._frames) == 1):
            return True
        more_frames = len(self._frames) + (old is None)
        return more_frames <= self._limit_frames and self._bytes + len(frame) - len(old or b"") <= self._limit_bytes
