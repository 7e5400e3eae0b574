"""The contract of every engine: order, pages, bulks, groups, and what it says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.engine import (
    BulkResult,
    Change,
    Changed,
    Delete,
    Document,
    Engine,
    EngineAway,
    Index,
    Insert,
    Replace,
    Unsupported,
)
from storage.mongo import MongoEngine
from storage.sqlite import SqliteEngine

NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)


async def test_rows_come_in_mongodbs_order_of_kinds_and_equals_by_id(engine: Engine) -> None:
    values: list[Any] = [None, -3, 0.5, 2, "", "A", "a", "é", "𝄞", False, True, NOON, NOON + timedelta(milliseconds=1)]
    rows = [{"_id": f"{copy}{n:02}", "v": value} for n, value in enumerate(values) for copy in "ba"]
    await engine.bulk("rows", [Insert(row) for row in rows])
    ascending = [f"{copy}{n:02}" for n in range(len(values)) for copy in "ab"]
    descending = [f"{copy}{n:02}" for n in reversed(range(len(values))) for copy in "ab"]
    for indexes in ([], [Index("v", (("v", 1),))], [Index("v", (("v", -1),))]):
        await engine.ensure("rows", indexes)
        assert [d["_id"] for d in await engine.find("rows", {}, sort=[("v", 1)])] == ascending
        assert [d["_id"] for d in await engine.find("rows", {}, sort=[("v", -1)])] == descending
        assert [d["_id"] for d in await engine.find("rows", {}, sort=[("v", 1)], skip=3, limit=4)] == ascending[3:7]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("directions", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
async def test_pages_by_after_meet_every_row_once(engine: Engine, directions: tuple[int, int], indexed: bool) -> None:
    first, second = directions
    sort: Any = [("a", first), ("b", second)]
    if indexed:
        await engine.ensure("rows", [Index("ab", (("a", first), ("b", second)))])  # type: ignore[arg-type]
    values = [None, 1, 1, 2, "x", "x", True, NOON]
    rows = [{"_id": f"{n:02}", "a": values[n % 8], "b": values[n * 3 % 5]} for n in range(24)]
    await engine.bulk("rows", [Insert(row) for row in rows])
    whole = await engine.find("rows", {}, sort=sort)
    seen: list[Document] = []
    after: list[Any] | None = None
    while True:
        page = await engine.find("rows", {}, sort=sort, limit=5, after=after)
        seen += page
        if len(page) < 5:
            break
        after = [page[-1]["a"], page[-1]["b"], page[-1]["_id"]]
    assert seen == whole
    assert len({row["_id"] for row in seen}) == 24
    with pytest.raises(Unsupported, match="after"):
        await engine.find("rows", {}, sort=sort, after=[1])


async def test_a_bulk_goes_in_order_and_reports_what_was_refused(engine: Engine) -> None:
    await engine.ensure("rows", [Index("slug", (("slug", 1),), unique=True)])
    result = await engine.bulk(
        "rows",
        [
            Insert({"_id": "1", "slug": "a"}),
            Insert({"_id": "1", "slug": "b"}),
            Insert({"_id": "2", "slug": "a"}),
            Insert({"_id": "3", "slug": "c"}),
            Change({"_id": "3"}, {"$set": {"n": 1}}),
            Change({"_id": "3"}, {"$set": {"n": 1}}),
            Change({"_id": "4"}, {"$set": {"slug": "d"}}, upsert=True),
            Change({"_id": "4"}, {"$set": {"slug": "a"}}),
            Replace({"_id": "1", "slug": "aa"}),
            Replace({"_id": "5", "slug": "e"}),
            Replace({"_id": "5", "slug": "aa"}),
            Delete({"_id": "3"}),
            Delete({"_id": "none"}),
            Insert({"_id": "6", "slug": "c"}),
        ],
    )
    assert result == BulkResult(
        inserted=3,
        matched=3,
        modified=2,
        deleted=1,
        upserted=2,
        duplicates=((1, "_id"), (2, "slug"), (7, "slug"), (10, "slug")),
    )
    assert [(d["_id"], d["slug"]) for d in await engine.find("rows", {})] == [
        ("1", "aa"),
        ("4", "d"),
        ("5", "e"),
        ("6", "c"),
    ]
    many = await engine.bulk("rows", [Insert({"_id": f"m{n % 40}", "slug": f"m{n % 40}"}) for n in range(50)])
    assert (many.inserted, [position for position, _ in many.duplicates]) == (40, list(range(40, 50)))
    assert await engine.bulk("rows", []) == BulkResult(0, 0, 0, 0, 0)


async def test_a_group_adds_up_by_every_field(engine: Engine) -> None:
    plays = [
        {"_id": "1", "song": "a", "day": 1, "ms": 100},
        {"_id": "2", "song": "a", "day": 2, "ms": 50.5},
        {"_id": "3", "song": "b", "day": 1, "ms": "not a number"},
        {"_id": "4", "song": None, "ms": 7},
        {"_id": "5", "ms": 1, "deep": {"er": True}},
        {"_id": "6", "song": "b", "deep": {"er": True}},
    ]
    await engine.bulk("plays", [Insert(play) for play in plays])
    by_song = await engine.group("plays", {}, by=["song"], sums={"n": 1, "total": "ms"}, sort=[("total", -1)])
    assert by_song == [
        {"song": "a", "n": 2, "total": 150.5},
        {"song": None, "n": 2, "total": 8},
        {"song": "b", "n": 2, "total": 0},
    ]
    assert await engine.group("plays", {"song": {"$ne": None}}, by=["song", "day"], sums={"n": 1}, limit=3) == [
        {"song": "a", "day": 1, "n": 1},
        {"song": "a", "day": 2, "n": 1},
        {"song": "b", "day": None, "n": 1},
    ]
    assert await engine.group("plays", {}, by=["deep.er"], sums={"n": 1}) == [
        {"deep.er": None, "n": 4},
        {"deep.er": True, "n": 2},
    ]
    assert await engine.group("plays", {}, by=[], sums={"n": 1, "total": "ms"}) == [{"n": 6, "total": 158.5}]
    assert await engine.group("plays", {"song": "none"}, by=[], sums={"n": 1}) == []
    await engine.insert("plays", {"_id": "7", "song": ["list"]})
    with pytest.raises(Unsupported, match="list"):
        await engine.group("plays", {}, by=["song"], sums={"n": 1})
    with pytest.raises(Unsupported, match="sort by"):
        await engine.group("plays", {}, by=["song"], sums={"n": 1}, sort=[("other", 1)])


async def test_a_sum_beyond_64_bits_is_refused(engine: Engine) -> None:
    if isinstance(engine, MongoEngine) and engine.ferret is None:
        pytest.skip("MongoDB goes on in floating point")
    await engine.bulk("rows", [Insert({"_id": str(n), "n": 2**62}) for n in range(3)])
    with pytest.raises(Unsupported, match="64 bits"):
        await engine.group("rows", {}, by=[], sums={"total": "n"})


async def test_a_scan_meets_every_document_in_bounded_batches(engine: Engine) -> None:
    await engine.bulk("rows", [Insert({"_id": f"{n:03}", "even": n % 2 == 0, "x": n}) for n in range(25)])
    batches = [batch async for batch in engine.scan("rows", {"even": True}, batch=5, fields=["x"])]
    assert [len(batch) for batch in batches] == [5, 5, 3]
    assert batches[0][0] == {"_id": "000", "x": 0}
    assert [d["x"] for batch in batches for d in batch] == list(range(0, 25, 2))


async def test_a_find_keeps_only_the_fields_asked_for(engine: Engine) -> None:
    await engine.insert("rows", {"_id": "1", "a": 1, "b": {"c": 2}, "d": 3})
    assert await engine.find("rows", {}, fields=["b", "none"]) == [{"_id": "1", "b": {"c": 2}}]
    assert await engine.find("rows", {}, fields=[]) == [{"_id": "1"}]
    for limit in (0, 10_001, -1):
        with pytest.raises(Unsupported, match="limit"):
            await engine.find("rows", {}, limit=limit)


async def test_a_collection_nobody_wrote_to_is_empty(engine: Engine) -> None:
    assert await engine.get("nothing", "x") is None
    assert await engine.get_many("nothing", ["x"]) == {}
    assert await engine.find("nothing", {"a": 1}, sort=[("a", 1)]) == []
    assert await engine.count("nothing", {}) == 0
    assert await engine.group("nothing", {}, by=["a"], sums={"n": 1}) == []
    assert await engine.delete("nothing", {}) == 0
    assert (await engine.update("nothing", {"a": 1}, {"$set": {"b": 1}})) == Changed(0, 0)
    assert [batch async for batch in engine.scan("nothing", {})] == []


async def test_counting_and_deleting_stop_where_they_should(engine: Engine) -> None:
    await engine.bulk("rows", [Insert({"_id": str(n), "k": n % 3}) for n in range(9)])
    assert await engine.count("rows", {"k": 0}) == 3
    assert await engine.count("rows", {}, limit=4) == 4
    assert await engine.delete("rows", {"k": 0}) == 1
    assert await engine.delete("rows", {"k": 0}, many=True) == 2
    assert await engine.delete("rows", {"k": 0}, many=True) == 0
    assert await engine.count("rows", {}) == 6


async def test_an_engine_says_what_it_is_and_when_it_is_away(engine: Engine) -> None:
    assert (await engine.ping())["product"] in ("SQLite", "MongoDB", "FerretDB")
    stranger: Engine = (
        SqliteEngine(engine._file.path) if isinstance(engine, SqliteEngine) else MongoEngine("mongodb://127.0.0.1:1/")
    )
    with pytest.raises(EngineAway):
        await stranger.get("rows", "x")
    with pytest.raises(EngineAway):
        await stranger.insert("rows", {"_id": "x"})
    await stranger.stop()
    await stranger.stop()
