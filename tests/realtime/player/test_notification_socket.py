"""Notifications over real players' sockets: each once for each device, from its own place, and read everywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.notifications import NotificationNews
from services.clock import SetClock
from services.events import Bus
from services.notifications import kinds
from services.notifications.notifications import Notifications
from services.notifications.places import START, read_place
from tests.realtime.player.street import open_street


@pytest.fixture
async def street(tmp_path):
    async with open_street(tmp_path) as street:
        street.ann = await street.rig.sign_in("ann")
        yield street


async def tell(street, *numbers):
    for number in numbers:
        await street.house.notifications.tell(kinds.review_hidden(f"r{number}"), [street.ann.user.id])


async def follow(player, **members):
    assert (await player.ask("notifications.follow", **members))["ok"] is True
    return await player.event()


def targets(page):
    return [each["targetId"] for each in page["items"]]


async def test_a_day_away_comes_in_bounded_pages_and_what_is_new_once_after_it(street):
    async with street.greeted(street.ann) as player:
        first = await follow(player)
        assert first == {"ev": "notifications", "items": [], "place": "n2.0", "more": False, "unread": 0}
    await tell(street, *range(120))
    async with street.greeted(street.ann) as player:
        pages = [await follow(player, lastSeen=first["place"])]
        while pages[-1]["more"]:
            pages.append(await player.event())
        assert [len(page["items"]) for page in pages] == [50, 50, 20]
        assert [target for page in pages for target in targets(page)] == [f"r{number}" for number in range(120)]
        await tell(street, 120)
        new = await player.event()
        assert (targets(new), new["unread"]) == (["r120"], 121)
    async with street.greeted(street.ann) as player:
        assert targets(await follow(player, lastSeen=new["place"])) == []


async def test_each_device_has_a_place_of_its_own_that_the_house_keeps(street):
    await tell(street, 0, 1)
    async with street.greeted(street.ann) as phone, street.greeted(street.ann) as desk:
        seen = await follow(phone, deviceId="phone", lastSeen="n2.0")
        assert targets(seen) == ["r0", "r1"]
        assert (await phone.ask("notifications.seen", deviceId="phone", place=seen["place"]))["ok"]
        assert targets(await follow(desk, deviceId="desk", lastSeen="n2.0")) == ["r0", "r1"]
    await tell(street, 2)
    async with street.greeted(street.ann) as phone, street.greeted(street.ann) as desk:
        assert targets(await follow(phone, deviceId="phone")) == ["r2"]
        assert targets(await follow(desk, deviceId="desk")) == ["r0", "r1", "r2"], "it never said that it holds them"


async def test_what_is_read_on_one_socket_is_told_on_the_others(street):
    await tell(street, 0, 1, 2)
    async with street.greeted(street.ann) as phone, street.greeted(street.ann) as desk:
        page = await follow(desk, lastSeen="n2.0")
        read = page["items"][0]["id"]
        assert (await phone.ask("notifications.read", notificationId=read)) == {"re": "1", "ok": True, "unread": 2}
        told = await desk.event()
        assert (told["read"], told["unread"], told["items"]) == ([read], 2, [])
        assert (await phone.ask("notifications.read", all=True))["unread"] == 0
        told = await desk.event()
        assert (told["allRead"], told["unread"]) == (True, 0)


@pytest.mark.parametrize(
    ("op", "members", "field"),
    [
        ("notifications.follow", {"lastSeen": "nonsense"}, "lastSeen"),
        ("notifications.follow", {"lastSeen": "n2.x"}, "lastSeen"),
        ("notifications.follow", {"lastSeen": "n2." + "9" * 16}, "lastSeen"),
        ("notifications.seen", {"place": "n2.0"}, "deviceId"),
        ("notifications.seen", {"deviceId": "phone"}, "place"),
        ("notifications.read", {}, "notificationId"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(street, op, members, field):
    async with street.greeted(street.ann) as player:
        error = (await player.ask(op, **members))["error"]
        assert (error["code"], error["field"]) == ("INVALID", field)


async def test_one_of_another_process_that_sorts_before_what_was_told_is_told_too_and_once(street):
    """Two processes over one store; the second one's clock is behind, so its ids sort before the first one's."""
    rig, bus, broker = street.rig, Bus(), LocalBroker()
    viewer = await street.house.accounts.viewer_for(street.ann.token)
    behind = SetClock(rig.clock.now() - timedelta(days=1))
    there = Notifications(rig.store, behind, bus)
    news = NotificationNews(notifications=there, bus=bus, broker=broker, hub=Hub())
    news.start()
    await tell(street, 0, 1)
    trail = await news.trail(viewer, START)
    page = await anext(trail)
    assert [one.target_id for one in page.items] == ["r0", "r1"]
    await trail.aclose()
    await there.tell(kinds.review_hidden("late"), [viewer.user_id])
    late = await rig.store.notifications.first({}, sort=[("_id", 1)])
    assert late.target_id == "late", "its id is a day older than those that were told"
    trail = await news.trail(viewer, read_place(page.place.written()))
    page = await anext(trail)
    assert [one.target_id for one in page.items] == ["late"]
    await trail.aclose()
    trail = await news.trail(viewer, page.place)
    assert list((await anext(trail)).items) == []
    await trail.aclose()
    news.stop()
