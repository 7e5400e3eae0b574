"""What was read of the store, on its way to the process that learns: rows of numbers in one file, ids in another.

Owns both files' layout. Refuses to know the store, and people: whose numbers are whose is never written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

ROW = np.dtype([("person", "<i4"), ("song", "<i4"), ("plays", "<f4"), ("weight", "<f4")])
"""`plays`: times listened (below 0 takes skips back); `weight`: what all of it says, likes and playlists as well."""

ROWS = "rows.bin"
SONGS = "songs.json"
SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a reading came to. `plays` are counted as the roll-ups count them."""

    read_at: datetime
    plays: int
    people: int
    rows: int


class RowsFile:
    """Appends rows to a new file. Blocking."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file = (folder / ROWS).open("wb")

    def add(self, rows: Sequence[tuple[int, int, float, float]]) -> None:
        """More rows."""
        self._file.write(np.array(rows, ROW).tobytes())

    def close(self, songs: Sequence[tuple[str, str]], gathered: Gathered) -> None:
        """The songs by number, each with its artist's id (empty where there is none any more), and the summary last."""
        self._file.close()
        (self._folder / SONGS).write_bytes(orjson.dumps(list(songs)))
        summary = {
            "read_at": gathered.read_at.isoformat(),
            "plays": gathered.plays,
            "people": gathered.people,
            "rows": gathered.rows,
        }
        (self._folder / SUMMARY).write_bytes(orjson.dumps(summary))

    def drop(self) -> None:
        """Close it unfinished."""
        self._file.close()


def read_summary(folder: Path) -> Gathered | None:
    """What lies there, when it was finished."""
    try:
        read = orjson.loads((folder / SUMMARY).read_bytes())
        gathered = Gathered(
            datetime.fromisoformat(read["read_at"]), int(read["plays"]), int(read["people"]), int(read["rows"])
        )
        whole = (folder / ROWS).stat().st_size == gathered.rows * ROW.itemsize
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return gathered if whole else None


def read_rows(folder: Path) -> tuple[npt.NDArray[Any], list[tuple[str, str]]]:
    """The rows, mapped, and the songs by number. OSError and ValueError for what cannot be read."""
    path = folder / ROWS
    rows: npt.NDArray[Any] = np.memmap(path, ROW, mode="r") if path.stat().st_size else np.empty(0, ROW)
    return rows, [(str(song), str(artist)) for song, artist in orjson.loads((folder / SONGS).read_bytes())]
