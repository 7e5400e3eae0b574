"""Processes of one house have one time, and nobody hears how they come to it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.clock import SetClock
from services.timing.agreement import Agreement
from services.timing.house_time import HouseTime
from storage.live.interface import LiveStateAway
from storage.live.redis_time import RedisTime
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOON_MS = NOON.timestamp() * 1000


class Process:
    """One process of the house: its wall clock stands elsewhere, its crystal is not the reference's."""

    def __init__(self, world: World, wall_ms: float, drift_ppm: float) -> None:
        self._world = world
        self._rate = 1 + drift_ppm / 1e6
        self.clock = SetClock(NOON + timedelta(milliseconds=wall_ms))
        self.time = HouseTime(self.clock)
        self.agreement = Agreement(self.time, self.clock, self._reference)
        world.processes.append(self)

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds * self._rate)

    async def _reference(self) -> float:
        if self._world.away:
            raise LiveStateAway("gone")
        self._world.turn(0.0005)
        told = self._world.reference_ms
        self._world.turn(0.0005)
        return told


class World:
    """The reference and who follows it; its hands are turned by hand."""

    def __init__(self) -> None:
        self.reference_ms = NOON_MS
        self.processes: list[Process] = []
        self.away = False

    def turn(self, seconds: float) -> None:
        self.reference_ms += seconds * 1000
        for process in self.processes:
            process.turn(seconds)

    @property
    def apart_ms(self) -> float:
        times = [process.time.now_ms() for process in self.processes]
        return max(times) - min(times)

    async def agree(self) -> list[bool]:
        return [await process.agreement.agree() for process in self.processes]


@pytest.fixture
def world() -> World:
    world = World()
    Process(world, 250.0, 40.0)
    Process(world, -4000.0, -60.0)
    return world


async def test_the_first_agreement_steps_and_later_ones_keep_together(world: World) -> None:
    assert world.apart_ms == 4250
    epochs = [process.time.epoch for process in world.processes]
    assert await world.agree() == [True, True]
    assert world.apart_ms < 0.1
    assert all(process.time.epoch != old for process, old in zip(world.processes, epochs, strict=True))
    epochs = [process.time.epoch for process in world.processes]
    for _ in range(60):
        world.turn(10)
        assert world.apart_ms < 2
        await world.agree()
    world.turn(10)
    assert world.apart_ms < 0.1
    assert [process.time.epoch for process in world.processes] == epochs
    assert all(process.agreement.error_ms < 0.2 for process in world.processes)


async def test_while_the_reference_is_away_time_goes_on_at_the_known_drift(world: World) -> None:
    for _ in range(30):
        await world.agree()
        world.turn(10)
    await world.agree()
    world.away = True
    for _ in range(6):
        world.turn(100)
        assert await world.agree() == [False, False]
    assert world.apart_ms < 1


async def test_a_reference_that_is_set_moves_no_song_and_all_follow_alike(world: World) -> None:
    for _ in range(10):
        await world.agree()
        world.turn(10)
    world.reference_ms += 200
    for _ in range(60):
        before = [process.time.now_ms() for process in world.processes]
        await world.agree()
        world.turn(10)
        for process, was in zip(world.processes, before, strict=True):
            assert 9_990 < process.time.now_ms() - was < 10_030
        assert world.apart_ms < 2
    assert abs(world.processes[0].time.now_ms() - world.reference_ms) < 1


async def test_a_house_alone_has_its_own_time() -> None:
    clock = SetClock(NOON)
    time = HouseTime(clock)
    alone = Agreement(time, clock, None)
    assert await alone.agree() is False
    assert alone.error_ms == 0
    clock.turn(1.5)
    assert time.now_ms() == NOON_MS + 1500


def test_time_that_is_steered_never_turns_back_and_arrives() -> None:
    clock = SetClock(NOON)
    time = HouseTime(clock)
    time.steer(-5.0, over_s=10.0)
    moments = []
    for _ in range(20):
        moments.append(time.now_ms())
        clock.turn(1)
    assert moments == sorted(moments)
    assert time.now_ms() == pytest.approx(NOON_MS + 20_000 - 5, abs=0.001)
    time.steer(0.0, over_s=10.0, drift_ppm=100.0)
    clock.turn(10)
    assert time.now_ms() == pytest.approx(NOON_MS + 30_000 - 5 + 1, abs=0.001)


ONE_PROCESS = """
import asyncio, json, sys, time
from datetime import timedelta
from services.clock import Clock
from services.timing.agreement import Agreement
from services.timing.house_time import HouseTime
from storage.live.redis_time import RedisTime

class Wrong(Clock):
    def now(self):
        return super().now() + timedelta(milliseconds=float(sys.argv[2]))

async def main():
    clock = Wrong()
    house, reference = HouseTime(clock), RedisTime(sys.argv[1])
    agreement = Agreement(house, clock, reference.now_ms)
    assert await agreement.agree() and await agreement.agree()
    await reference.stop()
    # The monotonic clock is the machine's: what is left of the time without it can be compared.
    print(json.dumps([house.at_ms(clock.monotonic()) - time.monotonic() * 1000, agreement.error_ms]))

asyncio.run(main())
"""


@pytest.fixture
async def redis_server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    server.kill()


@pytest.mark.services
async def test_two_processes_on_one_redis_have_one_time(redis_server: RedisServer) -> None:
    async def process(wall_ms: float) -> tuple[float, float]:
        words = [sys.executable, "-c", ONE_PROCESS, redis_server.url, str(wall_ms)]
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*words, stdout=pipe, cwd=Path(__file__).parents[2])
        told, _ = await asyncio.wait_for(child.communicate(), 30)
        assert child.returncode == 0
        ahead_ms, error_ms = json.loads(told)
        return ahead_ms, error_ms

    (one, one_error), (other, other_error) = await asyncio.gather(process(7_000.0), process(-90_000.0))
    assert abs(one - other) <= 3
    assert abs(one - other) <= one_error + other_error + 1
    exercised("Redis under the house's time")


@pytest.mark.services
async def test_a_redis_that_goes_and_comes_is_asked_again(redis_server: RedisServer) -> None:
    reference = RedisTime(redis_server.url, patience_s=0.3)
    first = await reference.now_ms()
    redis_server.freeze()
    with pytest.raises(LiveStateAway):
        await reference.now_ms()
    redis_server.thaw()
    assert await reference.now_ms() >= first
    redis_server.kill()
    with pytest.raises(LiveStateAway):
        await reference.now_ms()
    await redis_server.start()
    assert await reference.now_ms() >= first
    await reference.stop()
    exercised("Redis under the house's time")
