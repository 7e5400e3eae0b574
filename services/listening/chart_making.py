"""Makes the charts from the roll-ups: everywhere, for each country and each genre that was played, and of artists.

Songs stand by what they weigh (`weights.py`), not by bare plays, so that one account cannot play a song to the top;
the plays shown are the true ones. Owns the order and the comparison with yesterday's places. Memory is bounded by the
songs that were played in a range, not by plays. Refuses to know when it runs; a range that took long to count rests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.clock import Clock
from services.listening.charting.counting import Scope, count
from services.listening.charting.one_account import OneAccount
from services.listening.charting.places import Place, Rests, chart_of
from services.listening.charts import ARTISTS, CHART_LENGTH, CHART_RANGES, EVERYWHERE, SONGS, chart_id
from services.listening.time_ranges import TimeRange, first_day
from storage.collections.store import Store
from storage.engine import Document, Replace, Write

_BATCH = 500
_CHARTS_AT_ONCE = 50
Places = dict[tuple[str, str], list[Place]]
"""What stands in each chart (its subject and scope), in order."""


class ChartMaking:
    """The making of every chart."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._one_account = OneAccount(store)
        self._rests = Rests(clock)

    async def make(self) -> int:
        """How many charts were made. A range rests for twenty times as long as it took, so that jobs stay small."""
        made = 0
        for range in CHART_RANGES:
            if self._rests.begins(range):
                made += await self._make(range)
                self._rests.ended(range)
        return made

    async def _make(self, range: TimeRange) -> int:
        now = self._clock.now()
        counted = await count(self._store, range, now)
        first = None if range == TimeRange.ALL_TIME else first_day(range, now)
        await self._one_account.limit(counted, first)
        places = await self._rank(counted.everywhere, first)
        for country, scope in counted.by_country.items():
            shown = await self._shown(await _in_order(scope.weights))
            places[SONGS, f"country:{country}"] = [Place(id, scope.plays[id]) for id in shown]
        keys = sorted(places)
        for start in _steps(keys, _CHARTS_AT_ONCE):
            part = keys[start : start + _CHARTS_AT_ONCE]
            known = await self._store.charts.get_many([chart_id(*key, range) for key in part])
            writes: list[Write] = []
            for key in part:
                id = chart_id(*key, range)
                chart = chart_of(id, *key, range.value, now, places[key], known.get(id))
                writes.append(Replace(self._store.charts.codec.encode(chart)))
            await self._store.charts.bulk(writes)
        # What nobody played any more in this range has no chart.
        await self._store.charts.delete({"range": range.value, "as_of": {"$lt": now}}, many=True)
        return len(keys)

    async def _rank(self, scope: Scope, first: str | None) -> Places:
        """The places everywhere, of artists, and in each genre and those above it; hidden songs have none."""
        places: Places = {}
        artists, artists_plays = Counter[str](), Counter[str]()
        above = {genre.id: genre.ancestor_ids async for batch in self._store.genres.scan({}) for genre in batch}
        ranked = await _in_order(scope.weights)
        for start in _steps(ranked, _BATCH):
            part = ranked[start : start + _BATCH]
            songs = await self._songs(part)
            for id in part:
                song = songs.get(id)
                if song is None or song.get("is_hidden"):
                    continue
                genres = {each for own in song.get("genre_ids", ()) for each in (own, *above.get(own, ()))}
                for name in (EVERYWHERE, *(f"genre:{genre}" for genre in genres)):
                    chart = places.setdefault((SONGS, name), [])
                    if len(chart) < CHART_LENGTH:
                        chart.append(Place(id, scope.plays[id]))
                for artist in dict.fromkeys(song.get("artist_ids", ())):
                    artists[artist] += scope.weights[id]
                    artists_plays[artist] += scope.plays[id]
        if artists:
            since = datetime.strptime(first, "%Y-%m-%d").replace(tzinfo=UTC) if first is not None else None
            await self._one_account.limit_artists(artists, since)
            shown = await self._shown_artists(await _in_order(artists))
            places[ARTISTS, EVERYWHERE] = [Place(id, artists_plays[id]) for id in shown]
        return places

    async def _shown(self, ranked: list[str]) -> list[str]:
        chart: list[str] = []
        for start in _steps(ranked, 2 * CHART_LENGTH):
            part = ranked[start : start + 2 * CHART_LENGTH]
            songs = await self._songs(part)
            chart += [id for id in part if id in songs and not songs[id].get("is_hidden")]
            if len(chart) >= CHART_LENGTH:
                break
        return chart[:CHART_LENGTH]

    async def _shown_artists(self, ranked: list[str]) -> list[str]:
        chart: list[str] = []
        for start in _steps(ranked, 2 * CHART_LENGTH):
            part = ranked[start : start + 2 * CHART_LENGTH]
            artists = await self._store.artists.get_many(part)
            chart += [id for id in part if id in artists and not artists[id].is_hidden]
            if len(chart) >= CHART_LENGTH:
                break
        return chart[:CHART_LENGTH]

    async def _songs(self, ids: list[str]) -> dict[str, Document]:
        found = await self._store.engine.find(
            self._store.songs.name,
            {"_id": {"$in": ids}},
            limit=max(len(ids), 1),
            fields=["genre_ids", "artist_ids", "is_hidden"],
        )
        return {song["_id"]: song for song in found}


async def _in_order(weights: Counter[str]) -> list[str]:
    # Sorting every song that was played takes longer than the loop may be held.
    return await asyncio.to_thread(_ranked, weights)


def _ranked(weights: Counter[str]) -> list[str]:
    return sorted((id for id, weight in weights.items() if weight > 0), key=lambda id: (-weights[id], id))


def _steps(rows: Sequence[Any], size: int) -> range:
    return range(0, len(rows), size)
