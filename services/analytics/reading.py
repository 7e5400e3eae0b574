"""Reads the figures of days: the house's in any time zone, and those of things in UTC days.

Owns how days are put together from half hours, a page of the store's rows at a time. Refuses to know who may ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.analytics.crowds import size, unpack
from services.analytics.spans import Span
from services.analytics.sums import Sum
from storage.collections.store import Store
from storage.engine import Document

_PAGE = 200


@dataclass(slots=True)
class DayFigures:
    """One day: what was played, and who listened (a crowd)."""

    day: date
    sum: Sum = field(default_factory=Sum)
    crowd: int = 0
    by_hour: dict[int, Sum] = field(default_factory=dict)
    new_accounts: int = 0
    weekly: int = 0
    monthly: int = 0

    @property
    def listeners(self) -> int:
        """How many listened on the day."""
        return size(self.crowd)

    @property
    def stickiness(self) -> float | None:
        """Listeners of the day among those of the 30 days that end with it; None without any."""
        return self.listeners / self.monthly if self.monthly else None


async def read_days(store: Store, span: Span, *, hourly: bool = False) -> list[DayFigures]:
    """The days of a range, one store command for each two hundred."""
    low = (span.begins).strftime("%Y-%m-%d")
    high = (span.ends - timedelta(milliseconds=1)).strftime("%Y-%m-%d")
    rows: dict[str, Document] = {}
    found: list[DayFigures] = []
    days = span.days()
    waiting = next(days, None)
    after: list[Any] | None = None
    is_last = False
    while waiting is not None:
        if not is_last:
            page = await store.engine.find(
                store.figure_days.name,
                {"_id": {"$gte": low, "$lte": high}},
                limit=_PAGE,
                after=after,
            )
            rows |= {row["_id"]: row for row in page}
            is_last = len(page) < _PAGE
            after = [page[-1]["_id"]] if page else after
        reached = "9999" if is_last or after is None else str(after[0])
        while waiting is not None:
            slots = list(span.slots(waiting))
            if slots[-1][0] > reached:
                break
            found.append(_day(waiting, span.whole_days(waiting), slots, rows, hourly))
            waiting = next(days, None)
            for gone in [id for id in rows if id < slots[-1][0]]:
                del rows[gone]
            await asyncio.sleep(0)
    return found


def _day(
    day: date, whole: str | None, slots: Sequence[tuple[str, int]], rows: dict[str, Document], hourly: bool
) -> DayFigures:
    figures = DayFigures(day)
    for place, (utc_day, slot) in enumerate(slots):
        row = rows.get(utc_day)
        if row is None:
            continue
        said = (row.get("slots") or {}).get(str(slot))
        if said is None:
            continue
        figures.sum.join(said)
        if whole is None:
            figures.crowd |= unpack((row.get("crowds") or {}).get(str(slot)))
        if hourly:
            figures.by_hour.setdefault(min(place // 2, 23), Sum()).join(said)
    if whole is not None:
        figures.crowd = unpack((rows.get(whole) or {}).get("crowd"))
    return figures


async def look_back(days: Sequence[DayFigures], stretch: int) -> list[DayFigures]:
    """The days without the first `stretch`, each told how many listened in the 7 and 30 days that end with it."""
    for place in range(stretch, len(days)):
        for name, length in (("weekly", 7), ("monthly", 30)):
            crowd = 0
            for each in days[max(0, place - length + 1) : place + 1]:
                crowd |= each.crowd
            setattr(days[place], name, size(crowd))
        await asyncio.sleep(0)
    return list(days[stretch:])


def together(days: Sequence[DayFigures]) -> tuple[Sum, int]:
    """What the days come to, and who listened on any of them."""
    total, crowd = Sum(), 0
    for each in days:
        total.join(each.sum.document())
        crowd |= each.crowd
    return total, crowd
