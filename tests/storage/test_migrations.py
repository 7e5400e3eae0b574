"""Migrations: in order, once each, again after a crash, never backwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.engine import Engine
from storage.indexes import INDEXES
from storage.migrations.runner import MIGRATIONS, Migration, StoreIsNewer, migrate
from storage.sqlite import SqliteEngine

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)


async def add_one(engine: Engine) -> None:
    await engine.update("rows", {"_id": "first"}, {"$inc": {"n": 1}}, upsert=True)


async def add_two(engine: Engine) -> None:
    await engine.update("rows", {"_id": "second"}, {"$set": {"n": 2}}, upsert=True)


async def fail(engine: Engine) -> None:
    raise RuntimeError("killed")


async def test_migrations_are_applied_once_in_order_and_recorded(engine: Engine) -> None:
    steps = [Migration(1, "one", add_one), Migration(2, "two", add_two)]
    assert await migrate(engine, NOW, steps[:1]) == ["0001"]
    assert await migrate(engine, LATER, steps) == ["0002"]
    assert await migrate(engine, LATER, steps) == []
    assert await engine.get("rows", "first") == {"_id": "first", "n": 1}
    assert await engine.find("migrations", {}) == [
        {"_id": "0001", "name": "one", "begun_at": NOW, "tries": 1, "ended_at": NOW},
        {"_id": "0002", "name": "two", "begun_at": LATER, "tries": 1, "ended_at": LATER},
    ]


async def test_a_migration_that_was_broken_off_is_applied_again(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="killed"):
        await migrate(engine, NOW, [Migration(1, "one", fail), Migration(2, "two", add_two)])
    assert await engine.count("rows", {}) == 0
    steps = [Migration(1, "one", add_one), Migration(2, "two", add_two)]
    assert await migrate(engine, LATER, steps) == ["0001", "0002"]
    record = await engine.get("migrations", "0001")
    assert record is not None
    assert (record["tries"], record["begun_at"], record["ended_at"]) == (2, NOW, LATER)


async def test_a_store_changed_by_a_newer_program_is_left_alone(engine: Engine) -> None:
    await migrate(engine, NOW, [Migration(1, "one", add_one), Migration(2, "two", add_two)])
    with pytest.raises(StoreIsNewer, match="0002"):
        await migrate(engine, NOW, [Migration(1, "one", add_one)])
    with pytest.raises(ValueError, match="in order"):
        await migrate(engine, NOW, [Migration(2, "two", add_two), Migration(1, "one", add_one)])


async def test_the_products_own_migrations_make_every_index(embedded: SqliteEngine) -> None:
    assert await migrate(embedded, NOW) == [migration.id for migration in MIGRATIONS]
    made = {(row["collection"], row["name"]) for row in await embedded.declared()}
    assert made == {(collection, index.name) for collection, indexes in INDEXES.items() for index in indexes}


async def test_an_older_program_starts_again_over_a_migration_that_lets_it_stay(engine: Engine) -> None:
    old = [Migration(1, "one", add_one)]
    await migrate(engine, NOW, [*old, Migration(2, "two", add_two, older_may_stay=True)])
    assert await migrate(engine, LATER, old) == []
    await migrate(engine, NOW, [*old, Migration(3, "three", add_two)])
    with pytest.raises(StoreIsNewer, match="0003"):
        await migrate(engine, LATER, old)
