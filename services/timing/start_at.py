"""When something that everybody shall hear begins: late enough that the word of it is there first (REALTIME, rule 3).

Pure. Refuses to know who the members are and what begins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LEAST_MS = 150.0
MOST_MS = 1500.0
"""Sooner nobody's decoder is ready; later it feels broken, and who is slower than that joins at the right position."""


def start_at_ms(now_ms: float, delays_ms: Sequence[float], warm_up_ms: float) -> float:
    """A moment of the house's time: `now_ms` + clamp(2 × p95 of the members' one-way delays + warm-up, 150, 1500).

    `delays_ms` are what the members report (half of their best round trip); twice that leaves room for one frame sent
    again. What is no finite delay (a member that has not measured) says nothing; below zero counts as zero.
    """
    known = [max(0.0, delay) for delay in delays_ms if math.isfinite(delay)]
    warm_up = max(0.0, warm_up_ms) if math.isfinite(warm_up_ms) else 0.0
    return now_ms + min(MOST_MS, max(LEAST_MS, 2 * _p95(known) + warm_up))


def _p95(values: list[float]) -> float:
    """The smallest value that 95 % do not exceed (nearest rank): with fewer than twenty members, the slowest one."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]
