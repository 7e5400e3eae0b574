"""Acceleration: how much more people listen to a song now than they usually do, as one number.

Pure. Owns the formula. People are counted, once a day each, never plays: an account in a loop is one. Refuses to know
where counts come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.listening.time_ranges import DAYS, TimeRange

TREND_RANGES = (TimeRange.DAY, TimeRange.WEEK, TimeRange.MONTH)
BASELINE_DAYS = {TimeRange.DAY: 14, TimeRange.WEEK: 28, TimeRange.MONTH: 60}
SMOOTHING = 4.0
"""Added to the variance, so that three people after none do not outrank a thousand after two hundred."""

LEAST_PEOPLE = 3
"""A song that fewer different people played does not trend."""


@dataclass(slots=True)
class Pulse:
    """A song's listeners: `heard` are those of now, fading; `now` and `plays` are whole; `before` the earlier ones."""

    heard: float = 0.0
    now: int = 0
    plays: int = 0
    before: int = 0


class Window:
    """A range that ends now: which days are now, which are before, and what each of now counts.

    The UTC days are those of a chart of the range. A day counts half as much every half range, today for as much of it
    as is over.
    """

    def __init__(self, range: TimeRange, now: datetime) -> None:
        self.days = max(DAYS[range], 2)
        self.baseline_days = BASELINE_DAYS[range]
        self.last = now.strftime("%Y-%m-%d")
        self._fading = dict(self._weights(now))
        self.first = min(self._fading)
        self.baseline_first = (now - timedelta(days=self.days + self.baseline_days - 1)).strftime("%Y-%m-%d")
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._today = (now - midnight) / timedelta(days=1)

    def _weights(self, now: datetime) -> Iterator[tuple[str, float]]:
        for age in range(self.days):
            yield (now - timedelta(days=age)).strftime("%Y-%m-%d"), 0.5 ** (age / (self.days / 2))

    def add(self, pulse: Pulse, day: str, listeners: int, plays: int) -> None:
        """One day of a song."""
        fading = self._fading.get(day)
        if fading is None:
            pulse.before += listeners
        else:
            pulse.heard += fading * listeners
            pulse.now += listeners
            pulse.plays += plays

    def usual(self, pulse: Pulse) -> float:
        """How many listeners the song usually has in as long a time as is over of the range."""
        return pulse.before / self.baseline_days * (self.days - 1 + self._today)

    def score(self, pulse: Pulse) -> float:
        """By how many standard deviations there are more than usual (Poisson's, smoothed); negative for fewer."""
        usual_a_day = pulse.before / self.baseline_days
        expected = variance = 0.0
        for day, fading in self._fading.items():
            part = self._today if day == self.last else 1.0
            expected += fading * usual_a_day * part
            variance += fading * fading * usual_a_day * part
        return round((pulse.heard - expected) / math.sqrt(variance + SMOOTHING), 3)
