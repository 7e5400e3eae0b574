"""Devices and presence over real sockets: who is told what when players come, go and are left alone."""

from __future__ import annotations

import pytest

from services.presence.reducer import GRACE_S, LEASE_S
from services.viewer import Viewer
from tests.catalogue_rig import furnish
from tests.realtime.player.street import open_street
from tests.realtime.small_house import until

PHONE = {"deviceId": "phone", "name": "Ann's phone", "kind": "phone", "capabilities": {"formats": ["audio/mpeg"]}}
RADIO = {"deviceId": "radio", "name": "Radio", "kind": "speaker"}


@pytest.fixture
async def street(tmp_path):
    async with open_street(tmp_path) as street:
        await furnish(street.rig)
        street.ann, street.ben = await street.rig.sign_in("ann"), await street.rig.sign_in("ben")
        yield street


async def passes(street, seconds):
    """Time passes, and the house looks at what is due."""
    street.rig.clock.turn(seconds)
    await street.house.presence_watch.look()


async def hears(player, condition):
    """The first event for which the condition holds."""
    while not condition(event := await player.event()):
        pass
    return event


async def test_hello_tells_which_device_it_is_and_others_see_it_come_and_go(street):
    async with street.greeted(street.ann) as ann:
        assert (await ann.ask("device.follow"))["topic"] == "devices"
        assert (await ann.event())["devices"] == []
        async with street.player() as phone:
            greeting = await phone.ask("hello", token=street.ann.token, device=PHONE)
            assert greeting["device"] == "phone"
            seen = await hears(ann, lambda event: event["devices"] and event["devices"][0]["online"])
            [device] = seen["devices"]
            del device["seenAt"]
            can = {"formats": ["audio/mpeg"], "volume": True, "gapless": False, "crossfade": False, "maxQuality": None}
            told = {"id": "phone", "name": "Ann's phone", "kind": "phone", "online": True, "capabilities": can}
            assert device == told
            refused = await ann.ask("device.forget", deviceId="phone")
            assert refused["error"]["code"] == "CONNECTED"
        await until(lambda: street.house.presence_watch.connection_count == 1)
        assert (await ann.ask("device.list"))["devices"][0]["online"] is True, "a page may be loaded anew"
        await passes(street, GRACE_S)
        gone = await hears(ann, lambda event: not event["devices"][0]["online"])
        assert gone["rev"] > seen["rev"]
        assert (await ann.ask("device.forget", deviceId="phone"))["devices"] == []


async def test_a_page_that_is_loaded_anew_never_leaves(street):
    async with street.greeted(street.ann) as ann:
        await ann.ask("device.register", **RADIO)
        before = await street.house.presences.read(Viewer(user_id=street.ann.user.id), street.ann.user.id)
    await until(lambda: street.house.presence_watch.connection_count == 0)
    await passes(street, GRACE_S - 1)
    async with street.player() as again:
        await again.ask("hello", token=street.ann.token, device=RADIO)
        await passes(street, GRACE_S + 1)
        after = await street.house.presences.read(Viewer(user_id=street.ann.user.id), street.ann.user.id)
        assert (after.status.value, after.since) == ("online", before.since)
        assert (await again.ask("device.list"))["devices"][0]["online"] is True


async def test_a_name_that_was_given_stays_and_wrong_words_are_refused(street):
    async with street.greeted(street.ann) as ann, street.greeted(street.ben) as ben:
        await ann.ask("device.register", **RADIO)
        assert (await ann.ask("device.rename", deviceId="radio", name="Window"))["devices"][0]["name"] == "Window"
        await ann.ask("device.register", **RADIO)
        assert (await ann.ask("device.list"))["devices"][0]["name"] == "Window"
        assert (await ben.ask("device.list"))["devices"] == []
        for wrong, field in (
            ({"deviceId": "a b"}, "deviceId"),
            ({"name": " "}, "name"),
            ({"kind": "toaster"}, "kind"),
            ({"capabilities": {"formats": ["mp3"]}}, "formats"),
            ({"capabilities": {"formats": ["a/b"] * 21}}, "formats"),
            ({"capabilities": {"maxQuality": "best"}}, "maxQuality"),
        ):
            error = (await ann.ask("device.register", **(RADIO | wrong)))["error"]
            assert (error["code"], error["field"]) == ("INVALID", field)
        for op in ("device.rename", "device.forget"):
            assert (await ben.ask(op, deviceId="radio", name="Mine"))["error"]["code"] == "NOT_FOUND"
        answer = await ben.ask("follow", topic=f"devices:{street.ann.user.id}")
        assert answer["error"]["code"] == "NOT_FOUND"


async def test_the_music_stands_still_when_its_device_is_gone(street):
    async with street.greeted(street.ann) as ann:
        unknown = await ann.ask("queue.transfer", deviceId="radio")
        assert unknown["error"]["code"] == "NOT_FOUND"
        async with street.greeted(street.ann) as radio:
            await radio.ask("device.register", **RADIO)
            await ann.ask("queue.play", kind="album", contextId="dawn")
            assert "error" not in await ann.ask("queue.transfer", deviceId="radio", playing=True)
        await until(lambda: street.house.presence_watch.connection_count == 1)
        assert (await ann.ask("queue.get"))["queue"]["anchor"]["playing"] is True
        await passes(street, GRACE_S)
        queue = (await ann.ask("queue.get"))["queue"]
        assert (queue["anchor"]["playing"], queue["anchor"]["positionMs"]) == (False, GRACE_S * 1000)


async def test_a_dead_process_is_missed_within_a_lease(street):
    async with street.greeted(street.ann) as ann:
        await ann.ask("device.register", **RADIO)
        await ann.ask("device.follow")
        watch = street.house.presence_watch
        # As if this process had died, and another one looked after what it left.
        left, watch._people, watch._house = watch._people, {}, "another"
        await passes(street, LEASE_S - 1)
        assert (await ann.ask("device.list"))["devices"][0]["online"] is True
        street.rig.clock.turn(1)
        assert await watch.look_after_orphans() == 1
        await hears(ann, lambda event: not event["devices"][0]["online"])
        assert await watch.look_after_orphans() == 0
        watch._people = left


async def test_at_most_fifty_devices_are_kept_and_the_oldest_is_forgotten(street):
    async with street.greeted(street.ann) as ann:
        await ann.ask("device.register", **RADIO)
        viewer, devices = Viewer(user_id=street.ann.user.id), street.house.devices
        for at in range(51):
            street.rig.clock.turn(0.05)
            text = f'mutation {{ registerDevice(deviceId: "d{at}", name: "D") {{ devices {{ id }} }} }}'
            await street.rig.data(text, viewer)
        ids = [each.device.id for each in (await devices.own(viewer)).devices]
        assert (len(ids), ids[:2], ids[-1]) == (50, ["radio", "d50"], "d2")
        assert await devices.known(viewer.user_id, "d2") and not await devices.known(viewer.user_id, "d1")


async def test_friends_see_one_another_come_listen_be_left_alone_and_go(street):
    await street.rig.following(street.ben.user.id, street.ann.user.id)
    ann_id = street.ann.user.id
    async with street.greeted(street.ben) as ben:
        await ben.ask("presence.follow")
        assert (await ben.event())["friends"] == []
        async with street.greeted(street.ann) as ann:
            came = await ben.event()
            [friend] = came["friends"]
            assert (friend["userId"], friend["status"], friend["songId"]) == (ann_id, "online", None)
            viewer = await street.house.accounts.viewer_for(street.ann.token)
            await street.house.now_playing.report(viewer, "s1")
            assert [each["songId"] for each in (await ben.event())["friends"]] == ["s1"]
            await ann.ask("presence.set", state="away")
            assert [each["status"] for each in (await ben.event())["friends"]] == ["away"]
            await street.house.now_playing.report(viewer, "s4")
            hidden = (await ben.event())["friends"]
            assert [each["songId"] for each in hidden] == [None], "a hidden song is none"
            await street.rig.data(
                "mutation { updatePreferences(privateSession: true) { preferences { privateSession } } }", viewer
            )
            await hears(ben, lambda event: event["friends"] == [])
            looks = await ben.ask("presence.get", userId=ann_id)
            assert (looks["status"], looks["since"], looks["songId"]) == ("offline", None, None)


async def test_a_change_costs_one_message_however_many_follow(street):
    for at in range(30):
        await street.rig.following(f"follower-{at}", street.ann.user.id)
    topics = []
    street.broker.listen(lambda topic, _: topics.append(topic))
    async with street.greeted(street.ann):
        assert topics == [f"presence:{street.ann.user.id}"]


async def test_who_may_not_know_gets_the_same_as_for_nobody(street):
    async with street.greeted(street.ann), street.greeted(street.ben) as ben:
        answers = []
        for user_id in (street.ann.user.id, "nobody"):
            for op, members in (("presence.get", {"userId": user_id}), ("follow", {"topic": f"presence:{user_id}"})):
                answers.append((await ben.ask(op, **members))["error"])
        assert answers[:2] == answers[2:]
        everyone = {"$set": {"preferences.presence_visibility": "everyone"}}
        await street.rig.store.users.update({"_id": street.ann.user.id}, everyone)
        assert (await ben.ask("presence.get", userId=street.ann.user.id))["status"] == "online"
        only_me = {"$set": {"preferences.presence_visibility": "only_me"}}
        await street.rig.following(street.ben.user.id, street.ann.user.id)
        await street.rig.store.users.update({"_id": street.ann.user.id}, only_me)
        assert (await ben.ask("presence.get", userId=street.ann.user.id))["error"] == answers[0]
