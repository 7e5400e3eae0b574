"""What every engine and driver must do alike; the one list of promises behind `storage/engine.py`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from storage.engine import (
    BulkResult,
    Change,
    Changed,
    Delete,
    Document,
    DuplicateKey,
    Engine,
    EngineAway,
    Index,
    Insert,
    Replace,
    Unsupported,
)
from storage.indexes import ensure_indexes
from storage.language import prefix
from storage.mongo import MongoEngine
from storage.sqlite import SqliteEngine

NOON = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)

# One of every kind of value under `v`, and the shapes a path can meet.
ZOO: list[Document] = [
    {"_id": "a-missing"},
    {"_id": "b-null", "v": None},
    {"_id": "c-one", "v": 1},
    {"_id": "d-one-float", "v": 1.0},
    {"_id": "e-two-and-half", "v": 2.5},
    {"_id": "f-text", "v": "apple"},
    {"_id": "g-text-json", "v": "[1]"},
    {"_id": "h-empty", "v": ""},
    {"_id": "i-false", "v": False},
    {"_id": "j-true", "v": True},
    {"_id": "k-noon", "v": NOON},
    {"_id": "l-list", "v": [1, "apple", None, 7]},
    {"_id": "m-none", "v": []},
    {"_id": "n-document", "v": {"w": 5, "x": {"y": "deep"}}},
    {"_id": "o-documents", "v": [{"w": 1, "k": "p"}, {"w": 5, "k": "q"}, 3]},
]


async def found(engine: Engine, filter: dict[str, Any]) -> str:
    """The first letters of the ids that match."""
    return "".join(document["_id"][0] for document in await engine.find("zoo", filter))


@pytest.mark.parametrize(
    ("filter", "letters"),
    [
        ({}, "abcdefghijklmno"),
        ({"v": 1}, "cdl"),
        ({"v": {"$eq": "apple"}}, "fl"),
        ({"v": "[1]"}, "g"),
        ({"v": ""}, "h"),
        ({"v": None}, "abl"),
        ({"v": True}, "j"),
        ({"v": False}, "i"),
        ({"v": NOON}, "k"),
        ({"v": {"$ne": 1}}, "abefghijkmno"),
        ({"v": {"$ne": None}}, "cdefghijkmno"),
        ({"v": {"$gt": 1}}, "elo"),
        ({"v": {"$gte": 1}}, "cdelo"),
        ({"v": {"$lt": 2.5}}, "cdl"),
        ({"v": {"$lte": 2.5}}, "cdel"),
        ({"v": {"$gt": 2, "$lt": 3}}, "el"),
        ({"v": {"$gt": 5, "$lt": 2}}, "l"),
        ({"v": {"$gt": ""}}, "fgl"),
        ({"v": {"$gte": ""}}, "fghl"),
        ({"v": {"$lt": "b"}}, "fghl"),
        ({"v": {"$lte": "["}}, "h"),
        ({"v": {"$gte": NOON}}, "k"),
        ({"v": {"$lt": NOON}}, ""),
        ({"v": {"$in": [2.5, "apple", None]}}, "abefl"),
        ({"v": {"$in": []}}, ""),
        ({"v": {"$nin": [1, None]}}, "efghijkmno"),
        ({"v": {"$exists": True}}, "bcdefghijklmno"),
        ({"v": {"$exists": False}}, "a"),
        ({"v": {"$all": [1, 7]}}, "l"),
        ({"v": {"$all": [1]}}, "cdl"),
        ({"v": {"$all": []}}, ""),
        ({"v": {"$size": 0}}, "m"),
        ({"v": {"$size": 3}}, "o"),
        ({"v": {"$elemMatch": {"$gt": 2, "$lt": 8}}}, "lo"),
        ({"v": {"$elemMatch": {"w": {"$gte": 5}, "k": "q"}}}, "o"),
        ({"v": {"$elemMatch": {"w": 5, "k": "p"}}}, ""),
        ({"v": {"$elemMatch": {"$or": [{"w": 1}, {"w": 9}]}}}, "o"),
        ({"v": {"$regex": "^ap"}}, "fl"),
        ({"v": prefix("[")}, "g"),
        ({"v": {"$not": {"$gt": 1}}}, "abcdfghijkmn"),
        ({"v": {"$not": {"$regex": "^a"}, "$exists": True}}, "bcdeghijkmno"),
        ({"v.w": 5}, "no"),
        ({"v.x.y": "deep"}, "n"),
        ({"v.w": {"$gt": 1}}, "no"),
        ({"v.w": {"$exists": True}}, "no"),
        ({"v.k": {"$all": ["p", "q"]}}, "o"),
        ({"$and": [{"v": {"$gte": 1}}, {"v": {"$lte": 1}}]}, "cdl"),
        ({"$or": [{"v": 1}, {"v": "[1]"}]}, "cdgl"),
        ({"$nor": [{"v": {"$exists": True}}, {"_id": "z"}]}, "a"),
        ({"_id": "c-one"}, "c"),
        ({"_id": {"$in": ["c-one", "k-noon", "nobody"]}}, "ck"),
        ({"_id": {"$gt": "m", "$lt": "o"}}, "mn"),
        ({"v": "apple", "_id": {"$ne": "f-text"}}, "l"),
    ],
    ids=str,
)
async def test_every_filter_operator_finds_exactly_its_documents(
    engine: Engine, filter: dict[str, Any], letters: str
) -> None:
    await engine.bulk("zoo", [Insert(document) for document in ZOO])
    assert await found(engine, filter) == letters
    assert await engine.count("zoo", filter) == len(letters)


@pytest.mark.parametrize(
    ("filter", "named"),
    [
        ({"v": {"$where": "1"}}, r"\$where"),
        ({"$expr": {}}, r"\$expr"),
        ({"v": {"$mod": [2, 0]}}, r"\$mod"),
        ({"v": {"$type": "string"}}, r"\$type"),
        ({"v": {"$regex": "apple"}}, r"\$regex"),
        ({"v": {"$regex": "^a.c"}}, r"\$regex"),
        ({"v": {"$regex": "^a", "$options": "i"}}, r"\$options"),
        ({"v": [1, 2]}, "whole list"),
        ({"v": {"w": 5}}, "embedded document"),
        ({"v": {"$gt": None}}, r"\$gt"),
        ({"v": {"$gt": True}}, r"\$gt"),
        ({"v": {"$exists": 1}}, r"\$exists"),
        ({"v.0": 1}, "field path"),
        ({"v.$": 1}, "field path"),
        ({"v": float("nan")}, "finite"),
        ({"v": 2**63}, "64 bits"),
        ({"v": "\ud800"}, "surrogate"),
        ({"v": datetime(2026, 1, 1)}, "time zone"),
        ({"$or": []}, r"\$or"),
    ],
    ids=str,
)
async def test_what_is_outside_the_filter_language_is_refused_by_name(
    engine: Engine, filter: dict[str, Any], named: str
) -> None:
    for ask in (engine.find("zoo", filter), engine.count("zoo", filter), engine.delete("zoo", filter, many=True)):
        with pytest.raises(Unsupported, match=named):
            await ask


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
        ({"$set": {"a": object()}}, "object"),
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


async def test_a_unique_index_refuses_by_name_and_null_counts_as_a_value(engine: Engine) -> None:
    await engine.ensure("users", [Index("email", (("email", 1),), unique=True), Index("age", (("age", -1),))])
    await engine.insert("users", {"_id": "1", "email": "a@x"})
    await engine.insert("users", {"_id": "2", "email": "b@x"})
    for write in (
        engine.insert("users", {"_id": "3", "email": "a@x"}),
        engine.update("users", {"_id": "2"}, {"$set": {"email": "a@x"}}),
        engine.update("users", {"_id": "4"}, {"$set": {"email": "a@x"}}, upsert=True),
    ):
        with pytest.raises(DuplicateKey) as refused:
            await write
        assert (refused.value.collection, refused.value.index) == ("users", "email")
    with pytest.raises(DuplicateKey) as refused:
        await engine.insert("users", {"_id": "1", "email": "new"})
    assert refused.value.index == "_id"
    assert sorted((await engine.get_many("users", ["1", "2", "3", "4"])).items()) == [
        ("1", {"_id": "1", "email": "a@x"}),
        ("2", {"_id": "2", "email": "b@x"}),
    ]
    if _is_ferret(engine):
        pytest.skip("FerretDB lets several documents lack a unique field")
    await engine.insert("users", {"_id": "5"})
    with pytest.raises(DuplicateKey) as refused:
        await engine.insert("users", {"_id": "6", "email": None})
    assert refused.value.index == "email"


async def test_a_compound_unique_index_looks_at_all_its_fields(engine: Engine) -> None:
    await engine.ensure("rows", [Index("place", (("album", 1), ("number", -1)), unique=True)])
    await engine.insert("rows", {"_id": "1", "album": "a", "number": 1})
    await engine.insert("rows", {"_id": "2", "album": "a", "number": 2})
    await engine.insert("rows", {"_id": "3", "album": "b", "number": 1})
    with pytest.raises(DuplicateKey) as refused:
        await engine.insert("rows", {"_id": "4", "album": "b", "number": 1})
    assert refused.value.index == "place"
    await engine.insert("rows", {"_id": "5", "album": "c"})
    await engine.insert("rows", {"_id": "6", "album": "d"})
    if not _is_ferret(engine):
        with pytest.raises(DuplicateKey):
            await engine.insert("rows", {"_id": "7", "album": "c", "number": None})


async def test_a_partial_unique_index_binds_only_its_documents(engine: Engine) -> None:
    active = Index("active_name", (("name", 1),), unique=True, where={"state": "active"})
    if _is_ferret(engine):
        with pytest.raises(Unsupported, match="partial"):
            await engine.ensure("jobs", [active])
        return
    await engine.ensure("jobs", [active])
    await engine.insert("jobs", {"_id": "1", "name": "n", "state": "active"})
    await engine.insert("jobs", {"_id": "2", "name": "n", "state": "done"})
    await engine.insert("jobs", {"_id": "3", "name": "n", "state": "done"})
    with pytest.raises(DuplicateKey) as refused:
        await engine.update("jobs", {"_id": "3"}, {"$set": {"state": "active"}})
    assert refused.value.index == "active_name"
    found = await engine.find("jobs", {"name": "n", "state": "active"})
    assert [document["_id"] for document in found] == ["1"]
    assert await engine.count("jobs", {"name": "n"}) == 3


async def test_indexes_are_made_changed_and_dropped_as_declared(engine: Engine) -> None:
    await engine.insert("rows", {"_id": "1", "n": 1, "tags": ["x", "y"]})
    await engine.insert("rows", {"_id": "2", "n": 1, "tags": ["x"]})
    with pytest.raises(DuplicateKey):
        await engine.ensure("rows", [Index("n", (("n", 1),), unique=True)])
    await engine.ensure("rows", [Index("n", (("n", 1),)), Index("tags", (("tags", 1), ("n", -1)), array=True)])
    assert [d["_id"] for d in await engine.find("rows", {"tags": "x"}, sort=[("n", -1)])] == ["1", "2"]
    await engine.update("rows", {"_id": "2"}, {"$set": {"n": 2}})
    await engine.ensure("rows", [Index("n", (("n", 1),), unique=True)])
    with pytest.raises(DuplicateKey):
        await engine.insert("rows", {"_id": "3", "n": 2})
    await engine.ensure("rows", [])
    await engine.insert("rows", {"_id": "3", "n": 2})
    await engine.ensure("rows", [])
    assert await engine.count("rows", {"tags": "x"}) == 2


async def test_the_products_own_indexes_can_be_made_twice(engine: Engine) -> None:
    await ensure_indexes(engine)
    await ensure_indexes(engine)
    await engine.insert("users", {"_id": "1", "email_key": "a@x", "username_key": "a"})
    with pytest.raises(DuplicateKey) as refused:
        await engine.insert("users", {"_id": "2", "email_key": "a@x", "username_key": "b"})
    assert refused.value.index == "email_key"


async def test_indexed_fields_keep_their_kind(engine: Engine) -> None:
    indexes = [Index("n", (("n", 1),)), Index("deep", (("a.b", 1),)), Index("tags", (("tags", 1),), array=True)]
    await engine.ensure("rows", indexes)
    good = {"_id": "1", "n": 1, "a": {"b": 2}, "tags": ["x", None, 3]}
    await engine.insert("rows", good)
    for wrong in ({"n": [1]}, {"n": {"x": 1}}, {"a": [{"b": 1}]}, {"tags": "x"}, {"tags": [["x"]]}):
        with pytest.raises(Unsupported, match="indexed"):
            await engine.insert("rows", {"_id": "2", **wrong})
        with pytest.raises(Unsupported, match="indexed"):
            await engine.update("rows", {"_id": "1"}, {"$set": wrong})
    for update in ({"$push": {"n": 1}}, {"$addToSet": {"tags": {"k": 1}}}, {"$set": {"n.x": 1}}, {"$push": {"a": 1}}):
        with pytest.raises(Unsupported, match="indexed"):
            await engine.update("rows", {"_id": "1"}, update)
    assert await engine.find("rows", {}) == [good]
    await engine.insert("plain", {"_id": "1", "n": [1]})
    if isinstance(engine, SqliteEngine):
        with pytest.raises(Unsupported, match="cannot be indexed"):
            await engine.ensure("plain", [Index("n", (("n", 1),))])


async def test_list_membership_follows_every_kind_of_write(engine: Engine) -> None:
    await engine.ensure("songs", [Index("genres", (("genres", 1), ("plays", -1)), array=True)])

    async def jazz() -> list[str]:
        found = await engine.find("songs", {"genres": "jazz"}, sort=[("plays", -1)])
        assert await engine.count("songs", {"genres": {"$in": ["jazz", "none"]}}) == len(found)
        return [document["_id"] for document in found]

    genres = ["jazz", "folk", "jazz"]
    await engine.insert("songs", {"_id": "1", "genres": genres, "plays": 1})
    await engine.bulk("songs", [Insert({"_id": "2", "genres": ["jazz"]}), Insert({"_id": "3", "plays": 5})])
    assert await jazz() == ["1", "2"]
    await engine.update("songs", {"_id": "3"}, {"$push": {"genres": "jazz"}})
    assert await jazz() == ["3", "1", "2"]
    await engine.update("songs", {"_id": "2"}, {"$inc": {"plays": 9}})
    assert await jazz() == ["2", "3", "1"]
    await engine.update("songs", {}, {"$pull": {"genres": "folk"}}, many=True)
    await engine.bulk("songs", [Replace({"_id": "3", "genres": ["folk"]}), Delete({"_id": "1"})])
    assert await jazz() == ["2"]
    await engine.update("songs", {"_id": "4"}, {"$addToSet": {"genres": "jazz"}}, upsert=True)
    assert await jazz() == ["2", "4"]
    assert await engine.delete("songs", {"genres": "jazz"}, many=True) == 2
    assert await jazz() == []


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


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        0.1,
        -0.0,
        1e300,
        5e-324,
        "",
        "Ångström 𝄞 \U0001f3b5 e\u0301",
        "nul \x00 one \x01 two \x00\x01\x01\x00",
        "\U0010ffffd2026-03-01T12:00:00.123Z",
        "\U0010ffffb1",
        "2026-03-01T12:00:00.123Z",
        "[1]",
        '{"a": "quote \\" back \\\\"}',
        "line\nbreak\ttab\x7f\u2028",
        NOON,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 1000, tzinfo=UTC),
        [],
        {},
        [None, [True, [NOON]], {"k": [{"at": NOON, "s": "\x00"}]}],
        {"a": {"b": {"c": [1, 2.5, "x", NOON, False]}}, "sp ace": 1, 'quo"te': 2, "ключ": 3, "0": 4},
    ],
    ids=repr,
)
async def test_every_value_comes_back_as_it_was(engine: Engine, value: Any) -> None:
    if _is_ferret(engine) and (isinstance(value, list) or repr(value) == "-0.0"):
        pytest.skip("FerretDB keeps neither lists within lists nor the sign of zero")
    document = {"_id": "x", "v": value, "deep": {"v": value, "list": [value]}}
    await engine.insert("values", document)
    for back in (await engine.get("values", "x"), (await engine.find("values", {}))[0]):
        assert back == document
        assert back is not None
        assert repr(back["v"]) == repr(value) or isinstance(value, (dict, list, datetime))
        assert list(back) == ["_id", "v", "deep"]
    if not isinstance(value, (list, dict)):
        assert await engine.count("values", {"v": value}) == 1
        assert await engine.count("values", {"deep.list": value}) == 1
        assert await engine.count("values", {"v": {"$ne": value}}) == 0


async def test_times_are_kept_in_utc_to_the_millisecond(engine: Engine) -> None:
    local = datetime(2026, 3, 1, 14, 0, 0, 123987, tzinfo=timezone(timedelta(hours=2)))
    await engine.insert("values", {"_id": "x", "v": local})
    back = await engine.get("values", "x")
    assert back == {"_id": "x", "v": NOON}
    assert back["v"].utcoffset() == timedelta(0)
    assert await engine.count("values", {"v": local}) == 1
    await engine.update("values", {"_id": "x"}, {"$set": {"v": local}})
    assert await engine.get("values", "x") == {"_id": "x", "v": NOON}


@pytest.mark.parametrize(
    "document",
    [
        {"v": 1},
        {"_id": ""},
        {"_id": 7},
        {"_id": None},
        {"_id": "x", "v": float("nan")},
        {"_id": "x", "v": float("inf")},
        {"_id": "x", "v": 2**63},
        {"_id": "x", "v": "\ud800"},
        {"_id": "x", "v": ["\ud800"]},
        {"_id": "\ud800"},
        {"_id": "x", "\ud800": 1},
        {"_id": "x", "v": datetime(2026, 1, 1)},
        {"_id": "x", "v": b"bytes"},
        {"_id": "x", "v": (1, 2)},
        {"_id": "x", "v": {1: 2}},
        {"_id": "x", "$v": 1},
        {"_id": "x", "a.b": 1},
        {"_id": "x", "a": {"b.c": 1}},
        {"_id": "x", "": 1},
        {"_id": "x", "nul\x00": 1},
    ],
    ids=repr,
)
async def test_a_document_that_cannot_be_kept_alike_everywhere_is_refused(engine: Engine, document: Document) -> None:
    with pytest.raises(Unsupported):
        await engine.insert("values", document)
    with pytest.raises(Unsupported):
        await engine.bulk("values", [Insert({"_id": "other"}), Insert(document)])
    assert await engine.count("values", {}) == 0


async def test_ids_of_any_text_are_found_again(engine: Engine) -> None:
    ids = ["plain", "sp ace", "nul\x00\x01", "\U0010ffffA", "'quote\"", "a:b", "ß", "[x]"]
    await engine.bulk("values", [Insert({"_id": id}) for id in ids])
    assert set(await engine.get_many("values", [*ids, "none"])) == set(ids)
    assert [d["_id"] for d in await engine.find("values", {})] == sorted(ids)
    for id in ids:
        assert await engine.get("values", id) == {"_id": id}
        assert await engine.delete("values", {"_id": id}) == 1
    assert await engine.get_many("values", []) == {}


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
        SqliteEngine(engine._path) if isinstance(engine, SqliteEngine) else MongoEngine("mongodb://127.0.0.1:1/")
    )
    with pytest.raises(EngineAway):
        await stranger.get("rows", "x")
    with pytest.raises(EngineAway):
        await stranger.insert("rows", {"_id": "x"})
    await stranger.stop()
    await stranger.stop()


def _is_ferret(engine: Engine) -> bool:
    return isinstance(engine, MongoEngine) and engine.ferret is not None
