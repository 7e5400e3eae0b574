"""Trending searches: what many different people searched for lately, and more of them than usual.

Owns the counting, from everybody's kept searches, and what may be told of it: nothing that fewer people than the house
says searched for, nothing with an unwanted word, nothing that finds nothing the asker may see. Refuses to know how
searches are noted; what is not in a history (private sessions, cleared searches) is not counted.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock
from services.errors import Invalid
from services.search.folding import fold, whole
from services.search.rules import SearchRules
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import Document, Replace
from storage.records.search_trends import SearchTrend, SearchTrends

WINDOW = timedelta(days=7)
"""How far back a search counts, less with each day: half after one."""
HALF_LIFE = timedelta(days=1)
USUAL_HALF_LIFE = timedelta(days=14)
"""How long it takes for what is new to become half usual."""
ROWS_LIMIT = 200_000
"""The newest so many searches are counted."""
TRENDS_LIMIT = 100
USUAL_LIMIT = 5_000
SHOWN_LIMIT = 50
LONGEST_QUERY = 60
"""Longer ones are pasted, not searched for."""

_NOW = "now"
_USUAL = "usual"
_BATCH = 500
_LEAST_USUAL = 0.05


@dataclass(slots=True)
class _Asked:
    """One question: who asked it, how recently (each person's last time counts once), and how it was written."""

    warmth: dict[str, float] = field(default_factory=dict)
    wordings: Counter[str] = field(default_factory=Counter)


class Trends:
    """What is searched for more than usual. `finds` tells which questions find something a viewer may see."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rules: SearchRules,
        finds: Callable[[Viewer, Sequence[str]], Awaitable[list[bool]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._finds = finds

    async def trending(self, viewer: Viewer, limit: int | None = None) -> list[SearchTrend]:
        """What rises most, 10 unless told. Invalid beyond 1 to 50."""
        rows = 10 if limit is None else limit
        if not 1 <= rows <= SHOWN_LIMIT:
            raise Invalid(f"limit must be from 1 to {SHOWN_LIMIT}.", field="limit")
        kept = await self._store.search_trends.get(_NOW)
        shown: list[SearchTrend] = []
        # The rules are asked again: a word may have become unwanted since these were counted.
        left = [row for row in kept.rows if self._is_wanted(row.query)] if kept is not None else []
        while left and len(shown) < rows:
            part, left = left[:rows], left[rows:]
            found = await self._finds(viewer, [row.query for row in part])
            shown += [row for row, is_found in zip(part, found, strict=True) if is_found]
        return shown[:rows]

    async def count(self) -> int:
        """Count anew what is trending; how many questions are."""
        now = self._clock.now()
        asked: dict[str, _Asked] = {}
        async for rows in self._rows(now - WINDOW):
            await asyncio.to_thread(_tally, asked, rows, now)
        before = await self._store.search_trends.get(_USUAL)
        least = self._rules.trending_people
        trends, usual = await asyncio.to_thread(_rise, asked, before, now, least)
        kept = [trend for trend in trends if self._is_wanted(trend.query)][:TRENDS_LIMIT]
        records = (SearchTrends(_NOW, now, rows=kept), SearchTrends(_USUAL, now, usual=usual))
        codec = self._store.search_trends.codec
        await self._store.search_trends.bulk([Replace(codec.encode(record)) for record in records])
        return len(kept)

    async def _rows(self, since: datetime) -> Any:
        after: Sequence[Any] | None = None
        for _ in range(ROWS_LIMIT // _BATCH):
            rows = await self._store.engine.find(
                self._store.search_queries.name,
                {"searched_at": {"$gte": since}},
                sort=[("searched_at", -1)],
                limit=_BATCH,
                after=after,
                fields=("user_id", "query", "searched_at"),
            )
            yield rows
            if len(rows) < _BATCH:
                return
            after = [rows[-1]["searched_at"], rows[-1]["_id"]]

    def _is_wanted(self, query: str) -> bool:
        words = f" {fold(query)} "
        joined = whole(query)
        return not any(f" {phrase} " in words or whole(phrase) == joined for phrase in self._rules.never_trending)


def _tally(asked: dict[str, _Asked], rows: Sequence[Document], now: datetime) -> None:
    for row in rows:
        query = row["query"]
        if len(query) > LONGEST_QUERY:
            continue
        one = asked.setdefault(whole(query), _Asked())
        age = max(timedelta(), now - row["searched_at"])
        warmth = 0.5 ** (age / HALF_LIFE)
        one.warmth[row["user_id"]] = max(warmth, one.warmth.get(row["user_id"], 0.0))
        one.wordings[query] += 1


def _rise(
    asked: dict[str, _Asked], before: SearchTrends | None, now: datetime, least_people: int
) -> tuple[list[SearchTrend], dict[str, float]]:
    """What rose, the most first, and what is usual by now."""
    known = before.usual if before is not None else {}
    # Of the first count nothing is known to be usual, so everything is new.
    passed = now - before.made_at if before is not None else timedelta()
    kept = 0.5 ** (max(timedelta(), passed) / USUAL_HALF_LIFE)
    usual = {digest: kept * warmth for digest, warmth in known.items()}
    trends: list[tuple[str, SearchTrend]] = []
    for name, one in asked.items():
        if len(one.warmth) < least_people:
            continue
        digest = hashlib.blake2b(name.encode(), digest_size=9).hexdigest()
        warmth = sum(one.warmth.values())
        # In units of what chance does to a count of that size.
        lift = (warmth - known.get(digest, 0.0)) / (known.get(digest, 0.0) + 1.0) ** 0.5
        usual[digest] = usual.get(digest, 0.0) + (1.0 - kept) * warmth
        if lift > 0.0:
            wording = min(one.wordings, key=lambda query: (-one.wordings[query], len(query), query))
            trends.append((name, SearchTrend(wording, len(one.warmth), lift)))
    trends.sort(key=lambda row: (-row[1].lift, row[0]))
    most = sorted(usual.items(), key=lambda row: -row[1])[:USUAL_LIMIT]
    lasting = {digest: warmth for digest, warmth in most if warmth >= _LEAST_USUAL * (1.0 - kept)}
    return _typed_out([trend for _, trend in trends[: 2 * TRENDS_LIMIT]]), lasting


def _typed_out(trends: Sequence[SearchTrend]) -> list[SearchTrend]:
    """Without those that end within a word of another: clients that ask at each letter note every step."""
    folded = [(fold(trend.query), trend) for trend in trends]
    return [
        trend
        for query, trend in folded
        if not any(
            longer.startswith(query) and longer[len(query) :][:1] not in ("", " ") and 2 * other.people >= trend.people
            for longer, other in folded
        )
    ]
