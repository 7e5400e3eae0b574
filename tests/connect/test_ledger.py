"""Playings on their way from a queue to the ledger: each arrives once, whatever happens on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.connect.asked import Guard
from services.connect.sources import ContextKind
from services.listening.plays import PlayReport
from services.viewer import Viewer
from storage.engine import EngineAway
from tests.catalogue_rig import furnish


class PowerCut(Exception):
    """The process ends here."""


async def heard(rig, name="ann"):
    """Somebody who heard s1 of an album to its end; with its item, and when it began."""
    ann = await rig.sign_up(name)
    queue = (await rig.house.queues.play(ann, ContextKind.SONGS, song_ids=["s1", "s2"])).queue
    began = rig.clock.now()
    rig.clock.turn(queue.items[0].duration_ms / 1000)
    return ann, queue.items[0], began


async def test_a_playing_cut_off_between_queue_and_ledger_arrives_later_and_once(rig, monkeypatch):
    await furnish(rig)
    ann, item, _ = await heard(rig)
    house = rig.house

    async def cut(*_, **__):
        raise PowerCut

    for place in ("record", "_count"):
        with monkeypatch.context() as patch:
            patch.setattr(house.plays, place, cut)
            with pytest.raises(PowerCut):
                await house.queues.ended(ann, item.id, Guard(None, "end")) if place == "record" else (
                    await house.queue_upkeep.record_left()
                )
        rig.clock.turn(31)
    assert (await house.queues.get(ann)).unrecorded[0].song_id == "s1"
    assert await house.queue_upkeep.record_left() == 1
    assert await house.queue_upkeep.record_left() == 0
    [play] = await rig.store.plays.find({"user_id": ann.user_id})
    assert (play.song_id, play.ms_played, play.completed) == ("s1", item.duration_ms, True)
    after = await house.queues.get(ann)
    assert (after.unrecorded, after.unrecorded_ms, after.rev) == ([], None, 2)


async def test_a_store_that_is_away_for_the_ledger_alone_does_not_undo_the_queue(rig, monkeypatch, log_watch):
    log_watch.expect("playings wait for the ledger")
    await furnish(rig)
    ann, item, _ = await heard(rig)

    async def away(*_, **__):
        raise EngineAway("the store does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(rig.house.plays, "record", away)
        done = await rig.house.queues.ended(ann, item.id)
    assert (done.rev, [each.song_id for each in done.queue.unrecorded]) == (2, ["s1"])
    rig.clock.turn(31)
    assert await rig.house.queue_upkeep.record_left() == 1
    assert await rig.store.plays.count({"user_id": ann.user_id}) == 1


async def test_a_players_late_report_under_its_own_id_raises_what_the_queue_told(rig):
    await furnish(rig)
    ann, item, began = await heard(rig)
    await rig.house.queues.ended(ann, item.id)
    late = began + timedelta(seconds=2)
    await rig.house.plays.record(ann, "s1", play_id="mine", started_at=late, ms_played=item.duration_ms + 9)
    await rig.house.plays.record_many(ann, [PlayReport("again", "s1", late, 40_000)])
    [play] = await rig.store.plays.find({"user_id": ann.user_id})
    assert (play.id.endswith(":queue:1"), play.ms_played) == (True, item.duration_ms + 9)
    # Another playing of the same song is another play.
    earlier = began - timedelta(minutes=5)
    await rig.house.plays.record_many(ann, [PlayReport("earlier", "s1", earlier, 40_000)])
    assert await rig.store.plays.count({"user_id": ann.user_id}) == 2


async def test_for_somebody_suspended_the_house_goes_on_with_nothing(rig):
    await furnish(rig)
    ann, _, _ = await heard(rig)
    await rig.store.users.update({"_id": ann.user_id}, {"$set": {"is_suspended": True}})
    rig.clock.turn(31)
    assert await rig.house.queue_upkeep.advance_silent() == 1
    queue = await rig.house.queues.get(Viewer(ann.user_id))
    assert (queue.current_id, queue.anchor.playing) == (queue.items[0].id, False)


async def test_two_processes_bring_what_a_dead_one_left_once(rig, monkeypatch):
    await furnish(rig)
    ann, item, _ = await heard(rig)

    async def cut(*_, **__):
        raise PowerCut

    with monkeypatch.context() as patch:
        # The ledger has it; the process ends before the queue could forget it.
        patch.setattr(rig.store.play_queues, "recorded", cut)
        with pytest.raises(PowerCut):
            await rig.house.queues.ended(ann, item.id)
    count = (await rig.store.songs.get("s1")).play_count
    assert len((await rig.house.queues.get(ann)).unrecorded) == 1
    rig.clock.turn(31)
    await asyncio.gather(*(rig.house.queue_upkeep.record_left() for _ in range(2)))
    assert await rig.store.plays.count({"user_id": ann.user_id}) == 1
    assert (await rig.store.songs.get("s1")).play_count == count
    assert (await rig.house.queues.get(ann)).unrecorded == []


async def test_a_queue_that_nobody_touches_goes_on_after_the_clock_was_turned_back(rig):
    await furnish(rig)
    ann, item, _ = await heard(rig)
    queue = await rig.house.queues.get(ann)
    ahead = replace(queue.anchor, at_ms=queue.anchor.at_ms + 3_600_000)
    await rig.store.play_queues.write_step(queue, replace(queue, anchor=ahead, due_ms=queue.due_ms + 3_600_000))
    await rig.house.queue_upkeep.advance_silent()
    assert (await rig.house.queues.get(ann)).anchor.at_ms < ahead.at_ms - 3_000_000
    rig.clock.turn(item.duration_ms / 1000 + 31)
    assert await rig.house.queue_upkeep.advance_silent() == 1
    assert (await rig.house.queues.get(ann)).current_id == queue.items[1].id


async def test_what_the_house_adds_is_not_explicit_for_who_wants_no_such_songs(rig):
    await furnish(rig)
    ann = await rig.sign_up("ann")
    careful = replace(ann, explicit_content=False)
    await rig.house.queues.play(careful, ContextKind.SONGS, song_ids=["s1"])
    chosen = (await rig.house.queues.skip(careful)).queue.items[1:]
    await rig.store.songs.update({"_id": chosen[0].song_id}, {"$set": {"is_explicit": True}})
    await rig.house.queues.play(careful, ContextKind.SONGS, song_ids=["s1"])
    again = {item.song_id for item in (await rig.house.queues.skip(careful)).queue.items}
    assert again == {"s1", *(item.song_id for item in chosen[1:])}


async def test_the_graph_tells_which_playing_is_over(rig):
    await furnish(rig)
    ann, item, _ = await heard(rig)
    rig.clock.turn(-item.duration_ms / 2000)
    asked = "mutation($id: ID!, $play: String) { queueItemEnded(itemId: $id, playId: $play) { rev } }"
    assert (await rig.data(asked, ann, id=item.id))["queueItemEnded"]["rev"] == 1
    assert (await rig.data(asked, ann, id=item.id, play="queue:7"))["queueItemEnded"]["rev"] == 1
    assert (await rig.data(asked, ann, id=item.id, play="queue:1"))["queueItemEnded"]["rev"] == 2
