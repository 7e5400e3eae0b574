"""What only the embedded engine promises: budgets, turns between writes, several processes, readable failures."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from storage import sqlite_reader
from storage.engine import DuplicateKey, EngineAway, Index, Insert
from storage.sqlite import SqliteEngine
from storage.sqlite_find import Statement

ROWS = 4000


async def fill(engine: SqliteEngine) -> None:
    await engine.bulk("rows", [Insert({"_id": f"{n:05}", "n": n, "odd": n % 2 == 1}) for n in range(ROWS)])


async def test_a_read_that_outgrows_its_budget_goes_to_a_thread_and_so_does_its_like(
    embedded: SqliteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(embedded)
    # Spent at the first look, every 500 steps, so that a fast machine is told the same as a slow one.
    monkeypatch.setattr(sqlite_reader, "_BUDGET_S", 0.0)
    heavy = Statement("SELECT count(*) FROM rows t WHERE t.doc->>'$.n'>:low", {"low": 10})
    assert embedded._reader.rows(heavy) is None
    assert heavy.text in embedded._reader._heavy
    assert embedded._reader.rows(heavy) is None
    assert await embedded._reader.on_thread(heavy, list) == [(ROWS - 11,)]
    assert await embedded.count("rows", {"odd": True}) == ROWS // 2
    assert [row["n"] for row in await embedded.find("rows", {"n": ROWS - 1}, limit=1)] == [ROWS - 1]
    light = Statement("SELECT doc FROM rows WHERE id=:id", {"id": "00007"})
    for _ in range(20):
        assert embedded._reader.rows(light) is not None


async def test_single_writes_do_not_wait_for_the_end_of_a_bulk(embedded: SqliteEngine) -> None:
    order = []

    async def long_write() -> None:
        await embedded.bulk("rows", [Insert({"_id": f"{n:06}", "n": n}) for n in range(30_000)])
        order.append("bulk")

    async def short_writes() -> None:
        for n in range(2):
            await embedded.insert("rows", {"_id": f"single{n}"})
            order.append("single")

    bulk = asyncio.create_task(long_write(), name="bulk")
    while await embedded.count("rows", {}, limit=1) == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await short_writes()
    await bulk
    assert order == ["single", "single", "bulk"]
    assert await embedded.count("rows", {}) == 30_002


async def test_what_was_handed_in_before_the_stop_is_kept(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "store.sqlite")
    await engine.start()
    writes = [asyncio.create_task(engine.insert("rows", {"_id": str(n)}), name=f"write {n}") for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(engine.stop(), *writes, return_exceptions=True)
    await engine.start()
    kept = await engine.count("rows", {})
    acknowledged = [write for write in writes if write.exception() is None]
    assert kept == len(acknowledged)
    await engine.stop()


async def test_two_processes_on_one_file_see_each_other(embedded: SqliteEngine, tmp_path: Path) -> None:
    other = SqliteEngine(tmp_path / "store.sqlite")
    await embedded.ensure("rows", [Index("n", (("n", 1),), unique=True), Index("tags", (("tags", 1),), array=True)])
    await other.start()
    await embedded.insert("rows", {"_id": "1", "n": 1})
    assert await other.get("rows", "1") == {"_id": "1", "n": 1}
    await other.insert("rows", {"_id": "2", "n": 2, "tags": ["x"]})
    assert [row["_id"] for row in await embedded.find("rows", {"tags": "x"})] == ["2"]
    with pytest.raises(DuplicateKey) as refused:
        await other.insert("rows", {"_id": "3", "n": 1})
    assert refused.value.index == "n"
    await asyncio.gather(
        *(engine.update("rows", {"_id": "1"}, {"$inc": {"c": 1}}) for engine in (embedded, other) for _ in range(30))
    )
    counted = await embedded.get("rows", "1")
    assert counted is not None
    assert counted["c"] == 60
    await other.stop()


async def test_a_lock_held_too_long_and_a_bad_file_are_readable_failures(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "store.sqlite", busy_timeout_s=0.05)
    await engine.start()
    await engine.insert("rows", {"_id": "1"})
    holder = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(EngineAway, match="locked"):
        await engine.insert("rows", {"_id": "2"})
    assert await engine.get("rows", "1") == {"_id": "1"}
    holder.execute("ROLLBACK")
    holder.close()
    await engine.insert("rows", {"_id": "2"})
    await engine.stop()
    (tmp_path / "not-a-store").write_text("this is no database, whatever its name says; it is only text " * 20)
    with pytest.raises(EngineAway, match="not a database"):
        await SqliteEngine(tmp_path / "not-a-store").start()
    with pytest.raises(EngineAway, match="cannot open"):
        await SqliteEngine(tmp_path / "not-a-store" / "below").start()


async def test_a_refused_write_takes_nothing_of_its_neighbours_along(embedded: SqliteEngine) -> None:
    await embedded.ensure("rows", [Index("n", (("n", 1),), unique=True), Index("tags", (("tags", 1),), array=True)])
    writes = [embedded.insert("rows", {"_id": str(n), "n": n % 5, "tags": [str(n)]}) for n in range(10)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 5 + [DuplicateKey] * 5
    assert [row["_id"] for row in await embedded.find("rows", {})] == ["0", "1", "2", "3", "4"]
    assert await embedded.count("rows", {"tags": "7"}) == 0
    with pytest.raises(DuplicateKey):
        await embedded.update("rows", {"n": {"$gte": 3}}, {"$set": {"n": 9, "tags": ["moved"]}}, many=True)
    assert await embedded.count("rows", {"tags": "moved"}) == 0


async def test_durable_collections_are_synced_fully(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "store.sqlite", durable_collections={"money"})
    await engine.start()
    levels = {}

    def level(name: str) -> None:
        def read(connection: sqlite3.Connection) -> None:
            levels[name] = connection.execute("PRAGMA synchronous").fetchone()[0]

        return read  # type: ignore[return-value]

    await engine._write("money", level("money"))  # type: ignore[func-returns-value, arg-type]
    await engine._write("rows", level("rows"))  # type: ignore[func-returns-value, arg-type]
    assert levels == {"money": 2, "rows": 1}
    await engine.stop()
