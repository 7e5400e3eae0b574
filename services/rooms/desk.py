"""The desk where rooms are read and stepped on: one guarded write for each step, news after it.

Owns the guard: a step is worked out on the newest state known, written only if the store is still at that revision,
and worked out anew otherwise. Refuses to know what a step does and who may; `reducer.py` says both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from weakref import WeakValueDictionary

from services.clock import Clock
from services.errors import Conflict, TuttiError
from services.events import Bus, RoomChanged, SessionEnded
from services.rooms.memory import RoomMemory
from services.rooms.pace import Moment, lead_ms
from services.rooms.presence import RoomPresence
from services.rooms.reducer import Step, apply, tick
from services.rooms.rights import RoomRole, no_such_room
from services.timing.house_time import HouseTime
from services.typed_text import is_id
from storage.collections.store import Store
from storage.records.room import Room

ATTEMPTS = 20
"""How often a step is worked out anew; only other processes can be in the way, for one process takes turns."""

Work = Callable[[Room, Moment], Room]


class RoomDesk:
    """Reads and steps single rooms."""

    def __init__(
        self, store: Store, clock: Clock, bus: Bus, house_time: HouseTime, memory: RoomMemory, presence: RoomPresence
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._house_time = house_time
        self._memory = memory
        self._presence = presence
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, room_id: str, *, fresh: bool = False) -> Room:
        """The newest state of a room; `fresh` asks the store. NotFound for none."""
        room = await self._memory.newest(room_id, fresh=fresh) if is_id(room_id) else None
        if room is None:
            raise no_such_room()
        return room

    async def open(self, room: Room, step: Step) -> Room:
        """Put a new room on the shelf, after its first step."""
        made = apply(room, await self.moment(room.id), step)
        await self._store.rooms.insert(made)
        self._memory.put(made)
        self._bus.publish(RoomChanged(made.id, made.rev))
        return made

    async def change(
        self,
        room_id: str,
        step: Step,
        *,
        by_id: str | None = None,
        op_id: str | None = None,
        playing_base_rev: int | None = None,
    ) -> Room:
        """The room after somebody's step. NotFound, Conflict (BUSY), Stale, and whatever the step raises."""

        def work(room: Room, moment: Moment) -> Room:
            return apply(room, moment, step, by_id=by_id, op_id=op_id, playing_base_rev=playing_base_rev)

        return await self._work(room_id, work)

    async def tick(self, room_id: str, here: Collection[str] | None, losses: Mapping[str, str]) -> Room:
        """The room after what time brought."""
        return await self._work(room_id, lambda room, moment: tick(room, moment, here=here, losses=losses))

    async def moment(self, room_id: str) -> Moment:
        """Now, and how far ahead a start lies for the members who are there."""
        reports = await self._presence.reports(room_id)
        return Moment(self._house_time.now_ms(), lead_ms((reports or {}).values()))

    async def _work(self, room_id: str, work: Work) -> Room:
        if not is_id(room_id):
            raise no_such_room()
        turn = self._turns.setdefault(room_id, asyncio.Lock())
        async with turn:
            fresh = False
            for _ in range(ATTEMPTS):
                room = await self.read(room_id, fresh=fresh)
                moment = await self.moment(room_id)
                try:
                    after = work(room, moment)
                except TuttiError:
                    if fresh:
                        raise
                    after = room
                if after is room:
                    # Nothing to do, or refused: on the newest state there is, not on what we remember.
                    if fresh:
                        return room
                    fresh = True
                    continue
                after = replace(after, updated_at=self._clock.now())
                if await self._store.rooms.write_step(room, after):
                    self._memory.put(after)
                    if after.rev > room.rev:
                        self._tell(room, after)
                    return after
                fresh = True
        raise Conflict("Too much happens in this room just now; try again.", code="BUSY")

    def _tell(self, before: Room, after: Room) -> None:
        self._bus.publish(RoomChanged(after.id, after.rev))
        stay = set() if after.closed else {member.id for member in after.members}
        if before.members is not after.members or after.closed != before.closed:
            for member in before.members:
                if member.role == RoomRole.GUEST and member.id not in stay:
                    # A guest is nobody outside the room: their sockets and streams end with their stay.
                    self._bus.publish(SessionEnded(member.id, member.id))
