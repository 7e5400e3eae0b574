"""Who may have the encoders next: one queue before a bounded number of places, and no work done twice.

Owns: single flight per key, priority, fairness between people, the bound on what waits, and cancelling work that
nobody waits for any more or that has to give way. Refuses to know what the work is.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Generic, TypeVar

from services.clock import Clock
from services.errors import TooMany, Unavailable

T = TypeVar("T")


class Urgency(IntEnum):
    """Why something is to be encoded; the lower goes first."""

    PLAYHEAD = 0
    NEXT_SEGMENT = 1
    NEXT_SONG = 2
    DOWNLOAD = 3
    IDLE = 4


AHEAD = frozenset({Urgency.NEXT_SEGMENT, Urgency.NEXT_SONG, Urgency.IDLE})
"""What is made before anybody hears it: whoever hears something now goes first, even where the queue is full."""


@dataclass(slots=True)
class Tally:
    """What became of everything that was asked for, since the start.

    `shared`: joined a work under way. `killed`: was running when its last waiter left. `gave_way`: stopped or taken
    out of the queue for something more urgent.
    """

    made: int = 0
    failed: int = 0
    shared: int = 0
    refused: int = 0
    killed: int = 0
    gave_way: int = 0


@dataclass(slots=True, eq=False)
class _Flight(Generic[T]):
    key: Hashable
    work: Callable[[], Awaitable[T]]
    user: str
    urgency: Urgency
    arrived: int
    landed: asyncio.Future[T]
    waiters: int = 0
    task: asyncio.Task[None] | None = field(default=None)
    gives_way: bool = False
    cancelled: bool = False


class Admission(Generic[T]):
    """At most `places` works at once and `waiting_limit` in the queue, of one user at most `user_limit` of those.

    A listener who is being served already (`continuing`) may go beyond, up to four times the limits: refusing
    them in the middle of a song helps nobody, and each has one segment in the queue at most. What nobody hears yet
    (from NEXT_SONG on) may fill half of the queue, and idle work stops as soon as a place is wanted.
    """

    def __init__(self, *, clock: Clock, places: int, waiting_limit: int, user_limit: int = 16) -> None:
        self._clock = clock
        self._places = places
        self._waiting_limit = waiting_limit
        self._user_limit = user_limit
        self._waiting: list[_Flight[T]] = []
        self._running: set[_Flight[T]] = set()
        self._flights: dict[Hashable, _Flight[T]] = {}
        self._last_turn: dict[str, int] = {}
        self._arrivals = 0
        self._typical_s = 0.5
        self._wanted_at = float("-inf")
        self._closed = False
        self.tally = Tally()

    @property
    def running(self) -> int:
        """Works in the making."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """Works in the queue."""
        return len(self._waiting)

    @property
    def waiting_by_urgency(self) -> Counter[Urgency]:
        """Works in the queue, by how urgent they are."""
        return Counter(flight.urgency for flight in self._waiting)

    @property
    def busy(self) -> bool:
        """Whether anything but idle work runs or waits."""
        return any(flight.urgency is not Urgency.IDLE for flight in self._flights.values())

    @property
    def quiet_s(self) -> float:
        """Seconds since somebody last asked for anything but idle work."""
        return self._clock.monotonic() - self._wanted_at

    async def run(
        self,
        key: Hashable,
        work: Callable[[], Awaitable[T]],
        *,
        user: str,
        urgency: Urgency,
        continuing: bool = False,
    ) -> T:
        """The result of `work`, begun when its turn comes, shared with everybody who asks for the same `key` meanwhile.

        TooMany with `retry_after` when the queue is full. When every waiter has been cancelled the work is too.
        """
        if self._closed:
            raise Unavailable("The server is stopping.", code="STOPPING")
        if urgency is not Urgency.IDLE:
            self._wanted_at = self._clock.monotonic()
        flight = self._flights.get(key)
        if flight is None:
            self._check_room(user, urgency, continuing)
            self._arrivals += 1
            landed: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            flight = _Flight(key, work, user, urgency, self._arrivals, landed)
            self._flights[key] = flight
            self._waiting.append(flight)
            self._fill_places()
            if flight.task is None and urgency is not Urgency.IDLE:
                self._stop_idle_work()
        else:
            self.tally.shared += 1
            if urgency < flight.urgency:
                flight.urgency, flight.user = urgency, user
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.landed)
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.landed.done():
                await self._abandon(flight)

    async def stop(self) -> None:
        """Cancel all work, refuse what still waits, take nothing new. Safe to call twice."""
        self._closed = True
        for flight in list(self._waiting):
            self._waiting.remove(flight)
            self._land(flight, error=Unavailable("The server is stopping.", code="STOPPING"))
        running = list(self._running)
        for flight in running:
            self._cancel(flight)
        tasks = [flight.task for flight in running if flight.task is not None]
        if tasks:
            await asyncio.wait(tasks)

    def _check_room(self, user: str, urgency: Urgency, continuing: bool) -> None:
        generosity = 4 if continuing else 1
        limit = self._waiting_limit * generosity
        if urgency >= Urgency.NEXT_SONG:
            limit = -(-self._waiting_limit // 2)
        mine = sum(1 for flight in self._waiting if flight.user == user)
        if mine < self._user_limit * generosity:
            if len(self._waiting) < limit:
                return
            if urgency is Urgency.PLAYHEAD and self._make_room():
                return
        self.tally.refused += 1
        ahead = len(self._waiting) + len(self._running)
        wait_s = max(1.0, ahead * self._typical_s / self._places)
        raise TooMany("Too many songs are being converted just now.", code="ENCODERS_BUSY", retry_after=wait_s)

    def _make_room(self) -> bool:
        """Take the least urgent work that nobody hears yet out of the queue; whether there was one."""
        ahead = [flight for flight in self._waiting if flight.urgency in AHEAD]
        if not ahead:
            return False
        flight = max(ahead, key=lambda each: (each.urgency, each.arrived))
        self._waiting.remove(flight)
        self.tally.gave_way += 1
        self._land(flight, error=TooMany("Others are listening.", code="ENCODERS_BUSY", retry_after=self._typical_s))
        return True

    def _stop_idle_work(self) -> None:
        for flight in self._running:
            if flight.urgency is Urgency.IDLE and flight.task is not None and not flight.gives_way:
                flight.gives_way = True
                self.tally.gave_way += 1
                self._cancel(flight)
                return

    def _fill_places(self) -> None:
        while self._waiting and len(self._running) < self._places:
            flight = self._next()
            self._waiting.remove(flight)
            self._running.add(flight)
            # Only those in the queue need a memory of turns; so it stays as small as the queue.
            present = {each.user for each in self._waiting} | {flight.user}
            self._last_turn = {user: turn for user, turn in self._last_turn.items() if user in present}
            self._arrivals += 1
            self._last_turn[flight.user] = self._arrivals
            flight.task = asyncio.create_task(self._fly(flight), name=f"encode-{flight.key}")

    def _next(self) -> _Flight[T]:
        busy = Counter(flight.user for flight in self._running)
        return min(
            self._waiting,
            key=lambda each: (each.urgency, busy[each.user], self._last_turn.get(each.user, 0), each.arrived),
        )

    async def _fly(self, flight: _Flight[T]) -> None:
        began = self._clock.monotonic()
        try:
            result = await flight.work()
        except asyncio.CancelledError:
            if flight.gives_way:
                self._land(flight, error=TooMany("Others are listening.", code="ENCODERS_BUSY", retry_after=1.0))
            else:
                self._land(flight, error=Unavailable("The conversion was given up.", code="CANCELLED"))
            raise
        except Exception as error:  # noqa: BLE001 - handed to every waiter, who raises it
            self.tally.failed += 1
            self._land(flight, error=error)
        else:
            self.tally.made += 1
            self._typical_s += 0.2 * (self._clock.monotonic() - began - self._typical_s)
            if not flight.landed.done():
                flight.landed.set_result(result)
        finally:
            self._running.discard(flight)
            self._forget(flight)
            if not self._closed:
                self._fill_places()

    async def _abandon(self, flight: _Flight[T]) -> None:
        # Off the books first: somebody who asks for the same key while this one dies gets a flight of their own.
        self._forget(flight)
        flight.landed.cancel()
        if flight in self._waiting:
            self._waiting.remove(flight)
        elif flight.task is not None:
            self.tally.killed += 1
            self._cancel(flight)
            # Not `gather`, which would pass on a second cancelling of ours.
            await asyncio.wait([flight.task])

    def _cancel(self, flight: _Flight[T]) -> None:
        # Once only: a second time would disturb the work while it clears up after itself and awaits its child's end.
        if flight.task is not None and not flight.cancelled:
            flight.cancelled = True
            flight.task.cancel()

    def _land(self, flight: _Flight[T], *, error: Exception) -> None:
        self._forget(flight)
        if not flight.landed.done():
            flight.landed.set_exception(error)
            # A waiter that is cancelled in this same moment never looks; that is not an error of its own.
            flight.landed.exception()

    def _forget(self, flight: _Flight[T]) -> None:
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
