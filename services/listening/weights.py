"""What one account's plays of a song on a day weigh in charts: the first counts whole, each further one less.

Pure. Owns the scale, which ends at two: whoever plays a song ten times or ten thousand times a day weighs the same.
Refuses to know how plays are folded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

ONE = 1000
"""A weight of one: weights are whole thousandths, so that sums are exact in any order."""

DAY_LIMIT = 2 * ONE

Counts = Mapping[str, Any]
"""What holds `plays`, and `countries` with the plays of each country."""


def weight(plays: int) -> int:
    """The weight of so many plays of one account, song and day: 1 + log10, two at most; nothing for none."""
    return min(DAY_LIMIT, round(ONE * (1 + math.log10(plays)))) if plays > 0 else 0


def gained(before: Counts, after: Counts) -> tuple[int, int, dict[str, int]]:
    """What an account's day gained: weight, whether it is a listener more (1 or 0), and weight in each country."""
    known, now = before.get("countries") or {}, after.get("countries") or {}
    by_country = {code: weight(plays) - weight(known.get(code, 0)) for code, plays in now.items()}
    heard = before.get("plays", 0)
    gain = weight(after["plays"]) - weight(heard)
    return gain, int(heard == 0), {code: more for code, more in by_country.items() if more}


def weight_of_all(days: Iterable[Counts], country: str | None = None) -> int:
    """What some days of one account weigh together, everywhere or in one country."""
    if country is None:
        return sum(weight(day["plays"]) for day in days)
    return sum(weight((day.get("countries") or {}).get(country, 0)) for day in days)
