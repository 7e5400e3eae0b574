"""Days and sums as the charts of a dashboard show them: by hour, by day of the week, by source, by place in a song.

Pure. Refuses to know where days come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.analytics.reading import DayFigures
from services.analytics.sums import PLACES, Sum


@dataclass(slots=True)
class HourFigures:
    """One hour of the day, 0 to 23."""

    hour: int
    plays: int
    hours: float


@dataclass(slots=True)
class WeekdayFigures:
    """One day of the week; 1 is Monday."""

    weekday: int
    plays: int
    hours: float
    average_listeners: float


@dataclass(slots=True)
class SourceFigures:
    """Plays from one kind of source, and their share of all."""

    source: str
    plays: int
    share: float
    skip_rate: float | None


@dataclass(slots=True)
class LeftAtFigures:
    """Plays that were left in one tenth of the song."""

    tenth: int
    plays: int
    share: float | None


def by_hour(days: Sequence[DayFigures]) -> list[HourFigures]:
    """All 24, all days together."""
    sums = [Sum() for _ in range(24)]
    for day in days:
        for hour, each in day.by_hour.items():
            sums[hour].join(each.document())
    return [HourFigures(hour, each.plays, each.hours) for hour, each in enumerate(sums)]


def by_weekday(days: Sequence[DayFigures]) -> list[WeekdayFigures]:
    """All seven, all weeks together."""
    found = []
    for weekday in range(1, 8):
        such = [day for day in days if day.day.isoweekday() == weekday]
        average = sum(day.listeners for day in such) / len(such) if such else 0.0
        plays, hours = sum(day.sum.plays for day in such), sum(day.sum.hours for day in such)
        found.append(WeekdayFigures(weekday, plays, hours, average))
    return found


def of_sources(total: Sum) -> list[SourceFigures]:
    """Each source there was, the largest first."""
    ordered = sorted(total.sources.items(), key=lambda each: (-each[1], each[0]))
    return [SourceFigures(source, plays, plays / total.plays, _skip_rate(total, source)) for source, plays in ordered]


def left_at(total: Sum) -> list[LeftAtFigures]:
    """All ten tenths."""
    counts = [total.left.get(str(tenth), 0) for tenth in range(PLACES)]
    return [LeftAtFigures(at, plays, plays / total.known if total.known else None) for at, plays in enumerate(counts)]


def _skip_rate(total: Sum, source: str) -> float | None:
    known = total.known_sources.get(source, 0)
    return total.skipped_sources.get(source, 0) / known if known else None
