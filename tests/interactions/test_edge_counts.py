"""Counters equal their edges: a crash's difference is put right, a live request's is left alone."""

import asyncio

import pytest

from services.counter_proof import SETTLE_S
from services.errors import NotFound
from services.interactions.edge_counts import EdgeCounts
from services.interactions.edges import Edges, edge_id
from services.viewer import Viewer
from storage.records import Edge

EVERY_KIND = [
    ("liked_songs", "songs", "s1", "like_count"),
    ("saved_albums", "albums", "dawn", "save_count"),
    ("followed_artists", "artists", "anna", "follower_count"),
    ("followed_users", "users", None, "follower_count"),
]


@pytest.mark.parametrize(("rows", "targets", "target", "counter"), EVERY_KIND)
async def test_an_edge_whose_counter_a_crash_left_behind_is_counted(music, rows, targets, target, counter):
    target = target or (await music.sign_up("target")).user_id
    for number in range(3):
        edge = Edge(edge_id(f"u{number}", target), f"u{number}", target, music.clock.now())
        await getattr(music.store, rows).insert(edge)
    assert await music.house.edge_counts.recount(settle_s=0) == 1
    assert getattr(await getattr(music.store, targets).get(target), counter) == 3
    # The other way round: the row went, the counter did not move.
    await getattr(music.store, rows).delete({"_id": edge_id("u0", target)})
    assert await music.house.edge_counts.recount(settle_s=0) == 1
    assert getattr(await getattr(music.store, targets).get(target), counter) == 2
    assert await music.house.edge_counts.recount(settle_s=0) == 0


async def test_a_counter_that_was_never_written_is_made(music):
    await music.store.songs.update({"_id": "s1"}, {"$unset": {"like_count": ""}})
    await music.store.liked_songs.insert(Edge("u:s1", "u", "s1", music.clock.now()))
    assert await music.house.edge_counts.recount(settle_s=0) == 1
    assert (await music.store.songs.get("s1")).like_count == 1


async def test_a_vote_for_a_review_that_is_deleted_meanwhile_leaves_no_edge(music):
    ann, bob, reviews = await music.sign_up("ann"), await music.sign_up("bob"), music.house.reviews
    review = await reviews.add(ann, song_id="s1", rating=4)
    require_thing = reviews.require_thing

    async def deleted_just_now(viewer, song_id, album_id):
        await require_thing(viewer, song_id, album_id)
        await reviews.delete(ann, review.id)

    reviews.require_thing = deleted_just_now
    with pytest.raises(NotFound):
        await reviews.mark_helpful(bob, review.id)
    assert await music.store.review_votes.count({}) == 0


async def test_a_request_under_way_is_not_taken_for_a_crash(music):
    likes = Edges(music.store.liked_songs, music.store.songs, "like_count", music.clock)
    # Two edges are written, their counters not yet; one of the requests goes on while the job lets things settle.
    for id in ("s1", "b1"):
        await music.store.liked_songs.insert(Edge(f"u:{id}", "u", id, music.clock.now()))
    pauses = []

    async def pause(seconds):
        pauses.append(seconds)
        await music.store.songs.update({"_id": "s1"}, {"$inc": {"like_count": 1}})

    assert await EdgeCounts([likes], pause=pause).recount() == 1
    assert pauses == [SETTLE_S]
    assert {id: (await music.store.songs.get(id)).like_count for id in ("s1", "b1")} == {"s1": 1, "b1": 1}


async def test_an_edge_drawn_while_things_settle_waits_for_the_next_run(music):
    likes = Edges(music.store.liked_songs, music.store.songs, "like_count", music.clock)
    await music.store.liked_songs.insert(Edge("crashed:s1", "crashed", "s1", music.clock.now()))

    async def pause(_seconds):
        await likes.add("somebody", "s1")

    assert await EdgeCounts([likes], pause=pause).recount() == 0
    assert (await music.store.songs.get("s1")).like_count == 1
    assert await EdgeCounts([likes]).recount(settle_s=0) == 1
    assert (await music.store.songs.get("s1")).like_count == 2


async def test_the_recount_is_right_beside_live_traffic(music):
    likes = music.house.likes
    await music.store.liked_songs.insert(Edge("crashed:b1", "crashed", "b1", music.clock.now()))
    live = [asyncio.ensure_future(likes.like(Viewer(user_id=f"u{number}"), "s1")) for number in range(20)]

    async def pause(_seconds):
        # What was under way at the first look ends before the second, which meets others.
        await asyncio.gather(*live)
        live.extend(asyncio.ensure_future(likes.like(Viewer(user_id=f"v{n}"), "s1")) for n in range(20))

    await asyncio.sleep(0)
    assert await EdgeCounts([likes.edges], pause=pause).recount() == 1
    await asyncio.gather(*live)
    counts = {id: (await music.store.songs.get(id)).like_count for id in ("b1", "s1")}
    assert counts == {"b1": 1, "s1": 40}


async def test_the_recount_reads_in_batches_and_corrects_nothing_that_is_right(music):
    for number in range(1100):
        await music.store.engine.insert("songs", {"_id": f"x{number}", "slug": f"x{number}", "like_count": 0})
    music.engine.asked.clear()
    assert await music.house.edge_counts.recount(settle_s=60) == 0
    # 1,105 songs: three batches to count, one scan to read them.
    assert (music.engine.asked["liked_songs"], music.engine.asked["songs"]) == (3, 1)
