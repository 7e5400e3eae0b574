"""Reads of the embedded store: at once on the event loop while they are small, else on a few threads.

Owns the connections that read. A read that was expected to be small runs in line under a budget of
processor time; one that outgrows it is broken off and asked again on a thread, as is its like for a while.
Refuses to write.
"""

from __future__ import annotations

import asyncio
import math
import queue
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from storage.engine import EngineAway, Unsupported
from storage.sqlite_find import Statement

Result = TypeVar("Result")
Row = tuple[Any, ...]

_TICK_STEPS = 500
_THREAD_TICK_STEPS = 20_000
_BUDGET_S = 0.0015
# Of the processor: steps are not alike, for one may read a long document to its end, and others' work is not its own.
_KNOWN_HEAVY = 500
_THREAD_TURNS = 200


class _Reading:
    """One statement on a thread, and whether anybody still waits for it.

    The statement asks as it runs. Interrupting its connection instead would miss one that is about to begin, which then
    ran to its end, or hit the next one.
    """

    def __init__(self) -> None:
        self._unwanted = False

    def begin(self, connection: sqlite3.Connection) -> None:
        """It runs from here on. EngineAway when nobody waits for it any more."""
        if self._unwanted:
            raise EngineAway("nobody waits for this read")
        connection.set_progress_handler(lambda: self._unwanted, _THREAD_TICK_STEPS)

    def end(self, connection: sqlite3.Connection) -> None:
        """It is over; from here on the connection is somebody else's."""
        connection.set_progress_handler(None, 0)

    def break_off(self) -> None:
        """End it at its next tick."""
        self._unwanted = True


class Reader:
    """Answers statements; text comes as UTF-8 bytes.

    `connect` opens one more connection; `threads` bounds those used at once.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, threads: int = 2) -> None:
        self._connect = connect
        self._inline = self._opened()
        self._until, self._tables = 0.0, 0
        self._inline.set_progress_handler(self._tick, _TICK_STEPS)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tutti-reader")
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._heavy: OrderedDict[str, int] = OrderedDict()

    async def stop(self) -> None:
        """Let running reads end, then close."""
        await asyncio.to_thread(self._pool.shutdown, True)
        while not self._idle.empty():
            self._idle.get().close()
        self._inline.close()

    def rows(self, statement: Statement) -> list[Row] | None:
        """The rows, read here and now; None when that would take too long or the like of it did lately."""
        text = statement.text
        turns = self._heavy.get(text)
        if turns is not None:
            if turns > 0:
                self._heavy[text] = turns - 1
                return None
            del self._heavy[text]
        self._until = time.thread_time() + _BUDGET_S
        try:
            return self._inline.execute(text, statement.parameters).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                if self._learned_tables():
                    return self.rows(statement)
                self._heavy[text] = _THREAD_TURNS
                if len(self._heavy) > _KNOWN_HEAVY:
                    self._heavy.popitem(last=False)
                return None
            if is_unmade(error):
                return []
            raise _refused(error) from error
        except sqlite3.DatabaseError as error:
            raise as_damaged(error) from error

    def _learned_tables(self) -> bool:
        """Whether there were new tables: reading of all of them, which SQLite does first, is no fault of a statement's.

        They are read here without a bound, for a read that is broken off in the middle of them leaves them unread.
        """
        self._until = math.inf
        try:
            [(version,)] = self._inline.execute("PRAGMA schema_version").fetchall()
            self._inline.execute("SELECT 1 FROM sqlite_schema LIMIT 0").fetchall()
        except sqlite3.Error:
            # A thread's connection will say what is wrong.
            return False
        before, self._tables = self._tables, version
        return bool(version != before)

    async def on_thread(self, statement: Statement, work: Callable[[list[Row]], Result]) -> Result:
        """What `work` makes of the rows, both done on a thread. Cancelled, it breaks the statement off."""
        reading = _Reading()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, statement, work, reading)
        except RuntimeError as error:
            raise EngineAway("the store is closed") from error
        except asyncio.CancelledError:
            reading.break_off()
            raise

    def _read(self, statement: Statement, work: Callable[[list[Row]], Result], reading: _Reading) -> Result:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._opened()
        try:
            reading.begin(connection)
            rows = connection.execute(statement.text, statement.parameters).fetchall()
        except sqlite3.OperationalError as error:
            if not is_unmade(error):
                raise _refused(error) from error
            rows = []
        except sqlite3.DatabaseError as error:
            raise as_damaged(error) from error
        finally:
            reading.end(connection)
            self._idle.put(connection)
        return work(rows)

    def _opened(self) -> sqlite3.Connection:
        connection = self._connect()
        # Documents go straight to the JSON reader, which wants bytes.
        connection.text_factory = bytes
        return connection

    def _tick(self) -> bool:
        return time.thread_time() > self._until


def _refused(error: sqlite3.OperationalError) -> Exception:
    """What a statement that SQLite would not run means."""
    if "integer overflow" in str(error):
        return Unsupported("a sum beyond 64 bits")
    return EngineAway(f"the embedded store cannot read: {error}")


def as_damaged(error: sqlite3.DatabaseError) -> Exception:
    """EngineAway for a file that is damaged or no database (SQLite's bare DatabaseError); any other error as it is."""
    if type(error) is sqlite3.DatabaseError:
        return EngineAway(f"the embedded store cannot read: {error}; put a backup in its place")
    return error


def is_unmade(error: sqlite3.OperationalError) -> bool:
    """Whether the error is only that nothing was ever stored in the collection."""
    return str(error).startswith("no such table")


def breathe() -> None:
    """Called on a thread between pieces of long work: the event loop gets its turn at once."""
    time.sleep(0.00005)
