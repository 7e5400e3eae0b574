"""Rooms over real sockets: everybody is told the same, by patches; guests; coming back; and being shown out."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing

import pytest

from graph.build import build_executor
from graph.execute import Request
from services.accounts.preferences import PreferencesEdit
from services.rooms.faces import patched
from tests.catalogue_rig import furnish
from tests.realtime.player.street import open_street


class Listener:
    """One player's idea of a room, built from what it is told."""

    def __init__(self, player, room_id):
        self.player, self.room_id, self.face, self.patches = player, room_id, None, 0

    async def follow(self, **members):
        assert (await self.player.ask("room.follow", roomId=self.room_id, **members))["ok"] is True
        await self.hear()
        return self

    async def hear(self):
        event = await self.player.event()
        assert event["ev"] == "room", event
        if "room" in event:
            self.face = event["room"]
        else:
            assert event["from"] == self.face["rev"]
            for patch in event["patches"]:
                self.face = patched(self.face, patch)
                self.patches += 1
        assert (self.face["rev"], self.face["epoch"]) == (event["rev"], event["epoch"])

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition(self.face):
                await self.hear()

    def names(self):
        return {member["name"]: member["role"] for member in self.face["members"]}


@pytest.fixture
async def street(tmp_path):
    async with open_street(tmp_path) as street:
        await furnish(street.rig)
        street.ann, street.ben = await street.rig.sign_in("ann"), await street.rig.sign_in("ben")
        yield street


async def made(street, player, **members):
    """A room of Ann's with two songs, a link into it, and Ann's idea of it."""
    answer = await player.ask("room.create", name="Kitchen", songIds=["s1", "s3"], **members)
    viewer = await street.house.accounts.viewer_for(street.ann.token)
    invite = await street.house.room_invites.create(viewer, answer["roomId"])
    return answer["roomId"], invite, await Listener(player, answer["roomId"]).follow()


async def test_everybody_in_a_room_is_told_the_same(street):
    async with street.greeted(street.ann) as ann, street.greeted(street.ben) as ben:
        room_id, invite, seen_by_ann = await made(street, ann)
        assert (await ben.ask("room.join", token=invite.token))["roomId"] == room_id
        seen_by_ben = await Listener(ben, room_id).follow()
        await ann.ask("room.chat", roomId=room_id, text="hello")
        await ben.ask("room.add", roomId=room_id, songIds=["b1"], clientOpId="x1")
        await ben.ask("room.add", roomId=room_id, songIds=["b1"], clientOpId="x1")
        for seen in (seen_by_ann, seen_by_ben):
            await seen.until(lambda face: len(face["items"]) == 3 and face["chat"])
            assert seen.names() == {"ann": "host", "ben": "member"}
            assert [item["title"] for item in seen.face["items"]] == ["First", "Third", "Bees"]
        assert seen_by_ann.face == seen_by_ben.face
        assert seen_by_ann.patches >= 3


async def test_a_start_lies_ahead_as_far_as_the_slowest_needs(street):
    async with street.greeted(street.ann) as ann:
        room_id, _, seen = await made(street, ann)
        now_ms = street.rig.clock.epoch_ms()
        told = await ann.ask("room.delay", roomId=room_id, delayMs=200, warmUpMs=30, skewMs=-1.5)
        [ours] = told["members"].values()
        assert ours == {"delayMs": 200, "warmUpMs": 30, "skewMs": -1.5}
        assert street.house.room_watch.skews_ms == [1.5]
        await ann.ask("room.ready", roomId=room_id, itemId=seen.face["currentItemId"])
        await seen.until(lambda face: face["anchor"]["playing"])
        assert seen.face["anchor"]["atMs"] == now_ms + 430


async def test_an_operation_from_an_old_revision_is_refused_with_the_room_as_it_is(street):
    async with street.greeted(street.ann) as ann:
        room_id, _, seen = await made(street, ann)
        old_rev = seen.face["rev"]
        await ann.ask("room.next", roomId=room_id, baseRev=old_rev)
        refused = await ann.ask("room.next", roomId=room_id, baseRev=old_rev)
        assert refused["ok"] is False
        assert refused["error"]["code"] == "STALE"
        assert refused["room"]["items"][1]["id"] == refused["room"]["currentItemId"]
        assert refused["error"]["rev"] == refused["room"]["rev"] > old_rev


async def test_who_comes_back_is_told_what_they_missed(street):
    async with street.greeted(street.ann) as ann:
        room_id, invite, seen_by_ann = await made(street, ann)
        async with street.greeted(street.ben) as ben:
            await ben.ask("room.join", token=invite.token)
            left_with = await Listener(ben, room_id).follow()
        await seen_by_ann.until(lambda face: [each["present"] for each in face["members"]] == [True, True])
        await ann.ask("room.chat", roomId=room_id, text="where are you?")
        async with street.greeted(street.ben) as ben:
            left_with.player = ben
            await left_with.follow(lastRev=left_with.face["rev"], epoch=left_with.face["epoch"])
            assert left_with.patches > 0
            assert left_with.face["chat"][0]["text"] == "where are you?"


async def test_a_guest_is_let_into_one_room_and_nothing_else(street):
    async with street.greeted(street.ann) as ann:
        room_id, invite, _ = await made(street, ann)
        other = (await ann.ask("room.create", name="Attic"))["roomId"]
        guest = await street.house.room_guests.join(invite.token, "Gus")
        async with street.player() as gus:
            assert (await gus.ask("hello", room=guest.token))["guest"] is True
            heard = await Listener(gus, room_id).follow()
            assert heard.names()["Gus"] == "guest"
            assert (await gus.ask("room.add", roomId=room_id, songIds=["b1"]))["ok"] is True
            item_id = heard.face["currentItemId"]
            url = (await gus.ask("room.sound", roomId=room_id, itemId=item_id))["url"]
            assert url.startswith("/stream/s1?ticket=")
            for op, members in (
                ("room.follow", {}),
                ("room.chat", {"text": "hi"}),
                ("room.add", {"songIds": ["s1"]}),
                ("room.sound", {"itemId": item_id}),
            ):
                refused = await gus.ask(op, roomId=other, **members)
                assert refused["error"]["code"] in ("NOT_FOUND", "UNAUTHENTICATED"), op
            for op in ("room.kick", "room.create", "room.settings", "room.role"):
                assert (await gus.ask(op, roomId=room_id, memberId=guest.guest_id))["error"]["code"] == "DENIED", op
            await ann.ask("room.kick", roomId=room_id, memberId=guest.guest_id)
            assert (await gus.closed())[0] == 4403
        async with street.player() as gus:
            await gus.send({"op": "hello", "id": "1", "room": guest.token})
            assert (await gus.closed())[0] == 4403


async def test_a_choice_about_explicit_songs_takes_effect_in_the_open_room_at_once(street):
    async with street.greeted(street.ann) as ann, street.greeted(street.ben) as ben:
        room_id, invite, _ = await made(street, ann)
        await ann.ask("room.add", roomId=room_id, songIds=["s2"])
        await ben.ask("room.join", token=invite.token)
        hearing = await Listener(ben, room_id).follow()
        viewer = await street.house.accounts.viewer_for(street.ben.token)

        def shown(face):
            return [item["songId"] for item in face["items"]]

        assert shown(hearing.face) == ["s1", "s3", "s2"]
        for wanted, seen in ((False, ["s1", "s3", None]), (True, ["s1", "s3", "s2"])):
            await street.house.preferences.update(viewer, PreferencesEdit(explicit_content=wanted))
            await hearing.until(lambda face, seen=seen: shown(face) == seen)


async def test_a_subscription_shows_what_its_listener_may_see_by_now(street):
    async with street.greeted(street.ann) as ann:
        room_id, invite, _ = await made(street, ann)
        await ann.ask("room.add", roomId=room_id, songIds=["s2"])
        viewer = await street.house.accounts.viewer_for(street.ben.token)
        await street.house.room_invites.join(viewer, invite.token)
        executor = build_executor(street.house, feeds=street.newsroom.feeds)
        asked = Request(f'subscription {{ room(id: "{room_id}") {{ items {{ song {{ id }} }} }} }}')
        async with aclosing(await executor.subscribe(asked, viewer)) as responses, asyncio.timeout(5):

            async def shown_until(wanted):
                async for response in responses:
                    songs = [item["song"] and item["song"]["id"] for item in response["data"]["room"]["items"]]
                    if songs == wanted:
                        return

            await shown_until(["s1", "s3", "s2"])
            for wanted, seen in ((False, ["s1", "s3", None]), (True, ["s1", "s3", "s2"])):
                await street.house.preferences.update(viewer, PreferencesEdit(explicit_content=wanted))
                await shown_until(seen)


async def test_ten_who_see_a_room_alike_are_told_by_one_reading_and_one_encoding(street):
    async with AsyncExitStack() as doors:
        ann = await doors.enter_async_context(street.greeted(street.ann))
        room_id, invite, idea = await made(street, ann)
        everybody = [idea]
        for number in range(10):
            guest = await street.house.room_guests.join(invite.token, f"G{number}")
            player = await doors.enter_async_context(street.player())
            assert (await player.ask("hello", room=guest.token))["ok"] is True
            everybody.append(await Listener(player, room_id).follow())
        rev = (await street.house.room_memory.newest(room_id)).rev
        for each in everybody:
            await each.until(lambda face: face["rev"] >= rev)
        told, encoded = street.house.room_news.made, street.parts.frames.made
        said = await ann.ask("room.chat", roomId=room_id, text="hello")
        for each in everybody:
            await each.until(lambda face: face["rev"] >= said["rev"])
            assert each.face["chat"][-1]["text"] == "hello"
        assert street.house.room_news.made - told == 1
        assert street.parts.frames.made - encoded == 1
