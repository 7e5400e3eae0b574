"""The queue over the real store, and through both doors."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from services.accounts.preferences import PreferencesEdit
from services.connect.asked import Guard
from services.connect.operations import Repeat
from services.connect.reducer import Stale
from services.connect.sources import ContextKind
from services.errors import NotFound
from services.listening.plays import PlaySource
from services.viewer import SYSTEM
from tests.catalogue_rig import furnish
from tests.realtime.player.street import open_street


def titles(queue):
    return [item.song_id for item in queue.items]


def current(queue):
    return next((item.song_id for item in queue.items if item.id == queue.current_id), None)


async def test_an_album_plays_and_what_ends_enters_the_ledger_once(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    done = await queues.play(ann, ContextKind.ALBUM, context_id="dawn")
    first = done.queue.items[0]
    assert (done.queue.context.name, current(done.queue), done.queue.anchor.playing) == ("Dawn", first.song_id, True)
    assert (await rig.house.now_playing.current(ann, ann.user_id)).song_id == first.song_id
    rig.clock.turn(first.duration_ms / 1000)
    again = await asyncio.gather(*(queues.ended(ann, first.id, Guard(None, "end")) for _ in range(3)))
    assert {each.rev for each in again} == {2}
    [play] = await rig.store.plays.find({"user_id": ann.user_id})
    assert (play.song_id, play.source, play.source_id, play.completed) == (
        first.song_id,
        PlaySource.ALBUM,
        "dawn",
        True,
    )
    await rig.house.plays.record(ann, first.song_id, play_id="queue:1", ms_played=5)
    assert await rig.store.plays.count({"user_id": ann.user_id}) == 1


async def test_a_player_that_reports_itself_is_not_counted_twice_and_a_private_session_not_at_all(rig):
    await furnish(rig)
    ann, eve = await rig.sign_up("ann"), await rig.sign_up("eve")
    await rig.store.users.update({"_id": eve.user_id}, {"$set": {"preferences.private_session": True}})
    for viewer in (ann, eve):
        await rig.house.queues.play(viewer, ContextKind.SONGS, song_ids=["s1", "s2"])
        await rig.house.plays.record(viewer, "s1", play_id="mine")
    rig.clock.turn(170)
    for viewer in (ann, eve):
        await rig.house.queues.skip(viewer)
    assert await rig.store.plays.count({"user_id": ann.user_id}) == 1
    assert await rig.store.plays.count({"user_id": eve.user_id}) == 0
    assert await rig.house.now_playing.current(eve, eve.user_id) is None


async def test_hidden_songs_are_left_out_with_the_reason_and_passed_over_when_they_hide_later(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    with pytest.raises(NotFound):
        await queues.add(ann, ["s4", "never-was"])
    done = await queues.play(ann, ContextKind.SONGS, song_ids=["s4", "s1", "s2", "s3"], position=1)
    assert (titles(done.queue), current(done.queue)) == (["s1", "s2", "s3"], "s1")
    assert [(each.song_id, each.code) for each in done.skipped] == [("s4", "NOT_FOUND")]
    await rig.store.songs.update({"_id": "s2"}, {"$set": {"is_hidden": True}})
    assert await queues.unavailable(ann, done.queue) == [done.queue.items[1].id]
    assert current((await queues.skip(ann)).queue) == "s3"
    with pytest.raises(NotFound):
        await queues.jump(ann, done.queue.items[1].id)


async def test_when_the_queue_runs_out_the_house_goes_on_with_songs_that_were_not_in_it(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    await queues.play(ann, ContextKind.SONGS, song_ids=["s1"])
    more = (await queues.skip(ann)).queue
    assert len(more.items) > 1
    assert len(set(titles(more))) == len(more.items)
    assert more.items[1].origin == "autoplay"
    assert more.items[1].reason
    await queues.play(ann, ContextKind.SONGS, song_ids=["s1"])
    await queues.autoplay(ann, False)
    assert (await queues.skip(ann)).queue.anchor.playing is False


async def test_a_station_never_runs_out_in_a_queue_and_learns_what_was_skipped_there(rig):
    await furnish(rig)
    for number in range(40):
        await rig.song(f"n{number}", ("anna", "bert")[number % 2], genre_ids=["rock"])
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    queue = (await queues.play(ann, ContextKind.RADIO, context_id="genre:rock")).queue
    await queues.autoplay(ann, False)
    assert len(queue.items) == 25
    rig.clock.turn(2)
    skipped = current(queue)
    for _ in range(60):
        queue = (await queues.skip(ann)).queue
    heard = titles(queue)
    assert queue.anchor.playing and len(heard) == 75
    assert len(set(heard[:42])) == 42 and {item.origin for item in queue.items} == {"context"}
    assert all(one != other for one, other in itertools.pairwise(heard))
    kept = await rig.store.station_skips.get(f"{ann.user_id}:genre:rock")
    assert [each.song_id for each in kept.skips] == [skipped]
    assert await rig.store.plays.count({}) == 0


async def test_a_private_session_teaches_a_station_nothing(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    await rig.house.preferences.update(ann, PreferencesEdit(private_session=True))
    await rig.house.queues.play(ann, ContextKind.RADIO, context_id="genre:rock")
    rig.clock.turn(2)
    await rig.house.queues.skip(ann)
    assert await rig.store.station_skips.count({}) == 0


async def test_what_follows_by_itself_begins_again_when_all_there_is_was_heard(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    await queues.play(ann, ContextKind.SONGS, song_ids=["s1"])
    for _ in range(12):
        queue = (await queues.skip(ann)).queue
    assert queue.anchor.playing and len(queue.items) > 12
    assert all(one != other for one, other in itertools.pairwise(titles(queue)))
    assert queue.items[-1].reason.startswith("From ")


async def test_every_kind_of_context_costs_a_few_commands_and_a_move_two(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    for kind, id in ((ContextKind.ARTIST, "anna"), (ContextKind.RADIO, "artist:anna")):
        assert (await queues.play(ann, kind, context_id=id)).queue.items
    queue = (await queues.play(ann, ContextKind.SONGS, song_ids=["s1", "s2", "s3"])).queue
    rig.engine.asked.clear()
    await queues.move(ann, queue.items[2].id, queue.items[1].id)
    assert rig.engine.asked == {"play_queues": 2}
    rig.engine.asked.clear()
    await queues.add(ann, ["s1"] * 500)
    assert rig.engine.asked["songs"] == 1
    assert rig.engine.asked["play_queues"] == 2
    for kind in (ContextKind.ALBUM, ContextKind.PLAYLIST, ContextKind.ARTIST, ContextKind.RADIO):
        with pytest.raises(NotFound):
            await queues.play(ann, kind, context_id="never-was")


async def test_deltas_since_a_revision_or_a_snapshot_and_a_refusal_that_carries_the_queue(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queues = rig.house.queues
    await queues.play(ann, ContextKind.SONGS, song_ids=["s1", "s2"])
    await queues.repeat(ann, Repeat.ALL)
    await queues.skip(ann)
    assert [change["rev"] for change in (await queues.changes_since(ann, 1)).changes] == [2, 3]
    assert (await queues.changes_since(ann, 9)).changes is None
    with pytest.raises(Stale) as refused:
        await queues.skip(ann, Guard(2))
    assert refused.value.state["queue"]["rev"] == refused.value.extensions["rev"] == 3


async def test_a_silent_device_is_gone_on_for_without_an_entry_in_the_ledger(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    queue = (await rig.house.queues.play(ann, ContextKind.SONGS, song_ids=["s1", "s2", "s3"])).queue
    assert await rig.house.queue_upkeep.advance_silent() == 0
    rig.clock.turn(queue.items[0].duration_ms / 1000 + 30)
    assert await rig.house.queue_upkeep.advance_silent() == 1
    assert await rig.house.queue_upkeep.advance_silent() == 0
    assert current(await rig.house.queues.get(ann)) == "s2"
    assert await rig.store.plays.count({"user_id": ann.user_id}) == 0


async def test_another_persons_queue_cannot_be_read_and_nobody_has_none(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    with pytest.raises(NotFound):
        await rig.house.queues.read(SYSTEM, ann.user_id)
    assert [error["code"] for error in await rig.errors("{ queue { rev } }")] == ["UNAUTHENTICATED"]


async def test_two_devices_of_one_person_follow_by_deltas_through_the_real_socket(tmp_path):
    async with open_street(tmp_path) as street:
        await furnish(street.rig)
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann) as phone, street.greeted(ann) as tv:
            assert (await tv.ask("queue.follow"))["topic"] == "queue"
            assert (await tv.event())["queue"]["items"] == []
            played = await phone.ask("queue.play", songIds=["s1", "s2"], clientOpId="a")
            assert played == {"re": "1", "ok": True, "rev": 1}
            assert (await phone.ask("queue.play", songIds=["s1", "s2"], clientOpId="a"))["repeated"] is True
            first = await tv.event()
            assert (first["rev"], first["queue"]["unavailable"]) == (1, [])
            unknown = await phone.ask("queue.transfer", deviceId="tv-1")
            assert unknown["error"]["code"] == "NOT_FOUND"
            await tv.ask("device.register", deviceId="tv-1", name="TV", kind="tv")
            await phone.ask("queue.transfer", deviceId="tv-1", positionMs=1000, volume=40, baseRev=1)
            moved = (await tv.event())["changes"][0]
            assert (moved["set"]["deviceId"], moved["set"]["volume"]) == ("tv-1", 40)
            assert moved["set"]["anchor"]["positionMs"] == 1000
            stale = await phone.ask("queue.clear", baseRev=99)
            assert (stale["error"]["code"], stale["error"]["queue"]["rev"]) == ("STALE", 2)
            assert (await phone.ask("queue.get", lastRev=1))["changes"][0]["rev"] == 2
            wrong = await phone.ask("follow", topic="queue:somebody")
            assert wrong["error"]["code"] == "NOT_FOUND"


async def test_the_graph_tells_the_queue_and_its_songs(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    made = await rig.data(
        'mutation { playNow(kind: ALBUM, contextId: "dawn") { rev queue { repeat context { kind name } items { origin'
        " isAvailable song { id } } current { song { id } } } } }",
        ann,
    )
    assert made["playNow"]["queue"]["context"] == {"kind": "ALBUM", "name": "Dawn"}
    assert made["playNow"]["queue"]["items"][0]["isAvailable"] is True
