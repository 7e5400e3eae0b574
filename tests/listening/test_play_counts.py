"""Counters equal their rows: what a crash between ledger and counter left is found and put right."""

from datetime import UTC, datetime

import pytest

from services.listening.play_counts import PlayCounts
from storage.collections.store import Store
from storage.indexes import ensure_indexes
from storage.records import Play
from storage.sqlite import SqliteEngine

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path):
    engine = SqliteEngine(tmp_path / "counts.db")
    await engine.start()
    await ensure_indexes(engine)
    yield Store(engine)
    await engine.stop()


async def test_a_count_that_a_crash_left_short_is_put_right(store):
    for id, count in (("s1", 2), ("s2", 0), ("s3", 7)):
        await store.engine.insert("songs", {"_id": id, "slug": id, "play_count": count})
    await store.engine.insert("albums", {"_id": "a", "slug": "a", "identity_key": "a", "play_count": 3})
    for number, song in enumerate(["s1", "s1", "s1", "s2"]):
        await store.plays.insert(Play(f"p{number}", "u", song, NOW, NOW, album_id="a"))
    assert await PlayCounts(store).recount() == 4
    counts = await store.engine.get_many("songs", ["s1", "s2", "s3"])
    assert {id: song["play_count"] for id, song in counts.items()} == {"s1": 3, "s2": 1, "s3": 0}
    assert (await store.engine.get("albums", "a"))["play_count"] == 4
    assert await PlayCounts(store).recount() == 0
