"""What many people searched for lately, counted by a periodic job."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SearchTrend:
    """One question as most people wrote it, how many different people asked it, and how far above the usual it is."""

    query: str
    people: int
    lift: float


@dataclass(slots=True)
class SearchTrends:
    """`now` has the questions that rise most, at most 100, `usual` the average warmth of at most 5,000, by a digest."""

    id: str
    made_at: datetime
    rows: list[SearchTrend] = field(default_factory=list)
    usual: dict[str, float] = field(default_factory=dict)
