"""The file of the embedded store: its connections, for the writer, for quick writes and for readers.

Owns where the file lies and what each kind of connection is set to. Refuses to know documents and threads.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


class SqliteFile:
    """Connects to the file at `path`; `cache_mb` is the page cache of each connection."""

    def __init__(self, path: Path, *, cache_mb: int, busy_timeout_s: float) -> None:
        self.path = path
        self._cache_mb = cache_mb
        self._busy_timeout_s = busy_timeout_s

    def for_writing(self) -> sqlite3.Connection:
        """The connection that all awaited writes go through; makes the file, and its folder, when missing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self._connect(
            self._busy_timeout_s,
            "PRAGMA journal_mode=WAL",
            "PRAGMA wal_autocheckpoint=0",
            f"PRAGMA journal_size_limit={64 * 1024 * 1024}",
        )

    def for_quick_writes(self) -> sqlite3.Connection:
        """One that never waits for a lock."""
        return self._connect(0, "PRAGMA wal_autocheckpoint=0")

    def for_reading(self) -> sqlite3.Connection:
        """One more reader."""
        return self._connect(self._busy_timeout_s)

    def _connect(self, busy_timeout_s: float, *pragmas: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=500,
        )
        shared = (
            "PRAGMA synchronous=NORMAL",
            f"PRAGMA cache_size={-1024 * self._cache_mb}",
            f"PRAGMA mmap_size={1024 * 1024 * 1024}",
            "PRAGMA temp_store=MEMORY",
        )
        try:
            for pragma in (*shared, *pragmas):
                connection.execute(pragma).fetchall()
        except BaseException:
            connection.close()
            raise
        return connection
