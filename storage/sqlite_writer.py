"""The one thread that writes to the embedded store.

Owns transactions: waiting writes share one commit, long work (bulk, change many) goes in chunks between them so that
nobody waits for its end, and a checkpoint is made only after the waiting have been answered. Refuses to know what a
write means.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from storage.engine import EngineAway, StorageError

Job = Callable[[sqlite3.Connection], Any]
LongJob = Callable[[sqlite3.Connection], Generator[None, None, Any]]

_log = logging.getLogger("tutti.storage")
_SHARED_COMMIT = 256
_ROWS_BETWEEN_CHECKPOINTS = 2000


@dataclass(slots=True)
class _Task:
    future: asyncio.Future[Any]
    durable: bool
    job: Job | None = None
    long_job: LongJob | None = None
    steps: Generator[None, None, Any] | None = None


Outcome = tuple[asyncio.Future[Any], Any, BaseException | None]


class Writer:
    """Runs writes one after another; each call returns once its change is committed.

    `limit` bounds the writes that may wait; beyond it EngineAway. `durable` writes are on the disk itself when they
    return, the others survive the end of the process but perhaps not of the machine.
    """

    def __init__(self, connection: sqlite3.Connection, *, limit: int = 10_000) -> None:
        self._connection = connection
        self._limit = limit
        self._arrivals: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._waiting = 0
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._long: deque[_Task] = deque()
        self._full_sync = False
        self._checkpointed_at = 0
        self._other_changes = 0
        self._thread = threading.Thread(target=self._run, name="tutti-writer", daemon=True)
        self._thread.start()

    async def run(self, job: Job, *, durable: bool = False) -> Any:
        """The job's result, once committed. What it changed is taken back when it raises."""
        return await self._submit(_Task(self._loop.create_future(), durable, job=job))

    async def run_long(self, job: LongJob, *, durable: bool = False) -> Any:
        """The result of a job in chunks, each committed by itself; other writes go in between."""
        return await self._submit(_Task(self._loop.create_future(), durable, long_job=job))

    @property
    def is_idle(self) -> bool:
        """Whether no write waits and none is being done."""
        return self._waiting == 0 and not self._stopping

    def note_changes(self, rows: int) -> None:
        """Somebody else changed so many rows: they count towards the next checkpoint, which this thread makes."""
        self._other_changes += rows
        self._waiting += 1
        self._arrivals.put(_Task(self._loop.create_future(), False, job=lambda connection: None))

    async def stop(self) -> None:
        """Finish what was handed in, then close the connection."""
        self._stopping = True
        self._arrivals.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _submit(self, task: _Task) -> Any:
        if self._stopping:
            raise EngineAway("the store is closing")
        if self._waiting >= self._limit:
            raise EngineAway(f"{self._waiting} writes are waiting already")
        self._waiting += 1
        self._arrivals.put(task)
        return await task.future

    def _settle(self, outcomes: list[Outcome]) -> None:
        self._waiting -= len(outcomes)
        for future, value, error in outcomes:
            if future.cancelled():
                continue
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)

    def _run(self) -> None:
        open_for_more = True
        while open_for_more or self._long:
            batch: list[_Task] = []
            open_for_more = self._collect(batch, wait=open_for_more and not self._long) and open_for_more
            if batch:
                self._commit(batch, self._run_batch)
            if self._long:
                task = self._long.popleft()
                if not self._commit([task], self._run_chunk):
                    self._long.append(task)
            self._checkpoint()
        self._connection.close()

    def _collect(self, batch: list[_Task], *, wait: bool) -> bool:
        """Take what has arrived; False when the end was announced."""
        while len(batch) < _SHARED_COMMIT:
            try:
                task = self._arrivals.get(block=wait and not batch)
            except queue.Empty:
                return True
            if task is None:
                return False
            if task.job is None:
                self._long.append(task)
                wait = False
            else:
                batch.append(task)
        return True

    def _commit(self, tasks: list[_Task], work: Callable[[list[_Task]], list[Outcome]]) -> bool:
        """Do the work in one transaction and tell the waiting; False when there is more of it to come."""
        connection = self._connection
        try:
            self._choose_sync(any(task.durable for task in tasks))
            connection.execute("BEGIN IMMEDIATE")
            outcomes = work(tasks)
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  every waiting caller gets it raised
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raised = as_away(error)
            outcomes = [(task.future, None, raised) for task in tasks]
        if outcomes:
            try:
                self._loop.call_soon_threadsafe(self._settle, outcomes)
            except RuntimeError:
                _log.debug("nobody waits for a finished write")
        return bool(outcomes)

    def _run_batch(self, tasks: list[_Task]) -> list[Outcome]:
        connection = self._connection
        outcomes: list[Outcome] = []
        for task in tasks:
            assert task.job is not None
            if len(tasks) > 1:
                connection.execute("SAVEPOINT job")
            try:
                outcomes.append((task.future, task.job(connection), None))
            except sqlite3.OperationalError:
                raise
            except Exception as error:
                if len(tasks) == 1:
                    raise
                connection.execute("ROLLBACK TO job")
                outcomes.append((task.future, None, error))
            if len(tasks) > 1:
                connection.execute("RELEASE job")
        return outcomes

    def _run_chunk(self, tasks: list[_Task]) -> list[Outcome]:
        (task,) = tasks
        if task.steps is None:
            assert task.long_job is not None
            task.steps = task.long_job(self._connection)
        try:
            next(task.steps)
        except StopIteration as end:
            return [(task.future, end.value, None)]
        return []

    def _choose_sync(self, full: bool) -> None:
        if full != self._full_sync:
            self._connection.execute(f"PRAGMA synchronous={'FULL' if full else 'NORMAL'}")
            self._full_sync = full

    def _checkpoint(self) -> None:
        """Bring the log into the database file from time to time, so that it does not grow and reads stay fast."""
        changes = self._connection.total_changes + self._other_changes
        if changes - self._checkpointed_at >= _ROWS_BETWEEN_CHECKPOINTS:
            self._checkpointed_at = changes
            try:
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except sqlite3.OperationalError as error:
                _log.warning("a checkpoint of the embedded store failed", extra={"reason": str(error)})


def as_away(error: Exception) -> Exception:
    """What callers get raised. A full disk, a lock held too long or an unreadable file mean the store is away."""
    if isinstance(error, sqlite3.Error) and not isinstance(error, StorageError):
        away = EngineAway(f"the embedded store cannot write: {error}")
        away.__cause__ = error
        return away
    return error
