"""What the roll-ups come to in a range, for charts: what songs weigh, how often they were played, by country too.

Memory is bounded by the songs that were played in the range, not by plays. Refuses to rank.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.listening.time_ranges import TimeRange, first_day
from services.listening.weights import ONE
from storage.collections.store import Store
from storage.engine import Document

_BATCH = 500
Order = list[tuple[str, Literal[1, -1]]]


@dataclass(slots=True)
class Scope:
    """Everywhere or one country: by song, what it weighs (in thousandths) and how often it was played."""

    weights: Counter[str] = field(default_factory=Counter)
    plays: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Counted:
    """A range's count. `listeners` are accounts on a day, added up over the days."""

    everywhere: Scope = field(default_factory=Scope)
    by_country: dict[str, Scope] = field(default_factory=lambda: defaultdict(Scope))
    listeners: Counter[str] = field(default_factory=Counter)

    def add(self, row: Document) -> None:
        """One row. What an older program wrote weighs its plays, until the proof of the roll-ups has been there."""
        song: str = row.get("song_id") or row["_id"]
        played: int = row["plays"]
        self.everywhere.plays[song] += played
        self.everywhere.weights[song] += row.get("weight", ONE * played)
        self.listeners[song] += row.get("listeners", played)
        weights = row.get("weights", {})
        for country, plays in row.get("countries", {}).items():
            scope = self.by_country[country]
            scope.plays[song] += plays
            scope.weights[song] += weights.get(country, 0) if "weight" in row else ONE * plays


async def count(store: Store, range: TimeRange, now: datetime) -> Counted:
    """What was played in a range that ends now."""
    counted = Counted()
    async for rows in _rows(store, range, now):
        for row in rows:
            counted.add(row)
    return counted


async def day_rows(store: Store, first: str, last: str, fields: Sequence[str]) -> AsyncIterator[list[Document]]:
    """The rows of all songs from one UTC day to another, by day."""
    days = {"day": {"$gte": first, "$lte": last}}
    by_day: Order = [("day", 1)]
    after: Sequence[Any] | None = None
    while True:
        rows = await store.engine.find(
            store.plays_by_day.name, days, sort=by_day, limit=_BATCH, after=after, fields=fields
        )
        yield rows
        if len(rows) < _BATCH:
            return
        after = [rows[-1]["day"], rows[-1]["_id"]]


async def _rows(store: Store, range: TimeRange, now: datetime) -> AsyncIterator[list[Document]]:
    fields = ["song_id", "day", "plays", "countries", "weight", "weights", "listeners"]
    if range == TimeRange.ALL_TIME:
        async for rows in store.engine.scan(store.plays_ever.name, {}, batch=_BATCH, fields=fields):
            yield rows
        return
    async for rows in day_rows(store, first_day(range, now), now.strftime("%Y-%m-%d"), fields):
        yield rows
