"""People whose players come, go and die at random in several processes, told twice, late and out of order.

Owns what happens and what must hold afterwards; `test_storm.py` runs a little of it, `bench/presence_storm.py` a great
deal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from services.clock import SetClock
from services.events import Bus, PresenceChanged
from services.presence.board import PresenceBoard
from services.presence.reducer import GRACE_S, LEASE_S, Connection, Status, devices_of, status_of
from services.presence.watching import RENEW_S, PresenceWatch
from services.timing.house_time import HouseTime
from storage.live.memory import MemoryLiveState

SEATS = ("a", "b", "c", "d")
DEVICES = (None, "phone", "tv")
PEOPLE = ("ann", "bob", "cat")


class Process:
    """One process with its watch, whose task never runs: the storm says when it looks."""

    def __init__(self, clock: SetClock, board: PresenceBoard) -> None:
        self.bus = Bus()
        self.watch = PresenceWatch(clock, self.bus, board)
        self.watch._stopped = True
        self.seats: dict[tuple[str, str], Connection] = {}


class Storm:
    """Three people, three processes, one live state. `told` is what a follower would believe."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.clock = SetClock(datetime(2026, 11, 22, tzinfo=UTC))
        self.board = PresenceBoard(MemoryLiveState(self.clock.monotonic), HouseTime(self.clock))
        self.devices: dict[str, frozenset[str]] = {}
        self.revs: dict[str, int] = {}
        self.announced: list[tuple[str, Status]] = []
        self.processes = [self._process() for _ in range(3)]

    def _process(self) -> Process:
        process = Process(self.clock, self.board)

        async def moved(user_id: str, came: frozenset[str], gone: frozenset[str]) -> None:
            before = self.devices.get(user_id, frozenset())
            assert came | gone and not came & before and gone <= before, "a change that is none"
            self.devices[user_id] = (before | came) - gone

        def heard(event: PresenceChanged) -> None:
            assert event.rev > self.revs.get(event.user_id, 0), "a revision that does not grow"
            self.revs[event.user_id] = event.rev

        process.bus.hear(PresenceChanged, heard)
        process.watch.hear_devices(moved)
        return process

    async def step(self) -> None:
        """One thing happens."""
        random, process = self.random, self.random.choice(self.processes)
        user, seat = random.choice(PEOPLE), random.choice(SEATS)
        match random.randrange(10):
            case 0 | 1 | 2 | 3:
                connection = Connection(random.choice(DEVICES), random.random() < 0.3)
                process.seats[user, seat] = connection
                await process.watch.come(user, f"{id(process)}-{seat}", connection)
            case 4 | 5:
                # Also of players that never came, or went before.
                process.seats.pop((user, seat), None)
                await process.watch.go(user, f"{id(process)}-{seat}")
            case 6:
                self.processes.remove(process)
                self.processes.append(self._process())
            case _:
                await self.pass_time(random.choice((0.1, 1.0, RENEW_S)))

    async def pass_time(self, seconds: float) -> None:
        """Every process looks as often as it has to; one of them looks after those of the dead."""
        while seconds > 0:
            self.clock.turn(min(seconds, RENEW_S))
            seconds -= RENEW_S
            for process in self.processes:
                await process.watch.look()
            await self.random.choice(self.processes).watch.look_after_orphans()

    async def calm_down(self) -> None:
        """Within a lease and a grace everybody is told exactly what is so."""
        await self.pass_time(LEASE_S + GRACE_S + RENEW_S)
        for user in PEOPLE:
            live = {
                f"{id(process)}-{seat}": connection
                for process in self.processes
                for (owner, seat), connection in process.seats.items()
                if owner == user
            }
            assert dict(await self.board.connections(user)) == live
            told = await self.board.told(user)
            assert (told.status, told.devices) == (status_of(live), devices_of(live))
            assert told.devices == self.devices.get(user, frozenset())
            assert (told.status is Status.OFFLINE) == (not live)
        assert sum(process.watch.connection_count for process in self.processes) == sum(
            len(process.seats) for process in self.processes
        )
        before = dict(self.revs)
        await self.pass_time(60)
        assert self.revs == before, "told of something that did not happen"
