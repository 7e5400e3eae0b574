"""Looks after the connections of one process: renews their leases, counts after each change, tells what is new.

Owns one task, which runs while somebody is connected or was just now. Refuses to know who may see whom; what follows
when a device is gone, those who hear it know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator

from services.clock import Clock
from services.errors import TuttiError
from services.events import Bus, PresenceChanged
from services.presence.board import PresenceBoard
from services.presence.reducer import GRACE_S, LEASE_S, Connection
from storage.engine import StorageError
from storage.live.interface import LiveStateAway

log = logging.getLogger("tutti.presence")

RENEW_S = LEASE_S / 3
ENLIST_S = 30.0
AT_ONCE = 16
AGAIN_S = 1.0
STILL_THERE_S = 0.02
"""After which a closed connection is looked for again that counts a little longer than it was given."""

DevicesMoved = Callable[[str, frozenset[str], frozenset[str]], Awaitable[None]]
"""Told whose devices came and went."""


class PresenceWatch:
    """The connections of one process. `stop` ends it in any state; leases end by themselves."""

    def __init__(self, clock: Clock, bus: Bus, board: PresenceBoard) -> None:
        self._clock = clock
        self._bus = bus
        self._board = board
        self._house = clock.new_id()
        self._people: dict[str, dict[str, Connection]] = {}
        self._enlisted_s: dict[str, float] = {}
        self._dues: dict[str, float] = {}
        self._ending: dict[str, dict[str, float]] = {}
        self._renewed_s = float("-inf")
        self._hearers: list[DevicesMoved] = []
        self._woken = asyncio.Event()
        self._looks_at_s = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def connection_count(self) -> int:
        """How many connections this process holds."""
        return sum(len(seats) for seats in self._people.values())

    def hear_devices(self, hearer: DevicesMoved) -> None:
        """Call `hearer` whenever devices came or went, of whichever process noticed."""
        self._hearers.append(hearer)

    def seat_of(self, owner: object) -> str:
        """What the connection of an open socket is called; no other has that name while it is open."""
        return self.seat_called(f"{id(owner):x}")

    def seat_called(self, name: str) -> str:
        """A seat of this process by a name that is taken once here."""
        return f"{self._house}-{name}"

    async def stop(self) -> None:
        """Watch no more."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def come(self, user_id: str, seat: str, connection: Connection | None = None) -> None:
        """A connection is open, or says something new of itself; it counts until `go`, or while this process lives."""
        self._people.setdefault(user_id, {})[seat] = connection or Connection()
        self._ending.get(user_id, {}).pop(seat, None)
        with self._while_away():
            if self._clock.monotonic() - self._enlisted_s.get(user_id, float("-inf")) >= ENLIST_S:
                self._enlisted_s[user_id] = self._clock.monotonic()
                await self._board.live(self._house)
                await self._board.enlist(self._house, user_id)
            await self._board.stay(user_id, seat, self._people[user_id][seat])
            await self._count(user_id)
        self._look_by(self._renewed_s + RENEW_S)

    def connection_of(self, user_id: str, seat: str) -> Connection:
        """What a connection of this process said of itself last."""
        return self._people.get(user_id, {}).get(seat, Connection())

    async def go(self, user_id: str, seat: str) -> None:
        """A connection is closed. It counts a moment longer."""
        connection = self._leave(user_id, seat, GRACE_S)
        if connection is None:
            return
        with self._while_away():
            await self._board.close(user_id, seat, connection)
        self._look_by(self._clock.monotonic() + GRACE_S)

    def lose(self, user_id: str, seat: str) -> None:
        """A connection is gone that nobody closed. It counts until its lease ends."""
        if self._leave(user_id, seat, LEASE_S) is not None:
            self._look_by(self._clock.monotonic() + LEASE_S)

    def _leave(self, user_id: str, seat: str, counts_s: float) -> Connection | None:
        connection = self._people.get(user_id, {}).pop(seat, None)
        if connection is not None:
            if not self._people[user_id]:
                del self._people[user_id]
            ending = self._ending.setdefault(user_id, {})
            ending[seat] = self._clock.monotonic() + counts_s
            self._dues[user_id] = min(ending.values())
        return connection

    async def look(self) -> None:
        """Count those whose grace ended; renew when it is time for that."""
        now_s = self._clock.monotonic()
        if now_s - self._renewed_s >= RENEW_S:
            self._renewed_s = now_s
            with self._while_away():
                await self._board.live(self._house)
                await self._all(self._renew, list(self._people))
        due = [user_id for user_id, at_s in self._dues.items() if at_s <= now_s]
        await self._all(self._settle, due)

    async def look_after_orphans(self) -> int:
        """Count the people of processes that have ended; how many. A periodic job's work."""
        found: list[tuple[str, str]] = []
        with self._while_away():
            found = await self._board.orphans()
            for house, user_id in found:
                connections = await self._board.connections(user_id)
                await self._count(user_id)
                if not connections:
                    await self._board.strike(house, user_id)
        return len(found)

    async def _renew(self, user_id: str) -> None:
        for seat, connection in list(self._people.get(user_id, {}).items()):
            if seat in self._people.get(user_id, {}):
                await self._board.stay(user_id, seat, connection)
        if self._clock.monotonic() - self._enlisted_s.get(user_id, float("-inf")) >= ENLIST_S:
            self._enlisted_s[user_id] = self._clock.monotonic()
            await self._board.enlist(self._house, user_id)
        await self._count(user_id)

    async def _settle(self, user_id: str) -> None:
        self._dues.pop(user_id, None)
        ending = self._ending.get(user_id, {})
        if ending:
            # A lease begins where it is kept, which is later than here: its end is waited for, or nobody would tell it.
            asked = list(ending)
            held = await self._board.connections(user_id)
            for seat in asked:
                if seat not in held:
                    ending.pop(seat, None)
        await self._count(user_id)
        if ending:
            self._dues[user_id] = max(min(ending.values()), self._clock.monotonic() + STILL_THERE_S)
        else:
            self._ending.pop(user_id, None)
        if user_id not in self._people and user_id not in self._dues:
            self._enlisted_s.pop(user_id, None)
            await self._board.strike(self._house, user_id)

    async def _count(self, user_id: str) -> None:
        before, after = await self._board.count(user_id)
        if before is after:
            return
        if before.status != after.status:
            self._bus.publish(PresenceChanged(user_id, after.rev))
        came, gone = after.devices - before.devices, before.devices - after.devices
        for hearer in self._hearers if came or gone else ():
            try:
                await hearer(user_id, came, gone)
            except (TuttiError, StorageError) as fault:
                log.warning("devices not looked after", extra={"user_id": user_id, "reason": str(fault)})

    async def _all(self, work: Callable[[str], Awaitable[None]], user_ids: Iterable[str]) -> None:
        waiting = list(user_ids)
        for start in range(0, len(waiting), AT_ONCE):
            await asyncio.gather(*(self._unless_away(work, user_id) for user_id in waiting[start : start + AT_ONCE]))

    async def _unless_away(self, work: Callable[[str], Awaitable[None]], user_id: str) -> None:
        try:
            await work(user_id)
        except LiveStateAway:
            # Nobody is taken for absent while nobody can tell.
            self._dues[user_id] = self._clock.monotonic() + AGAIN_S

    @contextlib.contextmanager
    def _while_away(self) -> Iterator[None]:
        try:
            yield
        except LiveStateAway:
            log.info("presence not told", extra={"people": len(self._people)})

    def _look_by(self, due_s: float) -> None:
        # Who looks soon enough anyway is left alone: two thousand may come in one second.
        if due_s < self._looks_at_s:
            self._woken.set()
        if not self._stopped and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._run(), name="presence-watch")

    async def _run(self) -> None:
        while not self._stopped and (self._people or self._dues):
            self._woken.clear()
            pause_s = self._pause_s()
            self._looks_at_s = self._clock.monotonic() + pause_s
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`, which before Python 3.12 can lose a cancellation that comes with the news.
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()
            await self.look()

    def _pause_s(self) -> float:
        soonest_s = min([self._renewed_s + RENEW_S, *self._dues.values()])
        # Never no time at all: somebody who stays due must not keep the loop to itself.
        return max(0.005, soonest_s - self._clock.monotonic())
