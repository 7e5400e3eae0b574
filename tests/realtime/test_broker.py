"""What every broker keeps, in process and through Redis; and how Redis may come and go."""

import asyncio
import logging
import shutil

import orjson
import pytest
from redis.asyncio import Redis

from realtime.broker import LocalBroker
from realtime.redis_broker import RedisBroker
from services.clock import Clock
from tests.realtime.small_house import open_house, until
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


def through(redis_server, **options):
    return RedisBroker(redis_server.url, clock=Clock(), pulse_s=0.5, longest_wait_s=0.2, **options)


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.services)])
def stopped_broker(request):
    return LocalBroker() if request.param == "local" else through(request.getfixturevalue("redis_server"))


@pytest.fixture
async def broker(stopped_broker):
    await stopped_broker.start()
    if isinstance(stopped_broker, RedisBroker):
        await stopped_broker.wait_connected()
    yield stopped_broker
    await stopped_broker.stop()


def notebook(broker):
    notes = []
    return notes, broker.listen(lambda topic, ids: notes.append((topic, ids)))


async def test_a_note_reaches_every_listener_here_once_and_before_publish_returns(broker):
    one, _ = notebook(broker)
    two, _ = notebook(broker)
    broker.publish("now_playing:ann", {"song_id": "s"})
    assert one == two == [("now_playing:ann", {"song_id": "s"})]
    await asyncio.sleep(0.05)
    assert len(one) == 1


async def test_notes_come_in_the_order_of_publishing(broker):
    notes, _ = notebook(broker)
    for number in range(100):
        broker.publish("t:1", {"n": number})
    assert [ids["n"] for _, ids in notes] == list(range(100))


async def test_a_listener_that_left_hears_nothing(broker):
    notes, leave = notebook(broker)
    leave()
    leave()
    broker.publish("t:1", {})
    assert notes == []


async def test_a_listeners_bug_does_not_silence_the_others(broker, log_watch):
    log_watch.expect("broker listener failed")
    broker.listen(lambda topic, ids: 1 / 0)
    notes, _ = notebook(broker)
    broker.publish("t:1", {"a": 1})
    assert notes == [("t:1", {"a": 1})]


async def test_a_broker_may_be_stopped_twice_and_without_a_start(broker):
    await broker.stop()
    await broker.stop()
    broker.publish("t:1", {})


@pytest.mark.services
async def test_another_process_hears_every_note_in_order(redis_server):
    here, there = through(redis_server), through(redis_server)
    notes, _ = notebook(there)
    await there.start()
    await there.wait_connected()
    await here.start()
    for number in range(200):
        here.publish("t:1", {"n": number})
    await until(lambda: len(notes) == 200)
    assert notes == [("t:1", {"n": number}) for number in range(200)]
    await here.stop()
    await there.stop()


@pytest.mark.services
async def test_redis_dies_and_returns_and_the_notes_go_on(redis_server, log_watch, caplog):
    caplog.set_level(logging.INFO, "tutti.realtime")
    log_watch.expect("redis is away")
    here, there = through(redis_server), through(redis_server)
    notes, _ = notebook(there)
    for broker in (there, here):
        await broker.start()
        await broker.wait_connected()
    here.publish("t:1", {"n": 1})
    await until(lambda: notes == [("t:1", {"n": 1})])

    redis_server.kill()
    for broker in (there, here):
        await broker.wait_away()
    own, _ = notebook(here)
    here.publish("t:1", {"n": 2})
    assert own == [("t:1", {"n": 2})], "this process goes on without Redis"
    await asyncio.sleep(0.6)

    await redis_server.start()
    for broker in (there, here):
        await asyncio.wait_for(broker.wait_connected(), 5)
    here.publish("t:1", {"n": 3})
    await until(lambda: notes[-1] == ("t:1", {"n": 3}))
    said = [record.getMessage() for record in caplog.records if record.name == "tutti.realtime"]
    assert sorted(said) == ["redis is away"] * 2 + ["redis is back"] * 2, "one line each per broker and outage"
    await here.stop()
    await there.stop()


@pytest.mark.services
async def test_an_outage_keeps_the_newest_notes_and_counts_the_rest(redis_server, log_watch):
    log_watch.expect("redis is away")
    redis_server.kill()
    here = through(redis_server, outbox_limit=10)
    await here.start()
    for number in range(25):
        here.publish("t:1", {"n": number})
    await redis_server.start()
    client = Redis.from_url(redis_server.url)
    pubsub = client.pubsub(ignore_subscribe_messages=True)
    await pubsub.subscribe("tutti:notes")
    heard = []
    async with asyncio.timeout(5):
        while len(heard) < 10:
            if (note := await pubsub.get_message(timeout=1)) is not None:
                heard.append(orjson.loads(note["data"])["ids"]["n"])
    assert heard == list(range(15, 25))
    await pubsub.aclose()
    await client.aclose()
    await here.stop()


@pytest.mark.services
async def test_a_foreign_note_on_the_channel_is_ignored(redis_server, log_watch):
    log_watch.expect("foreign note")
    broker = through(redis_server)
    notes, _ = notebook(broker)
    await broker.start()
    await broker.wait_connected()
    async with Redis.from_url(redis_server.url) as client:
        for junk in (b"{nope", b"[]", b'{"from":"x"}'):
            await client.publish("tutti:notes", junk)
        await client.publish("tutti:notes", b'{"from":"x","topic":"t:1","ids":{"n":1}}')
    await until(lambda: notes == [("t:1", {"n": 1})])
    await broker.stop()


@pytest.mark.services
async def test_sockets_in_two_processes_share_now_playing_and_outlive_redis(redis_server, log_watch):
    log_watch.expect("redis is away")
    async with (
        open_house(broker=through(redis_server)) as one,
        open_house(broker=through(redis_server)) as two,
        two.client() as bob,
        one.client() as ann,
    ):
        await one.broker.wait_connected()
        await two.broker.wait_connected()
        await bob.init("bob")
        await ann.init("ann")
        await bob.subscribe('subscription { nowPlaying(userId: "ann") { songId } }')
        await until(lambda: len(two.hub) == 1)
        await ann.subscribe('mutation { play(songId: "s1") }')
        assert (await bob.receive())["payload"]["data"]["nowPlaying"] == {"songId": "s1"}
        redis_server.kill()
        await one.broker.wait_away()
        await two.broker.wait_away()
        await bob.send({"type": "ping", "payload": {"still": "here"}})
        assert await bob.receive() == {"type": "pong", "payload": {"still": "here"}}
        await redis_server.start()
        await one.broker.wait_connected()
        await two.broker.wait_connected()
        await ann.receive()
        await ann.receive()
        await ann.subscribe('mutation { play(songId: "s2") }', id="2")
        assert (await bob.receive())["payload"]["data"]["nowPlaying"] == {"songId": "s2"}


@pytest.mark.services
async def test_a_redis_that_hangs_is_noticed_and_welcomed_back(redis_server, log_watch):
    log_watch.expect("redis is away")
    broker = RedisBroker(redis_server.url, clock=Clock(), pulse_s=0.2, longest_wait_s=0.2)
    await broker.start()
    await broker.wait_connected()
    redis_server.freeze()
    await asyncio.wait_for(broker.wait_away(), 3)
    redis_server.thaw()
    await asyncio.wait_for(broker.wait_connected(), 3)
    await broker.stop()
