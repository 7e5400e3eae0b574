"""What figures cost: counting days, and reading a dashboard, with N plays and with ten times as many.

`python -m bench.analytics [plays]` (20,000 unless told) over the embedded store in a temporary folder. What is printed
is time and, for what must not grow with plays, the ratio of the two times.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from services.analytics.analytics import Analytics
from services.analytics.figure_making import FigureMaking
from services.analytics.spans import Span
from services.analytics.tops import TopKind
from services.catalogue.room import build_catalogue
from services.clock import SetClock
from services.viewer import SYSTEM
from storage.collections.store import Store
from storage.engine import Insert
from storage.indexes import ensure_indexes
from storage.records import Play, Song
from storage.sqlite import SqliteEngine

END = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 60
SONGS = 300
LISTENERS = 500
AGAIN = 5


async def measured(plays: int, folder: Path) -> dict[str, float]:
    """Seconds for each thing that is measured."""
    engine = SqliteEngine(folder / "bench.db")
    await engine.start()
    await ensure_indexes(engine)
    store, clock, chance = Store(engine), SetClock(END), random.Random(7)
    for number in range(SONGS):
        song = Song(f"s{number}", "t", "t", f"slug{number}", "a", "a", END, END, duration_ms=200_000)
        song.genre_ids, song.artist_ids = [f"g{number % 12}"], [f"a{number % 60}"]
        await store.songs.insert(song)
    for start in range(0, plays, 1000):
        made = []
        for number in range(start, min(start + 1000, plays)):
            song_number, at = chance.randrange(SONGS), END - timedelta(seconds=chance.randrange(DAYS * 86_400) + 1)
            artist = [f"a{song_number % 60}"]
            user = f"u{chance.randrange(LISTENERS)}"
            play = Play(f"{user}:{number}", user, f"s{song_number}", at, at, None, artist, chance.randrange(200_000))
            made.append(Insert(store.plays.codec.encode(play)))
        await store.plays.bulk(made)
    making = FigureMaking(store, clock)
    found = {}
    began = time.perf_counter()
    await making.make()
    found["count all days"] = time.perf_counter() - began
    await store.plays.update({"_id": (await store.plays.find({}, limit=1))[0].id}, {"$set": {"is_figured": False}})
    began = time.perf_counter()
    await making.make()
    found["count one day anew"] = time.perf_counter() - began
    analytics = Analytics(store, clock, build_catalogue(store, clock), "UTC")
    utc = Span(date(2026, 5, 4), date(2026, 5, 31), "UTC")
    other = Span(date(2026, 5, 4), date(2026, 5, 31), "Europe/Berlin")
    for name, read in (
        ("read 28 days", lambda: analytics.days(SYSTEM, [utc])),
        ("read 28 days elsewhere", lambda: analytics.days(SYSTEM, [other])),
        ("read top songs", lambda: analytics.top(SYSTEM, utc, TopKind.SONG)),
        ("read rising artists", lambda: analytics.rising(SYSTEM, utc, TopKind.ARTIST)),
    ):
        times = []
        for _ in range(AGAIN):
            began = time.perf_counter()
            await read()
            times.append(time.perf_counter() - began)
        found[name] = min(times)
    await engine.stop()
    return found


async def main(plays: int) -> None:
    """Both sizes, and the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("few", "many"):
            (Path(folder) / name).mkdir()
        few = await measured(plays, Path(folder) / "few")
        many = await measured(plays * 10, Path(folder) / "many")
    print(f"{'':28}{plays:>12,} plays{plays * 10:>12,} plays   ratio")
    for name, seconds in few.items():
        print(f"{name:28}{seconds * 1000:>15.1f} ms{many[name] * 1000:>15.1f} ms{many[name] / seconds:>8.2f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
