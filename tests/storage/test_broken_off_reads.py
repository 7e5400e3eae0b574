"""A read that nobody waits for any more ends in the store too, and harms no other."""

import asyncio
import sqlite3

import pytest

from storage import sqlite_reader
from storage.sqlite import SqliteEngine
from storage.sqlite_find import Statement
from storage.sqlite_reader import Reader

ENDLESS = Statement("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c", {})
SHORT = Statement("SELECT 7", {})


@pytest.fixture
async def reader(tmp_path):
    made = Reader(lambda: sqlite3.connect(tmp_path / "db", check_same_thread=False), threads=1)
    yield made
    # Would wait for ever for a thread that still reads.
    await asyncio.wait_for(made.stop(), 10)


async def test_a_cancelled_read_stops_on_its_thread_and_the_next_one_runs(reader):
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await reader.on_thread(ENDLESS, list)
    assert await asyncio.wait_for(reader.on_thread(SHORT, list), 10) == [(7,)]


async def test_a_read_cancelled_before_it_began_never_runs(reader):
    first = asyncio.create_task(reader.on_thread(ENDLESS, list))
    second = asyncio.create_task(reader.on_thread(ENDLESS, list))
    await asyncio.sleep(0)
    for task in (second, first):
        task.cancel()
    assert [type(each) for each in await asyncio.gather(first, second, return_exceptions=True)] == [
        asyncio.CancelledError
    ] * 2
    assert await asyncio.wait_for(reader.on_thread(SHORT, list), 10) == [(7,)]


async def test_a_read_that_meets_new_tables_finds_what_is_there(tmp_path, monkeypatch):
    one, other = SqliteEngine(tmp_path / "store.db"), SqliteEngine(tmp_path / "store.db")
    await one.start()
    await other.start()
    try:
        await one.insert("rows", {"_id": "a"})
        assert await one.get("rows", "a") == {"_id": "a"}
        # Every look at the budget finds it spent.
        monkeypatch.setattr(sqlite_reader, "_BUDGET_S", -1.0)
        for number in range(60):
            await other.insert(f"others{number}", {"_id": "b"})
        assert await one.get("rows", "a") == {"_id": "a"}
        assert await one.get("rows", "b") is None
        assert await one.count("rows", {}) == 1
    finally:
        await one.stop()
        await other.stop()
