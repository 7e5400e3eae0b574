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
from services.errors import Unavailable
from services.leases import Leases
from services.office.job_board import JobBoard
from services.trace import begin_trace
from storage.engine import EngineAway

log = logging.getLogger("tutti.jobs")

JITTER = 0.1
MOST_SKIPPED_TICKS = 32
FINISH_S = 2.0
"""How long a job in hand is let go on when its process stops; most are done in less."""
GIVE_BACK_S = 2.0
"""How long giving one back may take that was broken off: a store that is away must not keep a process from ending."""
LOOK_S = 2.0
"""How often a process looks whether somebody wants a job to run now."""
LONGEST_TICK_S = 600.0
"""A process may never live for the day that a daily job waits, so it looks more often; the lease knows what is due."""


class Jobs:
    """The running schedule of one process."""

    def __init__(self, rows: Sequence[Job], leases: Leases, metrics: Metrics, board: JobBoard | None = None) -> None:
        self._rows = rows
        self._board = board
        self._leases = leases
        self._metrics = metrics
        self._callbacks: list[PeriodicCallback] = []
        self._running: set[asyncio.Task[object]] = set()
        self._failures: dict[str, int] = {}
        self._skip: dict[str, int] = {}
        self._at_work: set[str] = set()
        self.asked: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin ticking."""
        if self._board is not None:
            self._board.know((row.name, row.seconds) for row in self._rows)
            looking = PeriodicCallback(self.run_wanted, LOOK_S * 1000, jitter=JITTER)
            looking.start()
            self._callbacks.append(looking)
        for row in self._rows:
            if not row.seconds:
                continue
            callback = PeriodicCallback(lambda row=row: self.tick(row), tick_s(row) * 1000, jitter=JITTER)
            callback.start()
            self._callbacks.append(callback)

    async def finish(self, grace_s: float = FINISH_S) -> None:
        """No more ticks; what runs has `grace_s` to end by itself."""
        for callback in self._callbacks:
            callback.stop()
        self._callbacks.clear()
        if tasks := [*self.asked, *self._running]:
            await asyncio.wait(tasks, timeout=grace_s)

    async def stop(self) -> None:
        """No more ticks; what runs is cancelled, awaited and given back: another process begins it anew, soon.

        Jobs are safe to run twice, so nothing is lost.
        """
        await self.finish(0)
        tasks = [*self.asked, *self._running]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def tick(self, row: Job) -> None:
        """Do the job once, unless it backs off or another process has it."""
        if self._skip.get(row.name, 0) > 0:
            self._skip[row.name] -= 1
            return
        await self._run(row, asked=False)

    async def run_wanted(self) -> None:
        """Do, side by side, what somebody asked for and no process has taken; what runs here already is let run."""
        if self._board is None:
            return
        try:
            wanted = set(await self._board.take_wanted())
        except Unavailable:
            return  # The store says in the log that it is away; what was asked for waits there for the next look.
        for row in self._rows:
            if row.name in wanted and row.name not in self._at_work:
                asked = asyncio.create_task(self._run(row, asked=True), name=f"asked for: {row.name}")
                self.asked.add(asked)
                asked.add_done_callback(self.asked.discard)

    async def _run(self, row: Job, *, asked: bool) -> None:
        begin_trace()
        task = asyncio.ensure_future(self._once(row, asked=asked))
        task.set_name(f"job: {row.name}")
        self._running.add(task)
        try:
            outcome = await task
        finally:
            self._running.discard(task)
        self._metrics.jobs.labels(row.name, outcome).inc()

    async def _once(self, row: Job, *, asked: bool) -> str:
        try:
            if asked:
                await self._work(row)
                return "done"
            # A little less than the interval, so that a jittered early tick does not miss its turn.
            held_s = row.seconds - 2 * JITTER * tick_s(row)
            if not (row.own_memory or await self._leases.take(row.name, held_s)):
                return "leased elsewhere"
            await self._work(row)
        except asyncio.CancelledError:
            if asked or not row.own_memory:
                await self._give_back(row, asked=asked)
            raise
        except Exception:
            failures = self._failures.get(row.name, 0) + 1
            self._failures[row.name] = failures
            self._skip[row.name] = min(2**failures - 1, MOST_SKIPPED_TICKS)
            log.exception("job failed", extra={"job": row.name, "failures": failures})
            return "failed"
        self._failures.pop(row.name, None)
        return "done"

    async def _give_back(self, row: Job, *, asked: bool) -> None:
        """It was broken off, and would count as done until it is due again, which may be a day."""
        try:
            async with asyncio.timeout(GIVE_BACK_S):
                if not asked:
                    await self._leases.release(row.name)
                elif self._board is not None:
                    await self._board.want([row.name])
        except (EngineAway, TimeoutError, Unavailable):
            log.warning("a job that was broken off could not be given back", extra={"job": row.name})
        else:
            log.info("a job was broken off and is left to others", extra={"job": row.name})

    async def _work(self, row: Job) -> None:
        if row.name in self._at_work:
            return
        self._at_work.add(row.name)
        log.debug("a job begins", extra={"job": row.name})
        try:
            if self._board is None:
                await row.work()
            else:
                async with self._board.running(row.name):
                    await row.work()
            log.debug("a job is done", extra={"job": row.name})
        finally:
            self._at_work.discard(row.name)


def tick_s(row: Job) -> float:
    """How often a process looks whether a job is due."""
    return row.seconds if row.own_memory else min(row.seconds, LONGEST_TICK_S)
