"""How far ahead a start lies, so that every member hears of it in time (REALTIME, rule 3).

Pure. Owns what members report of themselves; refuses to know rooms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.rooms.bounds import LEAST_LEAD_MS, MOST_LEAD_MS


@dataclass(frozen=True, slots=True)
class Report:
    """What a member measured: one-way delay to the house, warm-up of its sound, and how far it is off (all ms)."""

    delay_ms: float = 0.0
    warm_up_ms: float = 0.0
    skew_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is done (house time), and how far ahead a start must lie now."""

    now_ms: float
    lead_ms: float = LEAST_LEAD_MS

    @property
    def start_ms(self) -> float:
        """When a start that is announced now happens."""
        return self.now_ms + self.lead_ms


def lead_ms(reports: Iterable[Report]) -> float:
    """Twice the 95th percentile of one-way delays plus the longest warm-up, between 150 and 1,500 ms."""
    reports = list(reports)
    if not reports:
        return LEAST_LEAD_MS
    delays = sorted(report.delay_ms for report in reports)
    # Nearest rank: of 1 to 19 members it is the slowest.
    p95 = delays[min(len(delays) - 1, -(-95 * len(delays) // 100) - 1)]
    warm_up = max(report.warm_up_ms for report in reports)
    return min(MOST_LEAD_MS, max(LEAST_LEAD_MS, 2 * p95 + warm_up))
