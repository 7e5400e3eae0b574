"""A store that is away is told as unavailable; everything else passes through unchanged."""

import pytest

from services import steady_engine
from services.errors import Unavailable
from services.steady_engine import steady
from storage.engine import DuplicateKey, EngineAway
from storage.sqlite import SqliteEngine


async def test_answers_pass_through_unchanged(tmp_path):
    engine = SqliteEngine(tmp_path / "a.db")
    await engine.start()
    kept = steady(engine)
    await kept.ensure("things", [])
    await kept.insert("things", {"_id": "a", "n": 1})
    assert await kept.get("things", "a") == {"_id": "a", "n": 1}
    assert [batch async for batch in kept.scan("things", {})] == [[{"_id": "a", "n": 1}]]
    with pytest.raises(DuplicateKey):
        await kept.insert("things", {"_id": "a"})
    await kept.stop()


async def test_an_engine_that_is_away_is_unavailable_and_the_log_says_why(tmp_path, log_watch, caplog, monkeypatch):
    log_watch.expect("the store does not answer")

    class Away(SqliteEngine):
        async def get(self, collection, id):
            raise EngineAway("gone")

        async def scan(self, collection, filter, *, batch=1000, fields=None):
            yield [{"_id": "a"}]
            raise EngineAway("gone in the middle")

    kept = steady(Away(tmp_path / "a.db"))
    with pytest.raises(Unavailable) as refusal:
        await kept.get("things", "a")
    assert (refusal.value.reason, refusal.value.status, refusal.value.retry_after) == ("STORE_AWAY", 503, 2.0)
    with pytest.raises(Unavailable):
        [batch async for batch in kept.scan("things", {})]
    # One line for an outage, whoever meets it; the next, ten seconds later, says how many did.
    assert [(record.reason, record.untold) for record in caplog.records] == [("gone", 0)]
    monkeypatch.setattr(steady_engine, "TOLD_EVERY_S", 0.0)
    with pytest.raises(Unavailable):
        await kept.get("things", "a")
    assert [(record.reason, record.untold) for record in caplog.records] == [("gone", 0), ("gone", 1)]
