"""Runs the schedule: one Tornado `PeriodicCallback` per row, leased, jittered, backing off after failures.

Owns when; the table owns what. A tick that comes while its job still runs is skipped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from tornado.ioloop import PeriodicCallback

from server.metrics import Metrics
from server.schedule import Job
from services.leases import Leases
from services.trace import begin_trace

log = logging.getLogger("tutti.jobs")

JITTER = 0.1
MOST_SKIPPED_TICKS = 32
LONGEST_TICK_S = 600.0
"""A process may never live for the day that a daily job waits, so it looks more often; the lease knows what is due."""


class Jobs:
    """The running schedule of one process."""

    def __init__(self, rows: Sequence[Job], leases: Leases, metrics: Metrics) -> None:
        self._rows = rows
        self._leases = leases
        self._metrics = metrics
        self._callbacks: list[PeriodicCallback] = []
        self._running: set[asyncio.Task[object]] = set()
        self._failures: dict[str, int] = {}
        self._skip: dict[str, int] = {}

    def start(self) -> None:
        """Begin ticking."""
        for row in self._rows:
            callback = PeriodicCallback(lambda row=row: self.tick(row), tick_s(row) * 1000, jitter=JITTER)
            callback.start()
            self._callbacks.append(callback)

    async def stop(self) -> None:
        """No more ticks; what runs is cancelled and awaited. Jobs are safe to run twice, so nothing is lost."""
        for callback in self._callbacks:
            callback.stop()
        self._callbacks.clear()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def tick(self, row: Job) -> None:
        """Do the job once, unless it backs off or another process has it."""
        if self._skip.get(row.name, 0) > 0:
            self._skip[row.name] -= 1
            return
        begin_trace()
        task = asyncio.ensure_future(self._once(row))
        task.set_name(f"job: {row.name}")
        self._running.add(task)
        try:
            outcome = await task
        finally:
            self._running.discard(task)
        self._metrics.jobs.labels(row.name, outcome).inc()

    async def _once(self, row: Job) -> str:
        try:
            # A little less than the interval, so that a jittered early tick does not miss its turn.
            held_s = row.seconds - 2 * JITTER * tick_s(row)
            if not (row.own_memory or await self._leases.take(row.name, held_s)):
                return "leased elsewhere"
            await row.work()
        except Exception:
            failures = self._failures.get(row.name, 0) + 1
            self._failures[row.name] = failures
            self._skip[row.name] = min(2**failures - 1, MOST_SKIPPED_TICKS)
            log.exception("job failed", extra={"job": row.name, "failures": failures})
            return "failed"
        self._failures.pop(row.name, None)
        return "done"


def tick_s(row: Job) -> float:
    """How often a process looks whether a job is due."""
    return row.seconds if row.own_memory else min(row.seconds, LONGEST_TICK_S)
