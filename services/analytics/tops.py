"""What is played most and what rises, by whole UTC days.

Owns the order of the lists. Refuses to know who may ask and what the things are called.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.analytics.spans import Span
from services.errors import Invalid
from storage.collections.store import Store

MOST = 100
CANDIDATES = 1000
SMOOTHING = 10
"""Plays that everything is taken to have had before: three plays after none do not rise a thousandfold."""
_SUMS = {
    "plays": "plays",
    "ms_heard": "ms_heard",
    "known": "known",
    "skips": "skips",
    "completed": "completed",
    "listener_days": "listeners",
}


class TopKind(StrEnum):
    """What a list is of."""

    SONG = "song"
    ARTIST = "artist"
    ALBUM = "album"
    GENRE = "genre"
    PLAYLIST = "playlist"


@dataclass(slots=True)
class TopRow:
    """One thing in a list. `listener_days` adds up the listeners of each day; `plays_before` is None if not asked."""

    kind: TopKind
    target_id: str
    plays: int
    ms_heard: int
    known: int
    skips: int
    completed: int
    listener_days: int
    plays_before: int | None = None

    @property
    def hours(self) -> float:
        """Time heard in hours."""
        return self.ms_heard / 3_600_000

    @property
    def skip_rate(self) -> float | None:
        """Skips of the plays whose end is known; None when none is."""
        return self.skips / self.known if self.known else None

    @property
    def growth(self) -> float | None:
        """(plays + 10) / (plays before + 10) - 1."""
        if self.plays_before is None:
            return None
        return (self.plays + SMOOTHING) / (self.plays_before + SMOOTHING) - 1


def utc_days(span: Span) -> dict[str, str]:
    """The condition on the day of a row."""
    return {"$gte": span.first.isoformat(), "$lte": span.last.isoformat()}


def check_limit(limit: int) -> int:
    """The limit. Invalid beyond 1 to 100."""
    if not 1 <= limit <= MOST:
        raise Invalid(f"limit must be 1 to {MOST}.", field="limit")
    return limit


async def top(store: Store, span: Span, kind: TopKind, limit: int, *, among: list[str] | None = None) -> list[TopRow]:
    """The most played, each with its plays in the range before; two store commands. Equals stand by id."""
    rows = await _grouped(store, span, kind, limit, among)
    before = await _before(store, span, kind, [row.target_id for row in rows])
    for row in rows:
        row.plays_before = before.get(row.target_id, 0)
    return rows


async def rising(store: Store, span: Span, kind: TopKind, limit: int) -> list[TopRow]:
    """Of the thousand most played, those that grew most against the range before, the most first."""
    rows = await top(store, span, kind, CANDIDATES)
    grown = [row for row in rows if row.plays > (row.plays_before or 0)]
    return sorted(grown, key=lambda row: (-(row.growth or 0), row.target_id))[:limit]


async def _grouped(store: Store, span: Span, kind: TopKind, limit: int, among: list[str] | None) -> list[TopRow]:
    filter: dict[str, Any] = {"kind": kind.value, "day": utc_days(span)}
    if among is not None:
        filter["target_id"] = {"$in": among}
    found = await store.engine.group(
        store.figures_by_day.name, filter, by=["target_id"], sums=_SUMS, sort=[("plays", -1)], limit=limit
    )
    return [TopRow(kind, row["target_id"], **{name: row[name] or 0 for name in _SUMS}) for row in found]


async def _before(store: Store, span: Span, kind: TopKind, ids: list[str]) -> dict[str, int]:
    if not ids:
        return {}
    filter = {"kind": kind.value, "target_id": {"$in": ids}, "day": utc_days(span.before())}
    found = await store.engine.group(
        store.figures_by_day.name, filter, by=["target_id"], sums={"plays": "plays"}, limit=len(ids)
    )
    return {row["target_id"]: row["plays"] for row in found}
