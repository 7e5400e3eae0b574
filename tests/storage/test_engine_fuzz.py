"""Random documents, queries and updates: with indexes == without == plain Python (== MongoDB with `-m services`).

`TUTTI_FUZZ_EXAMPLES=20000 python -m pytest tests/storage/test_engine_fuzz.py` is the long form; the short one is
the same every time.
"""

from __future__ import annotations

import asyncio
import copy
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.engine import Document, Engine, Index, Insert, Unsupported
from storage.language import apply_update, find_plainly, new_document, parse_filter, parse_update, prefix
from storage.matching import matches
from storage.mongo import MongoEngine
from storage.sqlite import SqliteEngine
from tests.services.ferretdb import Server

EXAMPLES = int(os.environ.get("TUTTI_FUZZ_EXAMPLES", "60"))
PROFILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TUTTI_FUZZ_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
INDEXES = (
    Index("ab", (("a", 1), ("b", -1))),
    Index("b", (("b", 1),)),
    Index("deep", (("e.f", -1),)),
    Index("tags", (("tags", 1),), array=True),
    Index("tags_a", (("tags", 1), ("a", -1)), array=True),
    Index("some", (("c", 1),), where={"a": {"$gte": 1}}),
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = ["", "a", "ab", "b", "[1]", '{"f":1}', "\x00", "\x01", "\U0010ffffb1", "\U0010ffff", "Zoë", "2026-03-01"]
NUMBERS = [-1, 0, 1, 1.0, 2, 2.5, 2**53 + 1, -(2**63)]
scalars = st.sampled_from([None, True, False, NOON, NOON.replace(year=1969), *NUMBERS, *TEXTS])
ranged = st.sampled_from([NOON, NOON.replace(year=1969), *NUMBERS, *TEXTS])
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({}, optional={"f": inner, "g": inner})
        | st.lists(st.fixed_dictionaries({}, optional={"f": scalars, "g": scalars}), max_size=3)
    ),
    max_leaves=5,
)
documents = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "a": scalars,
            "b": scalars,
            "c": scalars,
            "e": st.fixed_dictionaries({}, optional={"f": scalars, "g": anything}),
            "tags": st.none() | st.lists(scalars, max_size=4),
            "m": anything,
            "n": anything,
        },
    ),
    max_size=14,
)
paths = st.sampled_from(["a", "b", "c", "e.f", "e.g", "tags", "tags", "m", "n", "m.f", "n.g", "m.f.g", "_id", "none"])
conditions = st.one_of(
    scalars,
    st.builds(lambda v: {"$eq": v}, scalars),
    st.builds(lambda v: {"$ne": v}, scalars),
    st.builds(lambda op, v: {op: v}, st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), ranged),
    st.builds(lambda low, high: {"$gte": low, "$lt": high}, ranged, ranged),
    st.builds(lambda op, v: {op: v}, st.sampled_from(["$in", "$nin", "$all"]), st.lists(scalars, max_size=3)),
    st.builds(lambda v: {"$exists": v}, st.booleans()),
    st.builds(lambda v: {"$size": v}, st.integers(0, 3)),
    st.builds(prefix, st.sampled_from(TEXTS)),
    st.builds(lambda low: {"$elemMatch": {"$gte": low, "$ne": 2}}, ranged),
    st.builds(lambda v, w: {"$elemMatch": {"f": v, "g": {"$ne": w}}}, scalars, scalars),
    st.builds(lambda v: {"$elemMatch": {"$or": [{"f": v}, {"g": {"$exists": False}}]}}, scalars),
    st.builds(lambda v: {"$not": {"$gt": v}}, ranged),
    st.builds(lambda v: {"$not": {"$in": v}, "$exists": True}, st.lists(scalars, max_size=3)),
)
fields = st.dictionaries(paths, conditions, min_size=1, max_size=3)
# Everything, half of the time: pages and updates over many rows find what narrow filters hide.
filters = st.just({}) | st.recursive(
    fields,
    lambda inner: st.builds(
        lambda op, parts, more: {op: parts, **more},
        st.sampled_from(["$and", "$or", "$nor"]),
        st.lists(inner, min_size=1, max_size=3),
        st.just({}) | fields,
    ),
    max_leaves=4,
)
sorts = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "e.f", "_id"]), st.sampled_from([1, -1])),
    max_size=3,
    unique_by=lambda key: key[0],
)
PAGED: list[Any] = [[("a", -1)], [("a", 1), ("b", -1)], [("b", -1), ("a", 1)], [("e.f", -1)], [("c", 1)]]
changes = st.one_of(
    st.builds(lambda p, v: {"$set": {p: v}}, paths, anything),
    st.builds(lambda p: {"$unset": {p: ""}}, paths),
    st.builds(lambda p, v: {"$inc": {p: v}}, paths, st.sampled_from([1, -2, 0.5])),
    st.builds(lambda op, p, v: {op: {p: v}}, st.sampled_from(["$min", "$max"]), paths, scalars),
    st.builds(lambda op, p, v: {op: {p: v}}, st.sampled_from(["$push", "$addToSet"]), paths, scalars),
    st.builds(
        lambda p, v, at, keep: {"$push": {p: {"$each": v, "$position": at, "$slice": keep}}},
        paths,
        st.lists(scalars, max_size=3),
        st.integers(-3, 3),
        st.integers(-3, 3),
    ),
    st.builds(lambda p, v: {"$addToSet": {p: {"$each": v}}}, paths, st.lists(scalars, max_size=3)),
    st.builds(lambda p, v: {"$pull": {p: v}}, paths, scalars),
    st.builds(lambda p, v: {"$pull": {p: {"$gte": v}}}, paths, ranged),
    st.builds(lambda p, v: {"$pull": {p: {"f": v}}}, paths, scalars),
    st.builds(lambda p, v: {"$pop": {p: v}}, paths, st.sampled_from([1, -1])),
    st.builds(lambda p, v: {"$setOnInsert": {p: v}, "$set": {"z": 1}}, paths, scalars),
)


class Stores:
    """The same documents in several engines and in a plain list."""

    def __init__(self, folder: str, mongo: MongoEngine | None) -> None:
        self.runner = asyncio.Runner()
        self.indexed = SqliteEngine(Path(folder) / "indexed.sqlite")
        self.bare = SqliteEngine(Path(folder) / "bare.sqlite")
        self.mongo = mongo
        self.engines: list[Engine] = [self.indexed, self.bare, *([mongo] if mongo else [])]

        async def open() -> None:
            for engine in self.engines:
                await engine.start()
            await self.indexed.ensure("rows", INDEXES)

        self.runner.run(open())

    def close(self) -> None:
        async def close() -> None:
            if self.mongo is not None and self.mongo._server._driver is not None:
                await self.mongo._server.driver.client.drop_database(self.mongo._server._database)
            for engine in self.engines:
                await engine.stop()

        self.runner.run(close())
        self.runner.close()

    async def fill(self, rows: list[Document]) -> list[Document]:
        numbered = [{"_id": f"{n * 7 % 16:02}", **row} for n, row in enumerate(rows)]
        for engine in self.engines:
            await engine.delete("rows", {}, many=True)
            assert (await engine.bulk("rows", [Insert(copy.deepcopy(row)) for row in numbered])).duplicates == ()
        return numbered


def _opened(mongo: MongoEngine | None) -> Iterator[Stores]:
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(folder, mongo)
        yield stores
        stores.close()


@pytest.fixture(scope="module")
def embedded_stores() -> Iterator[Stores]:
    yield from _opened(None)


@pytest.fixture(scope="module")
def all_stores(mongo_server: Server) -> Iterator[Stores]:
    yield from _opened(MongoEngine(mongo_server.uri, database="fuzz"))


async def check_queries(stores: Stores, rows: list[Document], filter: Any, sort: Any, limit: int, mark: int) -> None:
    numbered = await stores.fill(rows)
    expected = find_plainly(numbered, filter, sort=sort, limit=10_000)
    page = find_plainly(numbered, filter, sort=sort, limit=limit, skip=mark % 3)
    after = None
    if numbered:
        row = numbered[mark % len(numbered)]
        after = [_at(row, field) for field, _ in sort]
        after += [] if any(field == "_id" for field, _ in sort) else [row["_id"]]
    beyond = find_plainly(numbered, filter, sort=sort, limit=limit, after=after)
    for engine in stores.engines:
        found = await engine.find("rows", filter, sort=sort, limit=10_000)
        assert _ids(found) == _ids(expected), engine.name
        assert found == expected, engine.name
        assert await engine.count("rows", filter) == len(expected), engine.name
        assert _ids(await engine.find("rows", filter, sort=sort, limit=limit, skip=mark % 3)) == _ids(page)
        assert _ids(await engine.find("rows", filter, sort=sort, limit=limit, after=after)) == _ids(beyond)
        for order in PAGED if after is not None and filter == {} else ():
            for row in numbered:
                marks = [*(_at(row, field) for field, _ in order), row["_id"]]
                wanted = find_plainly(numbered, {}, sort=order, limit=3, after=marks)
                assert _ids(await engine.find("rows", {}, sort=order, limit=3, after=marks)) == _ids(wanted)
        # Where a sum passes 64 bits on its way depends on the order of the rows, which is nobody's promise.
        if any(row.get("c") == -(2**63) for row in numbered):
            continue
        assert await _grouped(engine, filter) == await _grouped(stores.bare, filter), engine.name


async def check_update(stores: Stores, rows: list[Document], filter: Any, update: Any, upsert: bool) -> None:
    numbered = await stores.fill(rows)
    outcomes = []
    for engine in stores.engines:
        try:
            await engine.update("rows", filter, update, many=True, upsert=upsert)
            outcomes.append(_ordered(await engine.find("rows", {}, limit=10_000)))
        except Unsupported:
            outcomes.append(None)
    assert outcomes[1] == _ordered(_updated(numbered, filter, update, upsert))
    # The indexed engine may refuse what an index forbids; what it does must be the same.
    assert outcomes[0] in (outcomes[1], None)
    if stores.mongo is not None and outcomes[1] is not None:
        assert outcomes[2] == outcomes[1]
    # Whatever came before: a list that shrinks, and a key carried along with it that changes.
    await stores.indexed.update("rows", {"tags": {"$size": 2}}, {"$pop": {"tags": 1}, "$set": {"a": 2.5}}, many=True)
    for tag in [True, None, *(tag for row in numbered for tag in row.get("tags") or ())]:
        kept = await stores.indexed.find("rows", {}, limit=10_000)
        wanted = find_plainly(kept, {"tags": tag}, sort=[("a", -1)])
        assert await stores.indexed.find("rows", {"tags": tag}, sort=[("a", -1)]) == wanted


def _updated(rows: list[Document], filter: Any, update: Any, upsert: bool) -> list[Document] | None:
    try:
        node, steps = parse_filter(filter), parse_update(update)
        made = new_document(node, steps) if upsert else None
        hits = [row for row in rows if matches(node, row)]
        after = [apply_update(steps, row) if row in hits else row for row in rows]
    except Unsupported:
        return None
    if made is not None and not hits:
        after = [row for row in after if row["_id"] != made["_id"]] + [made]
        if len(after) != len(rows) + 1:
            return rows
    return after


def _ordered(rows: list[Document] | None) -> str | None:
    """Text, so that 1, 1.0 and true are told apart; keys of a document in any order, but `_id` decides rows."""
    if rows is None:
        return None
    return repr([sorted(row.items()) for row in sorted(rows, key=lambda row: row["_id"])])


async def _grouped(engine: Engine, filter: Any) -> list[Document] | None:
    try:
        return await engine.group("rows", filter, by=["b", "e.f"], sums={"n": 1, "total": "c"}, sort=[("n", -1)])
    except Unsupported:
        return None


def _at(row: Document, path: str) -> Any:
    value: Any = row
    for segment in path.split("."):
        value = value.get(segment) if isinstance(value, dict) else None
    return value


def _ids(rows: list[Document]) -> list[str]:
    return [row["_id"] for row in rows]


@PROFILE
@given(documents, filters, sorts, st.integers(1, 6), st.integers(0, 100))
def test_random_queries_agree(
    embedded_stores: Stores, rows: list[Document], filter: Any, sort: Any, limit: int, mark: int
) -> None:
    embedded_stores.runner.run(check_queries(embedded_stores, rows, filter, sort, limit, mark))


@PROFILE
@given(documents, filters, changes, st.booleans())
def test_random_updates_agree(
    embedded_stores: Stores, rows: list[Document], filter: Any, update: Any, upsert: bool
) -> None:
    embedded_stores.runner.run(check_update(embedded_stores, rows, filter, update, upsert))


@pytest.mark.services
@PROFILE
@given(documents, filters, sorts, st.integers(1, 6), st.integers(0, 100))
def test_random_queries_agree_with_mongodb(
    all_stores: Stores, rows: list[Document], filter: Any, sort: Any, limit: int, mark: int
) -> None:
    if all_stores.mongo is not None and all_stores.mongo.ferret is not None:
        rows = [row for row in rows if not _beyond_ferret(row)]
    all_stores.runner.run(check_queries(all_stores, rows, filter, sort, limit, mark))


@pytest.mark.services
@PROFILE
@given(documents, filters, changes, st.booleans())
def test_random_updates_agree_with_mongodb(
    all_stores: Stores, rows: list[Document], filter: Any, update: Any, upsert: bool
) -> None:
    if _beyond_ferret(update):
        return
    rows = [row for row in rows if not _beyond_ferret(row)]
    all_stores.runner.run(check_update(all_stores, rows, filter, update, upsert))


def _beyond_ferret(value: Any) -> bool:
    """Whether FerretDB cannot keep it: a list within a list."""
    if isinstance(value, dict):
        return any(_beyond_ferret(item) for item in value.values())
    return isinstance(value, list) and any(isinstance(item, list) or _beyond_ferret(item) for item in value)
