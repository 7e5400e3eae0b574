"""A copy of the embedded store as it was at one moment, made while others write to it (SQLite's online backup)."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from storage.engine import EngineAway


def snapshot(source: Path, target: Path) -> None:
    """Copy the store at `source` to `target`, which must not be there. Blocks; EngineAway when it cannot be read.

    In one step: a reader of the write-ahead log sees one moment and holds up no writer, and a copy in several steps
    would begin again with every write of another process.
    """
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as reading,
            contextlib.closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing, pages=-1)
    except sqlite3.Error as fault:
        raise EngineAway(f"the embedded store at {source} cannot be copied: {fault}") from fault
