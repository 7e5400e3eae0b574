"""Makes the charts of what rises: songs that more people listen to than usual, everywhere and in each genre.

Owns who may trend: something must have risen, and at least three different people listened. Memory is bounded by the
songs that were played in the range and its past. Refuses to know the formula (`acceleration.py`) and when it runs.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from services.clock import Clock
from services.listening.charting.acceleration import LEAST_PEOPLE, TREND_RANGES, Pulse, Window
from services.listening.charting.counting import day_rows
from services.listening.charting.one_account import NARROW, OneAccount
from services.listening.charting.places import Place, Rests, chart_of
from services.listening.charts import CHART_LENGTH, EVERYWHERE, TRENDS, chart_id
from services.listening.time_ranges import TimeRange
from storage.collections.store import Store
from storage.engine import Document, Replace, Write

CANDIDATES = 5_000
_BATCH = 500
_CHARTS_AT_ONCE = 50
_FIELDS = ("song_id", "day", "plays", "listeners")


class TrendMaking:
    """The making of every trend."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._one_account = OneAccount(store)
        self._rests = Rests(clock)

    async def make(self) -> int:
        """How many charts were made. A range rests for twenty times as long as it took."""
        made = 0
        for range in TREND_RANGES:
            if self._rests.begins(range):
                made += await self._make(range)
                self._rests.ended(range)
        return made

    async def _make(self, range: TimeRange) -> int:
        now = self._clock.now()
        window = Window(range, now)
        pulses: dict[str, Pulse] = {}
        async for rows in day_rows(self._store, window.baseline_first, window.last, _FIELDS):
            for row in rows:
                pulse = pulses.setdefault(row["song_id"], Pulse())
                # A row of an older program does not say who listened; the proof of the roll-ups makes it say so.
                window.add(pulse, row["day"], row.get("listeners", 0), row["plays"])
        ranked = await asyncio.to_thread(_rising, window, pulses)
        charts = await self._charts(window, ranked, pulses)
        await self._keep(range, now, charts)
        return len(charts)

    async def _charts(self, window: Window, ranked: list[str], pulses: dict[str, Pulse]) -> dict[str, list[Place]]:
        charts: dict[str, list[Place]] = {}
        above = {genre.id: genre.ancestor_ids async for batch in self._store.genres.scan({}) for genre in batch}
        for start in range(0, len(ranked), _BATCH):
            part = ranked[start : start + _BATCH]
            songs = await self._songs(part)
            # More listeners than so cannot be fewer than three people: each is one a day.
            narrow = [id for id in part if id in songs and pulses[id].now <= NARROW]
            people = await self._one_account.listeners(narrow, window.first)
            for id in part:
                if id not in songs or (pulses[id].now <= NARROW and people.get(id, 0) < LEAST_PEOPLE):
                    continue
                own = songs[id].get("genre_ids", ())
                genres = {each for genre in own for each in (genre, *above.get(genre, ()))}
                pulse = pulses[id]
                place = Place(id, pulse.plays, pulse.now, round(window.usual(pulse), 2))
                for scope in (EVERYWHERE, *(f"genre:{genre}" for genre in genres)):
                    chart = charts.setdefault(scope, [])
                    if len(chart) < CHART_LENGTH:
                        chart.append(place)
        return charts

    async def _keep(self, range_: TimeRange, now: datetime, charts: dict[str, list[Place]]) -> None:
        kept_as = f"{TRENDS}:{range_.value}"
        scopes = sorted(charts)
        for start in range(0, len(scopes), _CHARTS_AT_ONCE):
            part = {scope: chart_id(TRENDS, scope, range_) for scope in scopes[start : start + _CHARTS_AT_ONCE]}
            known = await self._store.charts.get_many(list(part.values()))
            writes: list[Write] = []
            for scope, id in part.items():
                chart = chart_of(id, TRENDS, scope, kept_as, now, charts[scope], known.get(id))
                writes.append(Replace(self._store.charts.codec.encode(chart)))
            await self._store.charts.bulk(writes)
        # Where nothing rises any more there is no chart.
        await self._store.charts.delete({"range": kept_as, "as_of": {"$lt": now}}, many=True)

    async def _songs(self, ids: list[str]) -> dict[str, Document]:
        found = await self._store.engine.find(
            self._store.songs.name, {"_id": {"$in": ids}}, limit=_BATCH, fields=["genre_ids", "is_hidden"]
        )
        return {song["_id"]: song for song in found if not song.get("is_hidden")}


def _rising(window: Window, pulses: dict[str, Pulse]) -> list[str]:
    """Those with more listeners than usual, the most risen first, equals by id; at most 5,000."""
    # Fewer than three listeners on all days together cannot be three people.
    scores = {id: window.score(pulse) for id, pulse in pulses.items() if pulse.now >= LEAST_PEOPLE}
    rising = [id for id, score in scores.items() if score > 0]
    return sorted(rising, key=lambda id: (-scores[id], id))[:CANDIDATES]
