"""A store with every declared index, made once in each process and copied: making one takes a tenth of a second.

Owns the copy. What it copies was made by the same engine from the same declarations as any other store.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from storage.indexes import ensure_indexes
from storage.sqlite import SqliteEngine
from storage.sqlite_file import SqliteFile

_template = bytearray()


async def put_empty_store(path: Path) -> None:
    """An empty store with every index at `path`, unless one is there already."""
    if not _template:
        with tempfile.TemporaryDirectory() as folder:
            engine = SqliteEngine(Path(folder) / "template.db")
            await engine.start()
            await ensure_indexes(engine)
            await engine.stop()
            _read(Path(folder))
    _write(path)


class UnsyncedEngine(SqliteEngine):
    """The embedded engine without waiting for the disk: for tests that prove nothing about a machine's sudden end."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._file = _UnsyncedFile(path, cache_mb=32, busy_timeout_s=10.0)


class _UnsyncedFile(SqliteFile):
    def _connect(self, busy_timeout_s: float, *pragmas: str) -> sqlite3.Connection:
        connection = super()._connect(busy_timeout_s, *pragmas)
        connection.execute("PRAGMA synchronous=OFF")
        return connection


async def open_empty_store(path: Path) -> SqliteEngine:
    """The started engine of such a store. What it wrote is whole as long as the machine runs."""
    await put_empty_store(path)
    engine = UnsyncedEngine(path)
    await engine.start()
    return engine


def _read(folder: Path) -> None:
    [file] = folder.iterdir()  # nothing is left in a log beside it
    _template.extend(file.read_bytes())


def _write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(_template)
