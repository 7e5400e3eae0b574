"""Looks after rooms: renews the seats of this process, and lets time do to each room what is due.

Owns one task, which runs while somebody sits here or something is due, and who looks after which room: one process,
as long as it lives; then another. Refuses to know what time does to a room.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from services.clock import Clock
from services.errors import TuttiError
from services.events import Bus, CatalogueChanged, Event, RoomChanged
from services.rooms.bounds import LEASE_S
from services.rooms.desk import RoomDesk
from services.rooms.losses import RoomLosses
from services.rooms.memory import RoomMemory
from services.rooms.pace import Report
from services.rooms.playing import may_hear_next
from services.rooms.presence import RoomPresence
from services.rooms.timeline import astray_ms
from services.timing.house_time import HouseTime
from storage.collections.store import Store
from storage.engine import StorageError
from storage.records.room import Room

log = logging.getLogger("tutti.rooms")

RENEW_S = LEASE_S / 5
"""How often seats are renewed and rooms are counted: five times in the life of a lease."""
AGAIN_MS = 1_000.0
"""When a room is looked at again that another process looks after, or that could not be looked at."""
TICKER_S = 5.0
AT_ONCE = 16
PAGE = 500
NEXT_SONGS = 3
LOOKS = 10
"""How often in a row a room's next songs are looked at, when there are always some that cannot be heard."""

Seat = tuple[str, str, str]


class RoomWatch:
    """The watch of one process. `stop` ends it in any state; what it did not do another process does."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        house_time: HouseTime,
        desk: RoomDesk,
        memory: RoomMemory,
        presence: RoomPresence,
        losses: RoomLosses,
    ) -> None:
        self._store = store
        self._desk = desk
        self._memory = memory
        self._presence = presence
        self._losses = losses
        self._clock = clock
        self._house_time = house_time
        self._holder = clock.new_id()
        self._seats: dict[Seat, Report] = {}
        self._dues: dict[str, float] = {}
        self._renewed_s = clock.monotonic()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False
        self._undo = [bus.hear(RoomChanged, self._heard), bus.hear(CatalogueChanged, self._catalogue_changed)]

    @property
    def seat_count(self) -> int:
        """How many seats this process holds."""
        return len(self._seats)

    @property
    def skews_ms(self) -> list[float]:
        """How far off the players of this process say they are, without sign."""
        return [abs(report.skew_ms) for report in self._seats.values() if report.skew_ms is not None]

    def skew_p95_ms(self) -> float:
        """The 95th percentile of `skews_ms`, by nearest rank; 0 for none."""
        skews = sorted(self.skews_ms)
        return skews[-(-95 * len(skews) // 100) - 1] if skews else 0.0

    async def stop(self) -> None:
        """Watch no more."""
        self._stopped = True
        while self._undo:
            self._undo.pop()()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def stay(self, room_id: str, member_id: str, seat: str, report: Report | None = None) -> None:
        """Hold a seat from now on, until `go`; a report stays until the next one."""
        key = (room_id, member_id, seat)
        self._seats[key] = report or self._seats.get(key, Report())
        await self._presence.hold(room_id, member_id, seat, self._seats[key])
        self._wake()

    async def go(self, room_id: str, member_id: str, seat: str) -> bool:
        """Give a seat up; whether the member sits nowhere now."""
        self._seats.pop((room_id, member_id, seat), None)
        return await self._presence.leave(room_id, member_id, seat)

    async def stay_awhile(self, room_id: str, member_id: str, seat: str) -> None:
        """Hold a seat for one lease, not longer."""
        await self._presence.hold(room_id, member_id, seat, Report())

    async def vacate(self, room_id: str, member_id: str) -> None:
        """Give up all seats of somebody who left or was shown out; those of other processes end with their leases."""
        for key in [key for key in self._seats if key[:2] == (room_id, member_id)]:
            await self.go(*key)

    def seat_of(self, owner: object) -> str:
        """What the seats of an open socket are called; no other one in any process has that name while it is open."""
        return f"{self._holder}-{id(owner):x}"

    async def look(self) -> None:
        """Do what is due in the rooms this process knows; renew and count when it is time for that."""
        if self._clock.monotonic() - self._renewed_s >= RENEW_S:
            self._renewed_s = self._clock.monotonic()
            await self._renew()
        now_ms = self._house_time.now_ms()
        await self._all(room_id for room_id, due_ms in list(self._dues.items()) if due_ms <= now_ms)

    async def look_after_all(self) -> int:
        """Tick every open room that needs it, whoever knew it: rooms outlive the processes that held them. How many."""
        count, after = 0, None
        while True:
            page = await self._store.rooms.open_frames(limit=PAGE, after=after)
            needing = [room.id for room in page if await self._needs(room)]
            count += len(needing)
            await self._all(needing)
            if len(page) < PAGE:
                return count
            after = [page[-1].updated_at, page[-1].id]

    async def tick(self, room_id: str) -> None:
        """Let time do to one room what is due, if this process is the one that looks after it."""
        if not await self._presence.may_tick(room_id, self._holder, ttl_s=TICKER_S):
            self._dues[room_id] = self._house_time.now_ms() + AGAIN_MS
            room = await self._desk.read(room_id)
            if room.due_ms is None or room.due_ms > self._house_time.now_ms():
                self._expect(room)
            return
        room = await self._desk.read(room_id)
        reports = await self._presence.reports(room_id)
        for _ in range(LOOKS):
            losses = await self._losses.among(item.song_id for item in may_hear_next(room, NEXT_SONGS))
            room = await self._desk.tick(room_id, reports, losses)
            if not losses:
                self._expect(room)
                return
        # Much of the queue is lost: look on in a moment, and let other rooms have their turn.
        self._dues[room_id] = self._house_time.now_ms() + AGAIN_MS

    async def _needs(self, room: Room) -> bool:
        now_ms = self._house_time.now_ms()
        # With the clock turned back what is due seems to lie far ahead.
        if astray_ms(room, now_ms) or (room.due_ms is not None and room.due_ms <= now_ms):
            return True
        reports = await self._presence.reports(room.id)
        return reports is not None and any(member.present and member.id not in reports for member in room.members)

    async def _renew(self) -> None:
        for (room_id, member_id, seat), report in list(self._seats.items()):
            if (room_id, member_id, seat) in self._seats:
                await self._presence.hold(room_id, member_id, seat, report)
        for room_id in {room_id for room_id, _, _ in self._seats}:
            try:
                room = await self._desk.read(room_id)
            except TuttiError:
                self._unseat(room_id, frozenset())
                continue
            self._unseat(room_id, frozenset(() if room.closed else room.member_ids))
            if await self._needs(room):
                self._dues[room_id] = self._house_time.now_ms()
            else:
                self._expect(room)

    def _unseat(self, room_id: str, member_ids: frozenset[str]) -> None:
        """Without the seats of those who are no members any more."""
        for key in [key for key in self._seats if key[0] == room_id and key[1] not in member_ids]:
            del self._seats[key]

    async def _all(self, room_ids: Iterable[str]) -> None:
        waiting = list(room_ids)
        for start in range(0, len(waiting), AT_ONCE):
            await asyncio.gather(*(self._tick_or_later(room_id) for room_id in waiting[start : start + AT_ONCE]))

    async def _tick_or_later(self, room_id: str) -> None:
        try:
            await self.tick(room_id)
        except TuttiError:
            self._dues.pop(room_id, None)
        except StorageError as fault:
            log.info("room not looked after", extra={"room_id": room_id, "reason": str(fault)})
            self._dues[room_id] = self._house_time.now_ms() + AGAIN_MS

    def _expect(self, room: Room) -> None:
        if room.due_ms is None:
            self._dues.pop(room.id, None)
            return
        self._dues[room.id] = room.due_ms
        self._wake()

    def _heard(self, event: Event) -> None:
        room: Any = self._memory.recall(event.room_id) if isinstance(event, RoomChanged) else None
        if room is not None:
            self._expect(room)

    def _catalogue_changed(self, event: Event) -> None:
        """Look at once at the rooms where one of these songs plays or comes next."""
        if not isinstance(event, CatalogueChanged):
            return
        for room_id in list(self._dues):
            room = self._memory.recall(room_id)
            # No songs are named where an artist or album changed, which may have hidden any of theirs.
            if room is not None and (
                not event.song_ids or any(item.song_id in event.song_ids for item in may_hear_next(room, NEXT_SONGS))
            ):
                self._dues[room_id] = self._house_time.now_ms()
                self._wake()

    def _wake(self) -> None:
        self._woken.set()
        if not self._stopped and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="room-watch")

    async def _run(self) -> None:
        while (self._dues or self._seats) and not self._stopped:
            self._woken.clear()
            # Not `wait_for`, which loses a cancellation that comes together with what it waits for.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s()):
                    await self._woken.wait()
            await self._look_or_later()

    async def _look_or_later(self) -> None:
        try:
            await self.look()
        except StorageError as fault:
            log.info("rooms not looked after", extra={"reason": str(fault)})
            await asyncio.sleep(AGAIN_MS / 1000)

    def _pause_s(self) -> float:
        soonest_ms = min(self._dues.values(), default=float("inf"))
        until_due_s = (soonest_ms - self._house_time.now_ms()) / 1000
        until_renewal_s = self._renewed_s + RENEW_S - self._clock.monotonic()
        # Never no time at all: a room that stays due must not keep the loop to itself.
        return max(0.005, min(until_due_s, until_renewal_s))
