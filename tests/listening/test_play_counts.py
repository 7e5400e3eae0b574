"""Counters equal their rows: what a crash between ledger and counter left is put right, live plays are left alone."""

from datetime import UTC, datetime

import pytest

from services.counter_proof import SETTLE_S
from services.listening.play_counts import PlayCounts
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Play
from tests.template_store import open_empty_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path):
    engine = await open_empty_store(tmp_path / "counts.db")
    yield Store(engine)
    await engine.stop()


async def test_a_count_that_a_crash_left_short_is_put_right(store):
    for id, count in (("s1", 2), ("s2", 0), ("s3", 7)):
        song = {"_id": id, "slug": id, "play_count": count, "album_id": "a"}
        await store.engine.insert("songs", song)
    await store.engine.insert("albums", {"_id": "a", "slug": "a", "identity_key": "a", "play_count": 3})
    for number, song in enumerate(["s1", "s1", "s1", "s2"]):
        await store.plays.insert(Play(f"p{number}", "u", song, NOW, NOW, album_id="a"))
    assert await PlayCounts(store).recount(settle_s=0) == 4
    counts = await store.engine.get_many("songs", ["s1", "s2", "s3"])
    assert {id: song["play_count"] for id, song in counts.items()} == {"s1": 3, "s2": 1, "s3": 0}
    assert (await store.engine.get("albums", "a"))["play_count"] == 4
    assert await PlayCounts(store).recount(settle_s=0) == 0


async def test_a_song_that_came_to_an_album_brings_its_plays(store):
    await store.engine.insert("songs", {"_id": "s", "slug": "s", "album_id": "new", "play_count": 2})
    for id, count in (("old", 2), ("new", 0)):
        await store.engine.insert("albums", {"_id": id, "slug": id, "identity_key": id, "play_count": count})
    for number in range(2):
        await store.plays.insert(Play(f"p{number}", "u", "s", NOW, NOW, album_id="old"))
    assert await PlayCounts(store).recount(settle_s=0) == 2
    albums = await store.engine.get_many("albums", ["old", "new"])
    assert {id: album["play_count"] for id, album in albums.items()} == {"old": 0, "new": 2}


async def test_a_play_under_way_is_not_counted_twice(music):
    # b1's play crashed before its counts moved, s1's is between its row and its counts while the proof looks.
    for song, album, counted in (("b1", "noon", 25), ("s1", "dawn", 10)):
        for number in range(counted + 1):
            play = Play(f"{song}:{number}", "u", song, NOW, NOW, album_id=album)
            await music.store.plays.insert(play)
    await music.store.songs.update({"_id": {"$in": ["s2", "s3"]}}, {"$set": {"play_count": 0}}, many=True)
    await music.store.albums.update({"_id": "noon"}, {"$set": {"play_count": 25}})
    await music.store.albums.update({"_id": "dawn"}, {"$set": {"play_count": 10}})
    pauses = []

    async def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 1:
            await music.store.songs.update({"_id": "s1"}, {"$inc": {"play_count": 1}})
            await music.store.albums.update({"_id": "dawn"}, {"$inc": {"play_count": 1}})
        await music.house.plays.record(Viewer(user_id="live"), "b1", play_id=f"live{len(pauses)}")

    counts = PlayCounts(music.store, pause=pause)
    # b1 is played while things settle, so it waits for a run in which it rests.
    assert await counts.recount() == 0
    assert pauses == [SETTLE_S]
    assert await PlayCounts(music.store).recount(settle_s=0) == 2
    songs = await music.store.songs.get_many(["b1", "s1"])
    albums = await music.store.albums.get_many(["noon", "dawn"])
    assert {id: song.play_count for id, song in songs.items()} == {"b1": 27, "s1": 11}
    assert {id: album.play_count for id, album in albums.items()} == {"noon": 27, "dawn": 11}
