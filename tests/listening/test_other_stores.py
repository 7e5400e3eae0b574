"""The fold, its proof and the charts on every engine alike: what a batch's guard relies on holds on each."""

from datetime import UTC, datetime, timedelta

from services.clock import SetClock
from services.listening.chart_making import ChartMaking
from services.listening.listeners import Listeners
from services.listening.proof import RollUpProof
from services.listening.roll_ups import THE_FOLD, RollUps
from services.listening.time_ranges import TimeRange
from services.listening.tops import Top, Tops
from services.viewer import Viewer
from storage.collections.store import Store
from storage.indexes import INDEXES
from storage.records import Artist, Play, Song
from tests.storage.conftest import engine, mongo_server

__all__ = ["engine", "mongo_server"]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOUCHED = ("plays", "plays_by_day", "plays_ever", "listens", "listens_by_month", "artist_listeners", "charts")


async def test_folding_again_repairing_and_reading_agree_on_every_engine(engine):
    for collection in (*TOUCHED, "songs", "artists"):
        await engine.ensure(collection, INDEXES[collection])
    store, clock = Store(engine), SetClock(NOW)
    await store.artists.insert(Artist("a", "A", "a", "a", "a", NOW, NOW))
    for id in ("s", "t"):
        await store.songs.insert(Song(id, id, id, id, "a", "A", NOW, NOW, artist_ids=["a"]))
    for number in range(12):
        at = NOW - timedelta(days=number)
        song, user = "st"[number % 3 == 0], f"u{number % 2}"
        await store.plays.insert(Play(f"p{number:02}", user, song, at, NOW, artist_ids=["a"], country="DE"))
    fold = RollUps(store, clock, plays_at_once=5)
    assert await fold.fold() == 12
    # A batch done whole, and then found open: nothing may move.
    before = {shelf: [row async for batch in engine.scan(shelf, {}) for row in batch] for shelf in TOUCHED[1:6]}
    await store.folds.update({"_id": THE_FOLD}, {"$set": {"play_ids": ["p10", "p11"]}})
    stale = await store.folds.get(THE_FOLD)
    assert await fold.fold() == 2
    rows = list((await engine.get_many("plays", stale.play_ids)).values())
    await fold._apply(stale, rows)
    for shelf, said in before.items():
        assert [row async for batch in engine.scan(shelf, {}) for row in batch] == said, shelf
    assert await store.listens.count({"plays": 4}) == 2
    proof = RollUpProof(store, fold, rows_at_once=3)
    assert await proof.prove() == 0
    await store.listens.update({"_id": "u0:s"}, {"$inc": {"plays": 1}})
    await store.plays_ever.delete({"_id": "t"})
    await store.plays_by_day.insert(store.plays_by_day.codec.record("x:2026-01-01", "x", "2026-01-01", 1, 1))
    assert await proof.prove() == 3
    assert await proof.prove() == 0
    assert await Listeners(store, clock).recount() == 1
    assert (await store.artists.get("a")).monthly_listeners == 2
    assert await ChartMaking(store, clock).make() == 12
    chart = await store.charts.get("songs:country:DE:week")
    assert [(entry.target_id, entry.plays) for entry in chart.entries] == [("s", 4), ("t", 3)]
    viewer = Viewer(user_id="u0")
    assert await Tops(store, clock).songs(viewer, TimeRange.YEAR) == [Top("s", 4), Top("t", 2)]
    assert await Tops(store, clock).artists(viewer, TimeRange.ALL_TIME) == [Top("a", 6)]
