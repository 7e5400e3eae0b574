"""A chart's places compared with those of the day before, and when a range is counted again.

Owns what `previous_position` and `peak` mean, and how long a range rests. Refuses to count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.clock import Clock
from services.listening.time_ranges import TimeRange
from storage.records import Chart, ChartEntry

_REST = 20


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in a place: a song or an artist, its plays, and its listeners now and usually where that is told."""

    target_id: str
    plays: int
    listeners: int | None = None
    usual: float | None = None


def chart_of(
    id: str,
    subject: str,
    scope: str,
    range: str,
    now: datetime,
    places: Sequence[Place],
    known: Chart | None,
) -> Chart:
    """The chart with these places, compared with how it stood when its last UTC day ended."""
    day = now.strftime("%Y-%m-%d")
    base: list[str] = []
    peaks: dict[str, int] = {}
    if known is not None:
        base = known.base if known.day == day else [entry.target_id for entry in known.entries]
        peaks = {entry.target_id: entry.peak for entry in known.entries}
    before = {target: position for position, target in enumerate(base, 1)}
    entries = [
        ChartEntry(
            place.target_id,
            position,
            place.plays,
            before.get(place.target_id),
            min(position, peaks.get(place.target_id, position)),
            place.listeners,
            place.usual,
        )
        for position, place in enumerate(places, 1)
    ]
    return Chart(id, subject, scope, range, now, day, entries, base)


class Rests:
    """A range rests for twenty times as long as it took to count, so that jobs stay small."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun_s: dict[TimeRange, float] = {}
        self._until_s: dict[TimeRange, float] = {}

    def begins(self, range: TimeRange) -> bool:
        """Whether the range may be counted now; then `ended` is told."""
        self._begun_s[range] = begun_s = self._clock.monotonic()
        return begun_s >= self._until_s.get(range, begun_s)

    def ended(self, range: TimeRange) -> None:
        """The range is counted."""
        ended_s = self._clock.monotonic()
        self._until_s[range] = ended_s + _REST * (ended_s - self._begun_s[range])
