"""A made-up library: the same each time, whole in itself, and never on top of another."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from services.clock import SetClock
from services.errors import Conflict, Invalid
from services.listening.proof import RollUpProof
from services.listening.roll_ups import RollUps
from services.seed.scale import SCALES, Scale, scale_named
from services.seed.seeder import Seeder
from storage.collections.store import Store
from storage.indexes import INDEXES
from tests.template_store import open_empty_store

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = Scale(artists=8, songs=90, users=12, plays=400)


@pytest.fixture
async def shelves(tmp_path):
    engines = []

    async def open_store(name):
        engine = await open_empty_store(tmp_path / f"{name}.db")
        engines.append(engine)
        return Store(engine)

    yield open_store
    for engine in engines:
        await engine.stop()


async def seeded(store, seed=1):
    return await Seeder(store, SMALL, seed=seed, as_of=AS_OF, progress=lambda *_: None).run()


async def everything(store):
    """Every document of every collection, without the salted hashes of the one password."""
    found = {}
    for name in INDEXES:
        async for batch in store.engine.scan(name, {}):
            for document in batch:
                document.pop("password_hash", None)
                found[name, document["_id"]] = document
    return found


async def test_the_same_seed_makes_the_same_library_and_another_makes_another(shelves):
    one, same, other = await shelves("one"), await shelves("same"), await shelves("other")
    await seeded(one)
    await seeded(same)
    await seeded(other, seed=2)
    first = await everything(one)
    assert first == await everything(same)
    assert first.keys().isdisjoint(await everything(other))


async def test_it_has_exactly_as_much_as_its_scale_says(shelves):
    store = await shelves("one")
    made = await seeded(store)
    assert {name: made[name] for name in ("artists", "songs", "users", "plays", "playlists")} == {
        "artists": 8,
        "songs": 90,
        "users": 12,
        "plays": 400,
        "playlists": 24,
    }
    assert await store.songs.count({}) == 90
    assert await store.plays.count({}) == 400


async def test_every_reference_leads_somewhere_and_every_counter_equals_its_rows(shelves):
    store = await shelves("one")
    await seeded(store)
    documents = await everything(store)
    of = {name: [doc for (kind, _), doc in documents.items() if kind == name] for name in INDEXES}
    for song in of["songs"]:
        assert ("albums", song["album_id"]) in documents
        assert all(("artists", id) in documents for id in song["artist_ids"])
        assert all(("genres", id) in documents for id in song["genre_ids"])
    plays = Counter(play["song_id"] for play in of["plays"])
    likes = Counter(edge["target_id"] for edge in of["liked_songs"])
    for song in of["songs"]:
        assert (song["play_count"], song["like_count"]) == (plays[song["_id"]], likes[song["_id"]])
    on_albums = Counter(song["album_id"] for song in of["songs"])
    for album in of["albums"]:
        assert album["total_tracks"] == on_albums[album["_id"]]
    for playlist in of["playlists"]:
        assert playlist["total_duration_ms"] == sum(entry["duration_ms"] for entry in playlist["entries"])
        assert ("users", playlist["user_id"]) in documents


async def test_a_library_that_holds_anything_is_left_alone(shelves):
    store = await shelves("one")
    await seeded(store)
    before = await everything(store)
    with pytest.raises(Conflict):
        await seeded(store, seed=2)
    assert await everything(store) == before


def test_the_named_scales_are_there_and_others_are_refused():
    assert (SCALES["medium"].artists, SCALES["medium"].songs, SCALES["medium"].users) == (5_000, 50_000, 10_000)
    assert (SCALES["medium"].plays, SCALES["large"].songs) == (1_000_000, 500_000)
    with pytest.raises(Invalid):
        scale_named("huge")


async def test_its_roll_ups_are_what_a_recount_of_its_ledger_says(shelves):
    store = await shelves("one")
    await seeded(store)
    clock = SetClock(AS_OF)
    roll_ups = RollUps(store, clock)
    assert await roll_ups.fold() == 0
    assert await RollUpProof(store, roll_ups).prove() == 0
    assert await store.listens.count({}) > 100
