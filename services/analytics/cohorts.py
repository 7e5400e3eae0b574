"""Retention: of those who registered in one week or month, how many listened in each that followed.

Owns how days are put into weeks and months. Refuses to know who may ask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from services.accounts.time_zones import day_in, zone_named
from services.analytics.crowds import crowd_of, size
from services.analytics.listener_numbers import ListenerNumbers
from services.analytics.reading import read_days
from services.analytics.spans import Span
from storage.collections.store import Store

_PAGE = 1000


class CohortPeriod(StrEnum):
    """How long the periods are: calendar weeks from Monday, or calendar months."""

    WEEK = "week"
    MONTH = "month"


@dataclass(slots=True)
class Cohort:
    """Those who registered in the period that begins with `begins`.

    `listeners` has how many of them listened in that period, then in each that followed, up to the range's end.
    """

    begins: date
    accounts: int
    listeners: list[int] = field(default_factory=list)

    @property
    def retention(self) -> list[float]:
        """The same as shares of `accounts`."""
        return [each / self.accounts for each in self.listeners]


async def cohorts(store: Store, span: Span, period: CohortPeriod) -> list[Cohort]:
    """The cohorts of a range, the earliest first; those in which nobody registered are left out.

    Accounts are read a thousand at a time, of the house's days one row each. Those who are erased are in none.
    """
    zone, numbers = zone_named(span.time_zone), ListenerNumbers(store)
    counts: dict[date, int] = {}
    members: dict[date, int] = {}
    after: list[object] | None = None
    while True:
        users = await store.engine.find(
            store.users.name,
            {"created_at": span.moments},
            sort=[("created_at", -1)],
            limit=_PAGE,
            after=after,
            fields=["created_at"],
        )
        known = await numbers.known([user["_id"] for user in users]) if users else {}
        listened: dict[date, list[int]] = {}
        for user in users:
            start = _start(day_in(zone, user["created_at"]), period)
            counts[start] = counts.get(start, 0) + 1
            if user["_id"] in known:
                listened.setdefault(start, []).append(known[user["_id"]])
        for start, theirs in listened.items():
            members[start] = members.get(start, 0) | crowd_of(theirs)
        if len(users) < _PAGE:
            break
        after = [users[-1]["created_at"], users[-1]["_id"]]
    active: dict[date, int] = {}
    for each in await read_days(store, span) if counts else []:
        start = _start(each.day, period)
        active[start] = active.get(start, 0) | each.crowd
    found = []
    for start in sorted(counts):
        later = [active[begun] for begun in sorted(active) if begun >= start]
        found.append(Cohort(start, counts[start], [size(crowd & members.get(start, 0)) for crowd in later]))
    return found


def _start(day: date, period: CohortPeriod) -> date:
    return day - timedelta(days=day.weekday()) if period == CohortPeriod.WEEK else day.replace(day=1)
