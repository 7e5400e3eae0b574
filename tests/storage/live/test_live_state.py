"""What every keeper of live state keeps, in memory and in a real Redis; and how an outage of Redis passes."""

import asyncio
import shutil

import pytest

from services.clock import Clock
from storage.live.interface import Cell, LiveStateAway
from storage.live.memory import MemoryLiveState
from storage.live.redis import RedisLiveState
from storage.live.steady import SteadyLiveState
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer


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
def stopped(request):
    if request.param == "memory":
        return MemoryLiveState(Clock().monotonic)
    return SteadyLiveState(RedisLiveState(request.getfixturevalue("redis_server").url), Clock().monotonic)


@pytest.fixture
async def live(stopped):
    await stopped.start()
    yield stopped
    await stopped.stop()
    await stopped.stop()


async def gone(ask, timeout_s=5.0):
    async with asyncio.timeout(timeout_s):
        while await ask():  # noqa: ASYNC110 - a lease that ends tells nobody
            await asyncio.sleep(0.01)


async def test_a_cell_is_written_by_whoever_knows_its_revision(live):
    assert await live.get("k") is None
    assert await live.swap("k", 1, b"early") is False
    assert await live.swap("k", 0, b"one") is True
    assert await live.swap("k", 0, b"again") is False
    assert await live.get("k") == Cell(1, b"one")
    assert await live.swap("k", 1, b"\x00two\xff") is True
    assert await live.get("k") == Cell(2, b"\x00two\xff")
    await live.drop("k")
    assert await live.get("k") is None
    assert await live.swap("k", 0, b"anew") is True


async def test_of_many_writers_of_one_revision_one_wins(live):
    for rev in range(3):
        outcomes = await asyncio.gather(*(live.swap("k", rev, str(n).encode()) for n in range(10)))
        assert sum(outcomes) == 1
        winner = str(outcomes.index(True)).encode()
        assert await live.get("k") == Cell(rev + 1, winner)


async def test_a_cell_with_an_end_ends(live):
    assert await live.swap("k", 0, b"short", ttl_s=0.05) is True
    await gone(lambda: live.get("k"))
    assert await live.swap("k", 0, b"short", ttl_s=0.05) is True
    assert await live.swap("k", 1, b"for good") is True
    await asyncio.sleep(0.08)
    assert await live.get("k") == Cell(2, b"for good")


async def test_a_lease_is_held_renewed_and_left(live):
    assert await live.hold("room", "ann", b"1", ttl_s=30) is True
    assert await live.hold("room", "ann", b"2", ttl_s=30) is False
    assert await live.hold("room", "bob", b"", ttl_s=30) is True
    assert await live.hold("other", "cat", b"3", ttl_s=30) is True
    assert dict(await live.held("room")) == {"ann": b"2", "bob": b""}
    assert await live.leave("room", "ann") is True
    assert await live.leave("room", "ann") is False
    assert dict(await live.held("room")) == {"bob": b""}
    assert dict(await live.held("nobody")) == {}


async def test_a_lease_that_is_not_renewed_ends_alone(live):
    await live.hold("room", "ann", b"1", ttl_s=30)
    await live.hold("room", "bob", b"2", ttl_s=0.05)

    async def bob():
        return "bob" in await live.held("room")

    await gone(bob)
    assert dict(await live.held("room")) == {"ann": b"1"}
    assert await live.leave("room", "bob") is False
    assert await live.hold("room", "bob", b"2", ttl_s=30) is True


@pytest.mark.services
async def test_two_processes_see_one_state_and_nothing_is_left_behind(redis_server):
    one, two = (RedisLiveState(redis_server.url) for _ in range(2))
    foreign = RedisLiveState(redis_server.url, prefix="another house")
    for state in (one, two, foreign):
        await state.start()
    await one.hold("room", "ann", b"1", ttl_s=0.1)
    await two.hold("room", "bob", b"2", ttl_s=0.2)
    assert set(await one.held("room")) == {"ann", "bob"}
    assert dict(await foreign.held("room")) == {}
    assert await one.swap("k", 0, b"x", ttl_s=0.1)
    assert not await two.swap("k", 0, b"y")
    await gone(one._client.dbsize)
    for state in (one, two, foreign):
        await state.stop()


@pytest.mark.services
async def test_own_leases_outlive_redis_and_are_told_again(redis_server, log_watch):
    log_watch.expect("live state is away")
    one = SteadyLiveState(RedisLiveState(redis_server.url, patience_s=0.5), Clock().monotonic, look_s=0.02)
    two = RedisLiveState(redis_server.url)
    await one.start()
    await two.start()
    assert await one.hold("room", "ann", b"1", ttl_s=60) is True
    await two.hold("room", "bob", b"2", ttl_s=60)
    redis_server.kill()
    with pytest.raises(LiveStateAway):
        await two.held("room")
    assert dict(await one.held("room")) == {"ann": b"1"}
    assert one.away
    with pytest.raises(LiveStateAway):
        await one.swap("k", 0, b"x")
    assert await one.hold("room", "ann", b"1b", ttl_s=60) is False
    assert await one.hold("room", "cat", b"3", ttl_s=60) is True
    assert await one.hold("room", "dan", b"4", ttl_s=60) is True
    assert await one.leave("room", "dan") is True
    await redis_server.start()
    await asyncio.wait_for(one.wait_present(), 10)
    assert dict(await two.held("room")) == {"ann": b"1b", "cat": b"3"}
    assert await one.swap("k", 0, b"x") is True
    await one.stop()
    await two.stop()
