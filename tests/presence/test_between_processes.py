"""Who is here, as two processes see it through what they share: memory, and a real Redis that may go away."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from services.clock import Clock
from services.events import Bus, PresenceChanged
from services.presence import board, watching
from services.presence.board import PresenceBoard
from services.presence.reducer import Status, status_of
from services.presence.streams import StreamAttendance
from services.presence.watching import PresenceWatch
from services.timing.house_time import HouseTime
from storage.live.memory import MemoryLiveState
from storage.live.redis import RedisLiveState
from storage.live.steady import SteadyLiveState
from tests.realtime.small_house import until
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer


class Process:
    """One process: its watch, those who listen in it, and what it told."""

    def __init__(self, live):
        self.live = live
        self.told = []
        bus, clock = Bus(), Clock()
        bus.hear(PresenceChanged, lambda event: self.told.append(event.user_id))
        self.board = PresenceBoard(live, HouseTime(clock))
        self.watch = PresenceWatch(clock, bus, self.board)
        self.streams = StreamAttendance(self.watch)

    async def status(self, user_id="ann"):
        return status_of(await self.board.connections(user_id))

    async def becomes(self, status):
        async with asyncio.timeout(8):
            while await self.status() is not status:  # noqa: ASYNC110 - a lease that ends tells nobody
                await asyncio.sleep(0.01)

    async def die(self):
        """As by `kill -9`: nothing is said any more."""
        self.watch._stopped = True
        if self.watch._task is not None:
            self.watch._task.cancel()
        await asyncio.sleep(0)


@pytest.fixture
async def redis_server(tmp_path):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    server = RedisServer(tmp_path)
    await server.start()
    exercised("Redis")
    yield server
    server.kill()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
def lives(request):
    if request.param == "memory":
        return [MemoryLiveState(Clock().monotonic)] * 2
    url = request.getfixturevalue("redis_server").url
    return [SteadyLiveState(RedisLiveState(url, patience_s=0.5), Clock().monotonic, look_s=0.02) for _ in "12"]


@pytest.fixture
async def pair(lives, monkeypatch):
    for module, name, seconds in (
        (board, "LEASE_S", 0.9),
        (board, "GRACE_S", 0.2),
        (watching, "GRACE_S", 0.2),
        (watching, "LEASE_S", 0.9),
        (watching, "RENEW_S", 0.2),
    ):
        monkeypatch.setattr(module, name, seconds)
    processes = [Process(live) for live in lives]
    for process in processes:
        await process.live.start()
    yield processes
    for process in processes:
        await process.watch.stop()
        await process.live.stop()


async def test_streams_and_players_of_two_processes_count_as_one_presence(pair):
    one, two = pair
    await one.streams.begin("ann")
    await one.streams.begin("ann")
    assert await two.status() is Status.ONLINE
    await two.watch.come("ann", "player")
    await one.streams.end("ann")
    await one.streams.end("ann")
    await until(lambda: not one.watch._dues)
    assert await one.status() is Status.ONLINE, "the player is still open"
    await two.watch.go("ann", "player")
    await one.becomes(Status.OFFLINE)
    await until(lambda: len(one.told + two.told) > 1)
    await one.watch.look()
    await two.watch.look()
    assert one.told + two.told == ["ann", "ann"], "came once, went once, whoever counted"
    assert (len(one.streams), one.watch.connection_count, two.watch.connection_count) == (0, 0, 0)


async def test_a_stream_opened_anew_in_the_grace_of_the_last_tells_nobody(pair):
    one, _ = pair
    await one.streams.begin("ann")
    for _ in range(5):
        await one.streams.end("ann")
        await one.streams.begin("ann")
    await until(lambda: not one.watch._dues)
    assert (one.told, await one.status()) == (["ann"], Status.ONLINE)


async def test_leases_of_a_process_that_died_end_and_the_other_tells_it(pair):
    one, two = pair
    await one.streams.begin("ann")
    await two.watch.come("bob", "player")
    await one.die()
    assert await two.status() is Status.ONLINE
    await two.becomes(Status.OFFLINE)
    assert two.told == ["bob"]
    assert await two.watch.look_after_orphans() == 1
    assert two.told == ["bob", "ann"]
    assert await two.status("bob") is Status.ONLINE, "who is renewed outlives many leases"


async def test_a_stream_that_was_dropped_unclosed_is_here_no_longer_than_its_lease(pair):
    one, two = pair
    await one.streams.begin("ann")
    one.streams.lose("ann")
    assert await two.status() is Status.ONLINE
    await two.becomes(Status.OFFLINE)
    await until(lambda: one.told == ["ann", "ann"])


class LateLive:
    """Keeps leases a little later than it was asked to, as a busy server does."""

    def __init__(self, live, late_s):
        self._live, self._late_s = live, late_s

    def __getattr__(self, name):
        return getattr(self._live, name)

    async def hold(self, *names, **leases):
        await asyncio.sleep(self._late_s)
        await self._live.hold(*names, **leases)


async def test_an_end_that_is_kept_late_is_told_all_the_same(pair):
    one, _ = pair
    one.board._live = LateLive(one.live, late_s=0.1)
    await one.streams.begin("ann")
    await one.streams.end("ann")
    await until(lambda: one.told == ["ann", "ann"])
    await until(lambda: not one.watch._dues)
    assert (await one.status(), one.watch._ending) == (Status.OFFLINE, {})


@pytest.mark.services
@pytest.mark.parametrize("lives", ["redis"], indirect=True)
async def test_nobody_leaves_because_redis_does(pair, redis_server, log_watch):
    log_watch.expect("live state is away")
    one, two = pair
    await one.streams.begin("ann")
    redis_server.kill()
    await asyncio.sleep(1.2)
    assert one.told == ["ann"]
    await redis_server.start()
    await two.becomes(Status.ONLINE)
    assert (one.told + two.told) in (["ann"], ["ann", "ann"]), "never told as gone; perhaps told anew"
