"""Segments in the making, as far as they have come: whoever listens hears the beginning before the end is encoded.

Owns what is there of each, who is told when it becomes more, and work that goes on after its listener has all that was
wanted of it. Refuses to know how segments are made and in whose turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from services.audio.codecs.geometry import Geometry

Place = tuple[str, int]
"""A rendition's key, and which of its segments."""


class Growing:
    """One segment: `data` is its beginning. It only grows, unless its making begins again."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.users = 0
        self._change = asyncio.Event()

    def wake(self) -> None:
        """Tell everybody who waits that there is more, or that it is done."""
        change, self._change = self._change, asyncio.Event()
        change.set()

    async def change(self) -> None:
        """Until `wake` is called."""
        await self._change.wait()


class Feed:
    """One making of a segment. Of two at once, as when one is being given up, only the later is heard."""

    def __init__(self, growing: Growing, geometry: Geometry, index: int) -> None:
        self._growing = growing
        self._geometry = geometry
        self._index = index
        self._data = growing.data = bytearray()

    @property
    def begun(self) -> bool:
        """Whether anything has been heard of it."""
        return bool(self._data)

    def settled(self, encoded: bytearray) -> bytes:
        """What the encoder's answer so far adds to the segment, for a thread. BadFrames when it is something else."""
        return self._geometry.further(self._index, encoded, len(self._data))

    def add(self, piece: bytes) -> None:
        """Let it be heard."""
        self._data.extend(piece)
        if self._growing.data is self._data:
            self._growing.wake()


class Arriving:
    """One segment on its way to one listener, who calls `close` or `leave` at the end."""

    def __init__(self, home: GrowingSegments, place: Place, making: Coroutine[Any, Any, bytes]) -> None:
        self._home = home
        self._place = place
        self._growing = home.enter(place)
        self._task = asyncio.create_task(making, name=f"segment-{place[1]}")
        self._task.add_done_callback(self._ended)
        self._gone = False

    @property
    def complete(self) -> bool:
        """Whether all of it is there."""
        return self._task.done() and not self._task.cancelled() and self._task.exception() is None

    async def beyond(self, at: int) -> bytes | bytearray:
        """Its beginning as soon as that is longer than `at` bytes, or all of it. Raises what its making raised."""
        while not self._task.done():
            if len(self._growing.data) > at:
                return self._growing.data
            await self._growing.change()
        return self._task.result()

    async def whole(self) -> bytes:
        """All of it. Raises what its making raised."""
        await asyncio.wait([self._task])
        return self._task.result()

    async def close(self) -> None:
        """Nobody wants it any more: unless others do, its making ends. Safe to call twice."""
        self._exit()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def leave(self) -> None:
        """The listener has heard what was wanted; the rest is made for whoever comes next."""
        self._exit()
        self._home.finish(self._task)

    def _ended(self, task: asyncio.Task[bytes]) -> None:
        if not task.cancelled():
            # Whoever still listens is told; that nobody does is no error of its own.
            task.exception()
        self._growing.wake()

    def _exit(self) -> None:
        if not self._gone:
            self._gone = True
            self._home.exit(self._place)


class GrowingSegments:
    """All segments that somebody makes or waits for just now, so as many as those at most."""

    def __init__(self) -> None:
        self._growing: dict[Place, Growing] = {}
        self._finishing: set[asyncio.Task[bytes]] = set()

    async def stop(self) -> None:
        """Give up what goes on without a listener. Safe to call twice."""
        finishing = list(self._finishing)
        for task in finishing:
            task.cancel()
        await asyncio.gather(*finishing, return_exceptions=True)

    @contextmanager
    def making(self, place: Place, geometry: Geometry) -> Iterator[Feed]:
        """What is made within the block is heard as it comes."""
        growing = self.enter(place)
        try:
            yield Feed(growing, geometry, place[1])
        finally:
            self.exit(place)

    def enter(self, place: Place) -> Growing:
        """The segment, kept until every `enter` has had its `exit`."""
        growing = self._growing.setdefault(place, Growing())
        growing.users += 1
        return growing

    def exit(self, place: Place) -> None:
        """One user less."""
        growing = self._growing[place]
        growing.users -= 1
        if not growing.users:
            del self._growing[place]

    def finish(self, task: asyncio.Task[bytes]) -> None:
        """Wait for it in the listener's stead. Its failure is told to whoever asks for the segment next."""
        if not task.done():
            self._finishing.add(task)
            task.add_done_callback(self._finishing.discard)
