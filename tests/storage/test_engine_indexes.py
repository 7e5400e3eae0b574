"""The contract of every engine: what declared indexes refuse, and how they follow their declaration."""

from __future__ import annotations

import pytest

from storage.engine import (
    Delete,
    DuplicateKey,
    Engine,
    Index,
    Insert,
    Replace,
    Unsupported,
)
from storage.indexes import ensure_indexes
from storage.sqlite import SqliteEngine
from tests.storage.conftest import is_ferret


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
    if is_ferret(engine):
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
    if not is_ferret(engine):
        with pytest.raises(DuplicateKey):
            await engine.insert("rows", {"_id": "7", "album": "c", "number": None})


async def test_a_partial_unique_index_binds_only_its_documents(engine: Engine) -> None:
    active = Index("active_name", (("name", 1),), unique=True, where={"state": "active"})
    if is_ferret(engine):
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
