"""The newest state of rooms in this process, so that a thousand followers cost the store one read.

Owns a bounded memory that never goes back: of two states the later stays, and once word came that a room is at a
revision, nothing older is shown. Refuses to know what a room is about.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.clock import Clock
from storage.records.room import Room

FRESH_S = 2.0
"""How long a state is believed without word from other processes: they tell, but a note may get lost."""


@dataclass(slots=True)
class _Kept:
    room: Room
    read_s: float


class RoomMemory:
    """At most `limit` rooms, the longest unused forgotten first."""

    def __init__(self, read: Callable[[str], Awaitable[Room | None]], clock: Clock, *, limit: int = 500) -> None:
        self._read = read
        self._clock = clock
        self._limit = limit
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._told: OrderedDict[str, int] = OrderedDict()
        self._reading: dict[str, asyncio.Task[Room | None]] = {}

    async def newest(self, room_id: str, *, fresh: bool = False) -> Room | None:
        """The room; `fresh` reads it anew. None when there is no such room."""
        kept = self._kept.get(room_id)
        if kept is not None and not fresh and self._believes(kept):
            self._kept.move_to_end(room_id)
            return kept.room
        # Reading begins after the question, or it might miss what was written before.
        room = await (self._look(room_id) if fresh else self._shared_look(room_id))
        if room is not None and room.rev < self._told.get(room_id, 0):
            room = await self._look(room_id)
        return room

    def put(self, room: Room) -> Room:
        """Keep a state, unless a later one is kept; the one that is kept now."""
        kept = self._kept.get(room.id)
        newest = room if kept is None or room.rev >= kept.room.rev else kept.room
        self._kept[room.id] = _Kept(newest, self._clock.monotonic())
        self._kept.move_to_end(room.id)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return newest

    def recall(self, room_id: str) -> Room | None:
        """What is remembered, without asking anybody."""
        kept = self._kept.get(room_id)
        return None if kept is None else kept.room

    def heard(self, room_id: str, rev: int) -> None:
        """Somewhere the room came to this revision: show nothing older from now on."""
        self._told[room_id] = max(rev, self._told.pop(room_id, 0))
        if len(self._told) > self._limit:
            self._told.popitem(last=False)

    def doubt(self) -> None:
        """Words of other processes were missed: read every room anew."""
        self._kept.clear()

    def forget(self, room_id: str) -> None:
        """Read it anew next time."""
        self._kept.pop(room_id, None)

    async def stop(self) -> None:
        """End the reads that are under way."""
        tasks = list(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _believes(self, kept: _Kept) -> bool:
        if kept.room.rev < self._told.get(kept.room.id, 0):
            return False
        return self._clock.monotonic() - kept.read_s < FRESH_S

    async def _shared_look(self, room_id: str) -> Room | None:
        task = self._reading.get(room_id)
        if task is None:
            task = asyncio.create_task(self._look(room_id), name=f"room-read-{room_id}")
            self._reading[room_id] = task
            task.add_done_callback(lambda done: self._read_over(room_id, done))
        return await asyncio.shield(task)

    def _read_over(self, room_id: str, task: asyncio.Task[Room | None]) -> None:
        self._reading.pop(room_id, None)
        if not task.cancelled():
            # Those who waited were told; when all of them have left, nobody is.
            task.exception()

    async def _look(self, room_id: str) -> Room | None:
        room = await self._read(room_id)
        if room is None:
            self.forget(room_id)
            return None
        return self.put(room)
