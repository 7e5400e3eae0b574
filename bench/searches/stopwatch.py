"""Milliseconds of many questions, told by sort: wall time, and the processor time of this process.

Refuses to know what was asked.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

EVERYTHING = "all"


class Stopwatch:
    """What a run of questions took."""

    def __init__(self) -> None:
        self._wall: defaultdict[str, list[float]] = defaultdict(list)
        self._cpu: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timing(self, sort: str = EVERYTHING) -> Iterator[None]:
        """Time what happens inside as one question of this sort."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        took, used = (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000
        for name in {sort, EVERYTHING}:
            self._wall[name].append(took)
            self._cpu[name].append(used)

    @property
    def sorts(self) -> list[str]:
        """The sorts there were, all together first."""
        return sorted(self._wall, key=lambda sort: (sort != EVERYTHING, sort))

    def p95(self, sort: str = EVERYTHING) -> float:
        """The 95th percentile of wall time."""
        return percentile(self._wall[sort], 95)

    def line(self, sort: str = EVERYTHING) -> str:
        """Median, 95th and 99th percentile of wall time, then of processor time."""
        wall, cpu = self._wall[sort], self._cpu[sort]
        cells = "".join(f"{percentile(wall, share):9.2f}" for share in (50, 95, 99))
        return f"{cells}{percentile(cpu, 50):11.2f}{percentile(cpu, 95):9.2f}{len(wall):9,}"


def percentile(took: list[float], share: int) -> float:
    """The value below which `share` of a hundred lie."""
    return statistics.quantiles(took, n=100, method="inclusive")[share - 1] if len(took) > 1 else sum(took)
