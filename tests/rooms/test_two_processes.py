"""Rooms held by two processes over one store: nobody sees an older room, nothing waits for a process that died."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest

from services.accounts.tickets import Tickets
from services.errors import NotFound
from services.events import Bus, CatalogueChanged, RoomChanged
from services.ground import Ground
from services.rooms.room import build_rooms
from services.timing.house_time import HouseTime
from storage.live.interface import LiveStateAway
from storage.live.memory import MemoryLiveState
from tests.catalogue_rig import file_of, furnish, small_house
from tests.stream import stage


@pytest.fixture
async def pair(tmp_path):
    """Two processes `one` and `two` that hear of each other as over a broker, and Ann, who is signed in."""
    async with small_house(tmp_path) as rig, AsyncExitStack() as undo:
        await furnish(rig)
        live = MemoryLiveState(rig.clock.monotonic)
        sides = []
        for _ in range(2):
            bus = Bus()
            ground = Ground(
                rig.store, rig.files, rig.clock, bus, rig.house.accounts,
                Tickets(b"0123456789abcdef", clock=rig.clock, lifetime_s=3600),
                folder=rig.files.folder, live=live, house_time=HouseTime(rig.clock),
            )  # fmt: skip
            side = build_rooms(ground, rig.house.deliveries, undo)
            side.bus, side.house_time = bus, ground.house_time
            sides.append(side)
        for mine, other in (sides, sides[::-1]):
            mine.bus.hear(RoomChanged, lambda event, other=other: other.room_memory.heard(event.room_id, event.rev))
        ann, ben = await rig.sign_up("ann"), await rig.sign_up("ben")
        yield SimpleNamespace(rig=rig, one=sides[0], two=sides[1], ann=ann, ben=ben, live=live)


async def a_room(pair, *song_ids):
    """Ann's, with Ben in it; both sit in process one."""
    room = await pair.one.rooms.create(pair.ann, "Kitchen", None, song_ids)
    link = await pair.one.room_invites.create(pair.ann, room.id)
    await pair.one.room_invites.join(pair.ben, link.token)
    for viewer in (pair.ann, pair.ben):
        await pair.one.rooms.sit(viewer, room.id, viewer.user_id)
    return room.id


async def test_a_thousand_followers_cost_the_store_one_read(pair):
    room_id = await a_room(pair, "s1")
    pair.two.room_memory.forget(room_id)
    pair.rig.engine.asked.clear()
    seen = await asyncio.gather(*(pair.two.rooms.read(pair.ben, room_id) for _ in range(1000)))
    assert {room.rev for room in seen} == {seen[0].rev}
    assert pair.rig.engine.asked["rooms"] == 1


async def test_no_process_shows_a_room_older_than_what_it_was_told_of(pair):
    room_id = await a_room(pair, "s1")
    old = await pair.two.rooms.read(pair.ben, room_id)
    said = await pair.one.room_acts.say(pair.ann, room_id, "hello")
    assert said.rev == old.rev + 1
    assert (await pair.two.rooms.read(pair.ben, room_id)).rev == said.rev


async def test_words_missed_in_an_outage_are_made_up_for(pair):
    room_id = await a_room(pair, "s1")
    await pair.two.rooms.read(pair.ben, room_id)
    heard, pair.two.room_memory.heard = pair.two.room_memory.heard, lambda *_: None
    said = await pair.one.room_acts.say(pair.ann, room_id, "hello")
    pair.two.room_memory.heard = heard
    pair.two.room_memory.doubt()
    assert (await pair.two.rooms.read(pair.ben, room_id)).rev == said.rev


async def test_operations_through_two_processes_at_once_are_all_done_in_one_order(pair):
    room_id = await a_room(pair, "s1")
    sides = [(pair.one, pair.ann), (pair.two, pair.ben)]
    await asyncio.gather(*(sides[n % 2][0].room_acts.say(sides[n % 2][1], room_id, f"line {n}") for n in range(20)))
    one, two = [await side.rooms.read(viewer, room_id, fresh=True) for side, viewer in sides]
    assert one == two
    assert sorted(line.text for line in one.chat) == sorted(f"line {n}" for n in range(20))


async def test_a_room_goes_on_in_another_process_when_its_own_dies(pair):
    room_id = await a_room(pair, "s1", "s3")
    await pair.one.room_watch.tick(room_id)
    await pair.one.room_watch.stop()
    pair.rig.clock.turn(2.1)
    # Nobody holds the song, so it starts at its deadline; but process one still has the right to see to that.
    await pair.two.room_watch.look_after_all()
    assert not (await pair.two.rooms.read(pair.ann, room_id, fresh=True)).anchor.playing
    pair.rig.clock.turn(5)
    await pair.two.room_watch.look_after_all()
    room = await pair.two.rooms.read(pair.ann, room_id, fresh=True)
    assert room.anchor.playing
    pair.rig.clock.turn(300)
    await pair.two.room_watch.look_after_all()
    assert (await pair.two.rooms.read(pair.ann, room_id)).current_id == room.items[1].id


async def test_members_of_a_dead_process_are_absent_and_the_room_closes_at_last(pair):
    room_id = await a_room(pair)
    await pair.one.room_watch.stop()
    pair.rig.clock.turn(16)
    assert await pair.two.room_watch.look_after_all() == 1
    room = await pair.two.rooms.read(pair.ann, room_id)
    assert [member.present for member in room.members] == [False, False]
    await pair.two.rooms.sit(pair.ben, room_id, "ben's phone")
    pair.rig.clock.turn(11)
    await pair.two.room_watch.look_after_all()
    room = await pair.two.rooms.read(pair.ann, room_id)
    assert {member.name: member.role for member in room.members} == {"ann": "cohost", "ben": "host"}
    await pair.two.rooms.stand_up(pair.ben, room_id, "ben's phone")
    pair.rig.clock.turn(601)
    await pair.two.room_watch.look_after_all()
    assert (await pair.two.rooms.read(pair.ann, room_id)).closed


async def test_nobody_is_absent_while_nobody_can_tell(pair, monkeypatch):
    room_id = await a_room(pair)

    async def away(*_):
        raise LiveStateAway

    pair.rig.clock.turn(3600)
    monkeypatch.setattr(pair.live, "held", away)
    assert await pair.two.room_watch.look_after_all() == 0
    assert all(member.present for member in (await pair.two.rooms.read(pair.ann, room_id)).members)


async def test_a_song_that_goes_is_passed_over(pair):
    room_id = await a_room(pair, "s1", "s3", "b1")
    await pair.rig.store.songs.update({"_id": "s3"}, {"$set": {"is_hidden": True}})
    pair.rig.clock.turn(31)
    await pair.one.room_watch.tick(room_id)
    room = await pair.one.room_acts.skip(pair.ann, room_id)
    assert room.current_id == room.items[2].id
    assert [(item.gone, item.gone_because) for item in room.items] == [(False, ""), (True, "hidden"), (False, "")]


async def a_file(pair, tmp_path, song_id, state="present"):
    """A song's file, with a second of sound in it."""
    wav = tmp_path / f"{song_id}.wav"
    stage.music(wav, seconds=1.0)
    status = wav.stat()
    facts = {"path": str(wav), "size": status.st_size, "mtime_ns": status.st_mtime_ns, "codec": "pcm", "state": state,
             "sample_rate": 44100, "channels": 2, "content_type": "audio/wav", "samples": 44100}  # fmt: skip
    file = file_of(song_id, **facts)
    await pair.rig.store.audio_files.insert(file)
    await pair.rig.store.songs.update({"_id": song_id}, {"$set": {"file_id": file.id}})
    return wav


async def test_songs_whose_files_are_lost_are_passed_over_and_it_is_said_why(pair, tmp_path):
    (await a_file(pair, tmp_path, "s1")).unlink()
    await a_file(pair, tmp_path, "s3", state="vanished")
    await a_file(pair, tmp_path, "b1", state="broken")
    await a_file(pair, tmp_path, "s2")
    room_id = await a_room(pair, "s1", "s3", "b1", "s1", "s2")
    pair.rig.clock.turn(2.1)
    await pair.one.room_watch.tick(room_id)
    room = await pair.one.rooms.read(pair.ann, room_id)
    assert [item.gone_because for item in room.items] == ["no_file"] * 4 + [""]
    assert room.current_id == room.items[4].id and room.start is not None
    news = await pair.one.rooms.news(pair.ben, room, None, None)
    assert [item["goneBecause"] for item in news["room"]["items"]] == ["no_file"] * 4 + [None]


async def test_a_room_of_lost_songs_alone_falls_silent_and_plays_what_is_added(pair, tmp_path):
    (await a_file(pair, tmp_path, "s1")).unlink()
    room_id = await a_room(pair, *["s1"] * 50)
    pair.rig.clock.turn(2.1)
    await pair.one.room_watch.tick(room_id)
    room = await pair.one.rooms.read(pair.ann, room_id)
    assert all(item.gone for item in room.items) and (room.start, room.due_ms) == (None, None)
    await pair.one.room_acts.add(pair.ann, room_id, ["s3"], None)
    pair.rig.clock.turn(2.1)
    await pair.one.room_watch.tick(room_id)
    assert (await pair.one.rooms.read(pair.ann, room_id)).anchor.playing


async def test_a_song_that_cannot_be_decoded_is_passed_over_once_a_player_says_so(pair, tmp_path):
    damaged, good = await a_file(pair, tmp_path, "s1"), await a_file(pair, tmp_path, "s3")
    damaged.write_bytes(b"no sound at all, in spite of its name" * 100)
    assert good.exists()
    await pair.rig.house.deliveries.start()
    room_id = await a_room(pair, "s1", "s3")
    pair.rig.clock.turn(2.1)
    await pair.one.room_watch.tick(room_id)
    room = await pair.one.rooms.read(pair.ann, room_id)
    bad, fine = room.items
    # What the house can decode is not given up because somebody says so.
    assert (await pair.one.room_acts.unheard(pair.ben, room_id, fine.id)).rev == room.rev
    room = await pair.one.room_acts.unheard(pair.ben, room_id, bad.id)
    assert [item.gone_because for item in room.items] == ["damaged", ""]
    assert room.current_id == fine.id
    with pytest.raises(NotFound):
        await pair.one.room_acts.unheard(await pair.rig.sign_up("eve"), room_id, fine.id)


async def test_a_song_that_is_hidden_while_it_plays_ends_at_once(pair):
    room_id = await a_room(pair, "s1", "s3")
    pair.rig.clock.turn(2.1)
    await pair.one.room_watch.tick(room_id)
    await pair.rig.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    pair.one.bus.publish(CatalogueChanged(song_ids=("s1",)))
    await pair.one.room_watch.look()
    room = await pair.one.rooms.read(pair.ann, room_id)
    assert (room.items[0].gone_because, room.current_id) == ("hidden", room.items[1].id)


async def test_what_a_member_may_not_see_is_silent_for_them(pair):
    room_id = await a_room(pair, "s2")
    prude = pair.ben.__class__(pair.ben.user_id, pair.ben.roles, explicit_content=False)
    room = await pair.one.rooms.read(prude, room_id)
    for viewer, song_id in ((pair.ann, "s2"), (prude, None)):
        news = await pair.one.rooms.news(viewer, room, None, None)
        assert [item["songId"] for item in news["room"]["items"]] == [song_id]
        assert [item["title"] for item in news["room"]["items"]] == ["Second" if song_id else ""]
    with pytest.raises(NotFound):
        await pair.one.room_acts.add(prude, room_id, ["s2"], None)
    with pytest.raises(NotFound):
        await pair.one.room_sounds.of_item(prude, room_id, room.items[0].id)


async def test_a_room_plays_on_when_the_clock_is_turned_back_an_hour(pair):
    room_id = await a_room(pair, "s1", "s3")
    pair.rig.clock.turn(2.1)
    await pair.one.room_watch.tick(room_id)
    began = await pair.one.rooms.read(pair.ann, room_id)
    assert began.anchor.playing
    for side in (pair.one, pair.two):
        side.house_time.steer(-3_600_000.0)
    pair.rig.clock.turn(6)
    assert await pair.two.room_watch.look_after_all() == 1
    room = await pair.two.rooms.read(pair.ann, room_id)
    now_ms = pair.two.house_time.now_ms()
    assert room.anchor.playing and now_ms <= room.due_ms <= now_ms + room.items[0].duration_ms + 1_500
