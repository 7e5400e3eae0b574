"""Notifications over a real WebSocket: each once, to whom it belongs, missed ones first."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.notifications import NotificationNews
from realtime.redis_broker import RedisBroker
from services.clock import Clock
from services.errors import Invalid, TooMany, Unauthenticated
from services.events import Bus, UserFollowed
from services.notifications import kinds
from services.notifications.notifications import Notifications
from services.viewer import NOBODY
from storage.records import Edge
from tests.catalogue_rig import small_house
from tests.realtime.small_house import Client, until
from tests.realtime.test_whole_house import signed_in, street
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer

__all__ = ["street"]

# As the specification writes it.
SPEC = """subscription {
  notifications {
    id
    type
    title
    message
    createdAt
    read
  }
}"""


@pytest.fixture
async def rig(tmp_path):
    async with small_house(tmp_path) as rig:
        yield rig


async def heard(client):
    message = await client.receive()
    assert message["type"] == "next", message
    return message["payload"]["data"]["notifications"]


async def test_each_new_notification_reaches_its_owner_once_and_nobody_else(street):
    ann, bob, cat = [await signed_in(street, name) for name in ("ann_l", "bob_l", "cat_l")]
    async with Client(street.url, {}) as anns, Client(street.url, {}) as other_tab, Client(street.url, {}) as cats:
        for client, who in ((anns, ann), (other_tab, ann), (cats, cat)):
            await client.init(who.token)
            await client.subscribe(SPEC)
        await until(lambda: len(street.hub) == 3)
        for _ in range(2):
            street.house.bus.publish(UserFollowed(bob.user.id, ann.user.id))
            await street.house.announcer.settled()
        told = await heard(anns)
        [row] = await street.store.notifications.find({})
        assert told == {
            "id": row.id,
            "type": "FOLLOWED",
            "title": "New follower",
            "message": "bob_l follows you now.",
            "createdAt": street.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "read": False,
        }
        assert await heard(other_tab) == told
        street.house.bus.publish(UserFollowed(cat.user.id, ann.user.id))
        assert (await heard(anns))["message"] == "cat_l follows you now.", "the first was told once"
        street.house.bus.publish(UserFollowed(bob.user.id, cat.user.id))
        assert (await heard(cats))["message"] == "bob_l follows you now.", "and nothing of ann's before"


async def test_who_comes_back_is_told_first_what_they_missed(street):
    ann = await signed_in(street, "ann_l")
    tell = street.house.notifications.tell
    for number in range(230):
        await tell(kinds.review_hidden(f"r{number}"), [ann.user.id])
    rows = await street.store.notifications.find({}, sort=[("_id", 1)], limit=1000)
    async with Client(street.url, {}) as client:
        await client.init(ann.token)
        query = "subscription ($after: String) { notifications(after: $after) { id } }"
        await client.subscribe(query, variables={"after": rows[4].id})
        missed = [(await heard(client))["id"] for _ in range(225)]
        assert missed == [row.id for row in rows[5:]]
        await tell(kinds.review_hidden("new"), [ann.user.id])
        newest = await street.store.notifications.first({}, sort=[("_id", -1)])
        assert (await heard(client))["id"] == newest.id


async def test_refusals_keep_their_codes_and_the_socket(street):
    ann = await signed_in(street, "ann_l")
    async with Client(street.url, {}) as nobody, Client(street.url, {}) as somebody:
        await nobody.init()
        await somebody.init(ann.token)
        for client, query, code in [
            (nobody, SPEC, "UNAUTHENTICATED"),
            (somebody, 'subscription { notifications(after: "nonsense") { id } }', "INVALID"),
        ]:
            await client.subscribe(query)
            answer = await client.receive()
            assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code)
            await client.subscribe("{ __typename }")
            assert (await client.receive())["payload"] == {"data": {"__typename": "Query"}}
    assert len(street.hub) == 0


def news_of(rig, hub=None, broker=None, bus=None):
    made = NotificationNews(
        notifications=rig.house.notifications,
        bus=bus or rig.house.bus,
        broker=broker or LocalBroker(),
        hub=hub or Hub(),
    )
    made.start()
    return made


async def test_what_is_written_while_one_catches_up_is_neither_lost_nor_told_twice(rig):
    ann = await rig.sign_up("ann")
    tell = rig.house.notifications.tell
    await tell(kinds.review_hidden("r0"), [ann.user_id])
    start = await rig.store.notifications.first({})
    news = news_of(rig)
    source = await news(ann, start.id)
    for number in range(1, 4):
        await tell(kinds.review_hidden(f"r{number}"), [ann.user_id])
    ids = []
    for _ in range(3):
        ids.append((await anext(source)).id)
    await tell(kinds.review_hidden("r4"), [ann.user_id])
    ids.append((await anext(source)).id)
    rows = await rig.store.notifications.find({}, sort=[("_id", 1)])
    assert ids == [row.id for row in rows[1:]]
    await source.aclose()
    news.stop()


async def test_a_removed_one_is_passed_over_and_another_persons_id_gives_nothing(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    hub, tell = Hub(), rig.house.notifications.tell
    news = news_of(rig, hub)
    source = await news(ann, None)
    await tell(kinds.review_hidden("gone"), [ann.user_id])
    await rig.store.notifications.delete({})
    await tell(kinds.review_hidden("bobs"), [bob.user_id])
    hub.publish(f"notifications:{ann.user_id}", (await rig.store.notifications.first({})).id)
    await tell(kinds.review_hidden("anns"), [ann.user_id])
    assert (await anext(source)).target_id == "anns"
    await source.aclose()
    assert len(hub) == 0
    news.stop()


async def test_a_broadcast_reaches_those_who_listen_at_once(rig):
    ann, bob = await rig.sign_up("ann"), await rig.sign_up("bob")
    await rig.artist("star", name="Star")
    await rig.store.followed_artists.insert(Edge(f"{ann.user_id}:star", ann.user_id, "star", rig.clock.now()))
    news = news_of(rig)
    anns, bobs = await news(ann, None), await news(bob, None)
    waiting = asyncio.create_task(anext(anns))
    album = await rig.album("lp", "star")
    await rig.house.notifications.broadcast(kinds.album_released(album), "star")
    await rig.house.notifications.tell(kinds.review_hidden("bobs"), [bob.user_id])
    assert (await asyncio.wait_for(waiting, 5)).target_id == "lp"
    assert (await asyncio.wait_for(anext(bobs), 5)).target_id == "bobs"
    await anns.aclose()
    await bobs.aclose()
    news.stop()


async def test_who_falls_behind_is_sent_away_and_catches_up_by_cursor(rig):
    ann = await rig.sign_up("ann")
    news = news_of(rig)
    source = await news(ann, None)
    for number in range(300):
        await rig.house.notifications.tell(kinds.review_hidden(f"r{number}"), [ann.user_id])
    with pytest.raises(TooMany) as refused:
        await anext(source)
    assert refused.value.reason == "FELL_BEHIND"
    again = await news(ann, "0" * 26)
    assert [(await anext(again)).target_id for _ in range(300)] == [f"r{number}" for number in range(300)]
    await again.aclose()
    news.stop()


async def test_a_refused_source_leaves_nothing_in_the_hub(rig):
    hub = Hub()
    news = news_of(rig, hub)
    with pytest.raises(Unauthenticated):
        await news(NOBODY, None)
    with pytest.raises(Invalid):
        await news(await rig.sign_up("ann"), "nonsense")
    assert len(hub) == 0
    news.stop()


async def test_a_thousand_notices_go_out_in_ten_notes(rig):
    notes, broker = [], LocalBroker()
    broker.listen(lambda topic, ids: notes.append((topic, len(ids["ids"]))))
    news = news_of(rig, broker=broker)
    await rig.house.notifications.tell(kinds.review_hidden("r"), [f"u{number}" for number in range(1000)])
    assert notes == [("notified", 100)] * 10
    news.stop()


@pytest.mark.services
async def test_another_process_is_told_through_redis(rig, tmp_path):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    server = RedisServer(tmp_path)
    await server.start()
    exercised("Redis under notifications")
    brokers = [RedisBroker(server.url, clock=Clock(), pulse_s=0.5, longest_wait_s=0.2) for _ in range(2)]
    for broker in brokers:
        await broker.start()
        await broker.wait_connected()
    ann, bus = await rig.sign_up("ann"), Bus()
    here, there = news_of(rig, broker=brokers[0], bus=bus), news_of(rig, broker=brokers[1], bus=Bus())
    source = await there(ann, None)
    await Notifications(rig.store, rig.clock, bus).tell(kinds.review_hidden("r1"), [ann.user_id])
    assert (await asyncio.wait_for(anext(source), 5)).target_id == "r1"
    await source.aclose()
    for news in (here, there):
        news.stop()
    for broker in brokers:
        await broker.stop()
    server.kill()
