"""The contract of every engine: what a filter finds, and which filters are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from storage.engine import (
    Document,
    Engine,
    Insert,
    Unsupported,
)
from storage.language import prefix

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
