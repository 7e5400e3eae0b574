"""Small writes in line: only while nobody else writes, and never at the price of what the writer's thread promises."""

import asyncio
import sqlite3

import pytest

from storage import sqlite_quick
from storage.engine import DuplicateKey, Index, Insert
from storage.sqlite import SqliteEngine

UNIQUE = Index("name", (("name", 1),), unique=True)


@pytest.fixture
async def engine(tmp_path):
    engine = SqliteEngine(tmp_path / "quick.db")
    await engine.start()
    await engine.ensure("things", [UNIQUE])
    yield engine
    await engine.stop()


def attempts(engine, monkeypatch):
    """What became of each attempt from now on: whether it was done in line."""
    outcomes = []
    attempt = engine._quick.attempt
    # How slow the disk is just now is another test's business.
    monkeypatch.setattr(sqlite_quick, "_SLOW_S", 60.0)

    def noted(job):
        try:
            done, result = attempt(job)
        except Exception:
            outcomes.append("raised")
            raise
        outcomes.append(done)
        return done, result

    monkeypatch.setattr(engine._quick, "attempt", noted)
    return outcomes


async def test_a_small_write_is_done_in_line_and_read_at_once(engine, monkeypatch):
    outcomes = attempts(engine, monkeypatch)
    await engine.insert("things", {"_id": "a", "name": "one", "n": 0})
    await engine.update("things", {"_id": "a"}, {"$inc": {"n": 2}})
    assert outcomes == [True, True]
    assert await engine.get("things", "a") == {"_id": "a", "name": "one", "n": 2}


async def test_a_refused_write_leaves_nothing_and_the_next_goes_through(engine, monkeypatch):
    outcomes = attempts(engine, monkeypatch)
    await engine.insert("things", {"_id": "a", "name": "one"})
    with pytest.raises(DuplicateKey) as refusal:
        await engine.insert("things", {"_id": "b", "name": "one"})
    assert refusal.value.index == "name"
    await engine.insert("things", {"_id": "c", "name": "two"})
    assert outcomes == [True, "raised", True]
    assert await engine.count("things", {}) == 2


async def test_a_lock_held_by_another_process_is_waited_for_on_the_thread(engine, tmp_path, monkeypatch):
    outcomes = attempts(engine, monkeypatch)
    other = sqlite3.connect(tmp_path / "quick.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(engine.insert("things", {"_id": "a", "name": "one"}), name="write")
    await asyncio.wait({writing}, timeout=0.05)
    assert outcomes == [False]
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    assert await engine.get("things", "a") == {"_id": "a", "name": "one"}


async def test_writes_in_line_beside_a_bulk_lose_nothing(engine):
    rows = [Insert({"_id": f"bulk{n}", "name": f"bulk{n}"}) for n in range(5000)]
    bulk = asyncio.create_task(engine.bulk("things", rows), name="bulk")
    alone = [engine.insert("things", {"_id": f"alone{n}", "name": f"alone{n}"}) for n in range(200)]
    await asyncio.gather(bulk, *alone)
    assert await engine.count("things", {}) == 5200


async def test_the_log_is_brought_into_the_file_though_nobody_uses_the_thread(engine, tmp_path):
    for number in range(6000):
        await engine.insert("things", {"_id": f"{number:06}", "name": f"{number:06}", "text": "x" * 500})
    # One turn of the thread: what was asked of it before is done.
    await engine._writer.run(lambda connection: None)
    assert (tmp_path / "quick.db").stat().st_size > 2_000_000
    assert await engine.count("things", {}) == 6000


async def test_after_a_slow_write_the_thread_takes_over_for_a_while(engine, monkeypatch):
    engine._quick._turns_off = 2
    outcomes = attempts(engine, monkeypatch)
    for name in "abc":
        await engine.insert("things", {"_id": name, "name": name})
    assert outcomes == [False, False, True]
