"""Small writes at once, on the event loop, while nobody else writes: most of a small write's time was the way to the
writer's thread and back.

Owns a connection that never waits: when the file is locked, when writes stand in line, or when the disk was slow a
moment ago, the writer's thread does it instead. Refuses to know what a write means.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from storage.sqlite_writer import Job, Writer, as_away

_SLOW_S = 0.005
_TURNS_AFTER_SLOW = 500
_ROWS_BETWEEN_NUDGES = 500


class QuickWriter:
    """Tries a write in line. `connection` must fail at once on a lock (busy time-out 0)."""

    def __init__(self, connection: sqlite3.Connection, writer: Writer) -> None:
        self._connection = connection
        self._writer = writer
        self._turns_off = 0
        self._told_changes = 0

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def attempt(self, job: Job) -> tuple[bool, Any]:
        """Whether the job was done and committed, and its result. What it changed is taken back when it raises."""
        if self._turns_off > 0:
            self._turns_off -= 1
            return False, None
        if not self._writer.is_idle:
            return False, None
        connection = self._connection
        begun = time.perf_counter()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                return False, None
            raise as_away(error) from error
        try:
            result = job(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise as_away(error) from error
            raise
        if time.perf_counter() - begun > _SLOW_S:
            self._turns_off = _TURNS_AFTER_SLOW
        changes = connection.total_changes
        if changes - self._told_changes >= _ROWS_BETWEEN_NUDGES:
            self._writer.note_changes(changes - self._told_changes)
            self._told_changes = changes
        return True, result
