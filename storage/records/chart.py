"""Charts: what was played most, made by a periodic job."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class ChartEntry:
    """One place. `previous_position` is where it stood when the day before ended; `peak` the best it ever had here.

    `listeners` (accounts a day, added up) and how many there usually are stand in charts of what rises alone.
    """

    target_id: str
    position: int
    plays: int
    previous_position: int | None = None
    peak: int = 0
    listeners: int | None = None
    usual: float | None = None


@dataclass(slots=True)
class Chart:
    """The first hundred songs or artists (`subject`) of a range, everywhere or in a country or genre (`scope`).

    `id` is `{subject}:{scope}:{range}`. `base` holds the order as it was when the UTC day before `day` ended.
    """

    id: str
    subject: str
    scope: str
    range: str
    as_of: datetime
    day: str
    entries: list[ChartEntry] = field(default_factory=list)
    base: list[str] = field(default_factory=list)
