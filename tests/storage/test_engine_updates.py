"""The contract of every engine: what an update leaves, alone and among others, and which are refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.engine import (
    Changed,
    Document,
    DuplicateKey,
    Engine,
    Insert,
    Unsupported,
)

NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "update", "after"),
    [
        ({"a": 1}, {"$set": {"a": 2, "b.c": "x"}}, {"a": 2, "b": {"c": "x"}}),
        ({"a": {"b": 1, "c": 2}}, {"$set": {"a.b": None}}, {"a": {"b": None, "c": 2}}),
        ({"a": 1, "b": 2}, {"$unset": {"a": "", "z.z": ""}}, {"b": 2}),
        ({"a": {"b": 1}}, {"$unset": {"a.b": True}}, {"a": {}}),
        ({"a": 1}, {"$inc": {"a": 2, "b": -3}}, {"a": 3, "b": -3}),
        ({"a": 1}, {"$inc": {"a": 0.5}}, {"a": 1.5}),
        ({"a": 5, "b": 5}, {"$min": {"a": 3, "b": 9, "c": 1}}, {"a": 3, "b": 5, "c": 1}),
        ({"a": 5, "b": "x"}, {"$max": {"a": 9, "b": 3}}, {"a": 9, "b": "x"}),
        ({"a": 1}, {"$setOnInsert": {"a": 2}}, {"a": 1}),
        ({"l": [1]}, {"$push": {"l": 2, "m": "new"}}, {"l": [1, 2], "m": ["new"]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [8, 9], "$position": 1}}}, {"l": [1, 8, 9, 2]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [9], "$position": -1}}}, {"l": [1, 9, 2]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [9], "$position": 99}}}, {"l": [1, 2, 9]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [3, 4], "$slice": -3}}}, {"l": [2, 3, 4]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [0], "$position": 0, "$slice": 2}}}, {"l": [0, 1]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [], "$slice": 0}}}, {"l": []}),
        ({"l": [1]}, {"$push": {"l": {"k": "document"}}}, {"l": [1, {"k": "document"}]}),
        ({"l": [1, 2, 1, "1"]}, {"$pull": {"l": 1, "none": 1}}, {"l": [2, "1"]}),
        ({"l": [1, 5, 9]}, {"$pull": {"l": {"$gte": 5}}}, {"l": [1]}),
        ({"l": [1, 5, 9]}, {"$pull": {"l": {"$in": [1, 9]}}}, {"l": [5]}),
        ({"l": [{"i": 1, "x": 2}, {"i": 2}]}, {"$pull": {"l": {"i": 1}}}, {"l": [{"i": 2}]}),
        ({"l": [1]}, {"$addToSet": {"l": 1, "m": "x"}}, {"l": [1], "m": ["x"]}),
        ({"l": [1]}, {"$addToSet": {"l": {"$each": [2, 2, 1, 3]}}}, {"l": [1, 2, 3]}),
        ({"l": [{"a": 1, "b": 2}]}, {"$addToSet": {"l": {"a": 1, "b": 2}}}, {"l": [{"a": 1, "b": 2}]}),
        ({"l": [1, 2, 3]}, {"$pop": {"l": 1}}, {"l": [1, 2]}),
        ({"l": [1, 2, 3]}, {"$pop": {"l": -1}}, {"l": [2, 3]}),
    ],
    ids=str,
)
async def test_every_update_operator_leaves_exactly_its_document(
    engine: Engine, before: Document, update: dict[str, Any], after: Document
) -> None:
    await engine.insert("things", {"_id": "x", **before})
    await engine.insert("things", {"_id": "y", **before})
    assert (await engine.update("things", {"_id": "x"}, update)).matched == 1
    assert await engine.get("things", "x") == {"_id": "x", **after}
    assert await engine.get("things", "y") == {"_id": "y", **before}
    assert await engine.update_and_get("things", {"_id": "y"}, update) == {"_id": "y", **after}


@pytest.mark.parametrize(
    ("update", "named"),
    [
        ({"$rename": {"a": "b"}}, r"\$rename"),
        ({"$mul": {"a": 2}}, r"\$mul"),
        ({"$currentDate": {"a": True}}, r"\$currentDate"),
        ({"$push": {"l": {"$each": [1], "$sort": 1}}}, r"\$sort"),
        ({"$set": {"l.0": 1}}, "field path"),
        ({"$set": {"l.$": 1}}, "field path"),
        ({"$set": {"_id": "other"}}, "_id"),
        ({"$set": {"a": 1}, "$inc": {"a": 1}}, "twice"),
        ({"$set": {"a": {"b": 1}, "a.c": 1}}, "twice"),
        ({"a": 1}, "update operator a"),
        ({}, "update"),
        ({"$set": {"a": float("inf")}}, "finite"),
        ({"$set": {"a": {"$x": 1}}}, r"\$x"),
        ({"$set": {"a": {"x.y": 1}}}, r"x\.y"),
        pytest.param({"$set": {"a": object()}}, "object", id="a value of no known type"),
        ({"$inc": {"a": "1"}}, r"\$inc"),
        ({"$inc": {"t": 1}}, r"\$inc"),
        ({"$push": {"t": 1}}, r"\$push|array"),
        ({"$set": {"t.u": 1}}, r"\$set|Cannot create"),
    ],
    ids=str,
)
async def test_what_is_outside_the_update_language_is_refused_and_changes_nothing(
    engine: Engine, update: dict[str, Any], named: str
) -> None:
    before = {"_id": "x", "a": 1, "l": [1], "t": "text"}
    await engine.insert("things", before)
    with pytest.raises(Unsupported, match=named):
        await engine.update("things", {"_id": "x"}, update)
    assert await engine.get("things", "x") == before


async def test_an_update_says_what_it_matched_and_what_it_changed(engine: Engine) -> None:
    await engine.bulk("things", [Insert({"_id": str(n), "n": n % 2, "v": 7}) for n in range(6)])
    assert await engine.update("things", {"n": 1}, {"$set": {"v": 8}}, many=True) == Changed(3, 3)
    assert await engine.update("things", {"n": 1}, {"$set": {"v": 8}}, many=True) == Changed(3, 0)
    assert await engine.update("things", {"n": 1}, {"$inc": {"v": 1}}) == Changed(1, 1)
    assert await engine.update("things", {"n": 5}, {"$inc": {"v": 1}}) == Changed(0, 0)
    assert sorted(d["v"] for d in await engine.find("things", {})) == [7, 7, 7, 8, 8, 9]
    assert await engine.update_and_get("things", {"n": 5}, {"$inc": {"v": 1}}) is None


async def test_an_upsert_is_made_of_its_filter_and_its_update(engine: Engine) -> None:
    update = {"$inc": {"n": 1}, "$setOnInsert": {"made": NOON}}
    filter = {"_id": "d", "scope": "day", "deep.er": 1, "n": {"$lt": 9}}
    assert await engine.update("tally", filter, update, upsert=True) == Changed(0, 0, "d")
    expected = {"_id": "d", "scope": "day", "deep": {"er": 1}, "n": 1, "made": NOON}
    assert await engine.get("tally", "d") == expected
    assert await engine.update("tally", filter, update, upsert=True) == Changed(1, 1)
    assert await engine.get("tally", "d") == {**expected, "n": 2}
    made = await engine.update_and_get("tally", {"_id": "e"}, update, upsert=True)
    assert made == {"_id": "e", "n": 1, "made": NOON}
    with pytest.raises(Unsupported, match="_id"):
        await engine.update("tally", {"scope": "week"}, update, upsert=True)
    by_insert = {"$setOnInsert": {"_id": "f"}, "$set": {"x": 1}}
    assert (await engine.update("tally", {"scope": "week"}, by_insert, upsert=True)).upserted_id == "f"
    assert await engine.get("tally", "f") == {"_id": "f", "scope": "week", "x": 1}
    with pytest.raises(DuplicateKey) as refused:
        await engine.update("tally", {"_id": "d", "scope": "other"}, update, upsert=True)
    assert refused.value.index == "_id"


async def test_increments_from_eight_tasks_lose_nothing(engine: Engine) -> None:
    await engine.insert("tally", {"_id": "c", "n": 0})

    async def count_up() -> None:
        for _ in range(25):
            await engine.update("tally", {"_id": "c"}, {"$inc": {"n": 1}, "$push": {"log": 1}})

    await asyncio.gather(*(count_up() for _ in range(8)))
    counted = await engine.get("tally", "c")
    assert counted is not None
    assert (counted["n"], len(counted["log"])) == (200, 200)


async def test_a_guarded_update_has_one_winner(engine: Engine) -> None:
    await engine.insert("queue", {"_id": "q", "rev": 1})
    update = {"$inc": {"rev": 1}}
    answers = await asyncio.gather(*(engine.update("queue", {"_id": "q", "rev": 1}, update) for _ in range(8)))
    assert sorted(answer.modified for answer in answers) == [0] * 7 + [1]


async def test_concurrent_upserts_of_one_id_make_one_document(engine: Engine) -> None:
    async def tick() -> None:
        await engine.update("tally", {"_id": "day"}, {"$inc": {"n": 1}}, upsert=True)

    await asyncio.gather(*(tick() for _ in range(8)))
    assert await engine.get("tally", "day") == {"_id": "day", "n": 8}
