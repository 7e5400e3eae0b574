"""How the periodic jobs go: when each ran last and what came of it, and who wants one to run now.

Owns that knowledge, in the store, so that every process sees what any of them did. Refuses to know what the jobs are:
whoever runs them tells it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from services.audit.audit import Audit
from services.clock import Clock
from services.errors import NotFound, Unavailable
from services.trace import current_trace
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import StorageError
from storage.records.office import JobRun

log = logging.getLogger("tutti.office")

ERROR_CHARACTERS = 300
TELL_EVERY_S = 1.0
QUIET_S = 30.0
"""A run that went as the one before is written so often at most: some jobs run every five seconds."""
JOBS_LIMIT = 500
LOST_AFTER = timedelta(minutes=2)
"""A run that has not been told of for so long lost its process."""

_at_work: ContextVar[Running | None] = ContextVar("job_at_work", default=None)


class Running:
    """A run under way; `told` is how far it says it is."""

    def __init__(self) -> None:
        self.phase, self.done, self.total = "", 0, 0


def tell(phase: str, done: int, total: int) -> None:
    """How far the job in hand is; does nothing outside a job."""
    running = _at_work.get()
    if running is not None:
        running.phase, running.done, running.total = phase[:80], max(0, done), max(0, total)


class JobBoard:
    """The board of one house; `known` are the jobs that this process could run, by name with their seconds."""

    def __init__(self, store: Store, clock: Clock, audit: Audit | None = None) -> None:
        self._shelf = store.job_runs
        self._clock = clock
        self._audit = audit
        self.known: dict[str, float] = {}
        self._written: dict[str, float] = {}

    def know(self, jobs: Iterable[tuple[str, float]]) -> None:
        """Take notice of these jobs: name and seconds between two runs, 0 for one that only runs when asked."""
        self.known.update(jobs)

    @contextlib.asynccontextmanager
    async def running(self, name: str) -> AsyncIterator[None]:
        """Write down that the job runs, how far it is, and what came of it. What it raises passes on."""
        started, began, running = self._clock.now(), self._clock.monotonic(), Running()
        mark = _at_work.set(running)
        telling = asyncio.create_task(self._keep_telling(name, running, started), name=f"telling of job: {name}")
        fault: BaseException | None = None
        try:
            yield
        except BaseException as error:
            fault = error
            raise
        finally:
            _at_work.reset(mark)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            took_ms = round(1000 * (self._clock.monotonic() - began))
            if fault is None or isinstance(fault, Exception):
                await self._ended(name, started, took_ms, running, fault)

    async def listing(self, viewer: Viewer) -> list[JobRun]:
        """Every job by name, for admins, those that never ran included."""
        viewer.require(Role.ADMIN)
        rows = {row.id: row for row in await self._shelf.find({}, sort=[("_id", 1)], limit=JOBS_LIMIT)}
        for name, seconds in self.known.items():
            row = rows.setdefault(name, JobRun(name))
            row.seconds = seconds
        return [rows[name] for name in sorted(rows)]

    async def run_now(self, viewer: Viewer, name: str) -> JobRun:
        """Have a job run within seconds, in whichever process looks first. NotFound for a name that no job has."""
        viewer.require(Role.ADMIN)
        if name not in self.known:
            raise NotFound("There is no such job.", field="name")
        change = {"$set": {"wanted_at": self._clock.now()}}
        row = await self._shelf.update_and_get({"_id": name}, change, upsert=True)
        if self._audit is not None:
            await self._audit.note(viewer, "job.run", "job", name)
        log.info("a job was asked for", extra={"job": name, "user_id": viewer.user_id})
        row = row or JobRun(name)
        row.seconds = self.known[name]
        return row

    async def want(self, names: Iterable[str]) -> None:
        """The house itself has these jobs run within seconds, in whichever process looks first."""
        for name in names:
            await self._shelf.update({"_id": name}, {"$set": {"wanted_at": self._clock.now()}}, upsert=True)

    async def take_wanted(self) -> list[str]:
        """Names of jobs that somebody wants, each taken by one process alone."""
        taken = []
        for row in await self._shelf.find({"wanted_at": {"$exists": True}}, limit=JOBS_LIMIT):
            if row.id in self.known:
                done = await self._shelf.update(
                    {"_id": row.id, "wanted_at": row.wanted_at}, {"$unset": {"wanted_at": ""}}
                )
                if done.matched:
                    taken.append(row.id)
        return taken

    def is_running(self, row: JobRun) -> bool:
        """Whether a process is at it just now."""
        if row.started_at is None or (row.finished_at is not None and row.finished_at >= row.started_at):
            return False
        return row.told_at is not None and self._clock.now() - row.told_at < LOST_AFTER

    async def _keep_telling(self, name: str, running: Running, started: Any) -> None:
        """Only runs longer than a second are told of before their end."""
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            told = {"phase": running.phase, "done": running.done, "total": running.total}
            await self._write(name, {"started_at": started, "told_at": self._clock.now(), **told}, {})

    async def _ended(
        self, name: str, started: Any, took_ms: int, running: Running, fault: BaseException | None
    ) -> None:
        now, moment = self._clock.now(), self._clock.monotonic()
        if fault is None and took_ms < 1000 * TELL_EVERY_S and moment - self._written.get(name, -QUIET_S) < QUIET_S:
            return
        fields: dict[str, Any] = {"started_at": started, "finished_at": now, "duration_ms": took_ms}
        fields |= {"phase": running.phase, "done": running.done, "total": running.total}
        fields["outcome"] = "done" if fault is None else "failed"
        if fault is not None:
            # What a fault says may quote somebody's data: its kind and the line in the log are enough.
            fields |= {"failed_at": now, "error": f"{type(fault).__name__} (request id {current_trace.get()})"}
        if await self._write(name, fields, {"runs": 1, "failures": int(fault is not None)}):
            self._written[name] = moment if fault is None else -QUIET_S

    async def _write(self, name: str, fields: dict[str, Any], more: dict[str, int]) -> bool:
        """Whether it was written: a store that is away must not make a job fail that went well."""
        update: dict[str, Any] = {"$set": {**fields, "seconds": self.known.get(name, 0.0)}}
        if more:
            update["$inc"] = more
        try:
            await self._shelf.update({"_id": name}, update, upsert=True)
        except (StorageError, Unavailable):
            log.info("how a job went could not be written", extra={"job": name})
            return False
        return True
