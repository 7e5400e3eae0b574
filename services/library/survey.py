"""What changed on disk since the last import, by stats alone: walk and catalogue merged like two sorted lists.

Owns the comparison, in constant memory whatever the library's size. Refuses to open a file or to write.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from services.library.path_tags import album_folder
from services.library.summary import Progress, ShowProgress, Summary
from services.library.walk import Found, Unwalked, walk
from storage.collections.library import Library
from storage.engine import Document
from storage.records import FileState

_WALK_BATCH = 1_000
BATCH_FILES = 120
BATCH_LIMIT = 400


class Spool:
    """A list kept in a temporary file: written once, read as often as wanted."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.length = 0

    def add(self, value: Any) -> None:
        """Append a value that JSON can hold."""
        self._file.write(orjson.dumps(value) + b"\n")
        self.length += 1

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        for line in self._file:
            yield orjson.loads(line)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


class Survey:
    """One root's changes: files to read, and paths that are gone. Close it when done.

    What lies in the folder `spared` is neither read nor missed: it is not an import's to judge.
    """

    def __init__(self, root: Path, spared: Path | None = None) -> None:
        self.root = str(root)
        self._spared = None if spared is None else f"{spared}/"
        self.changed = Spool()
        self.vanished = Spool()
        self.files_found = 0
        self._unwalked: set[str] = set()

    def close(self) -> None:
        """Give the temporary files back."""
        self.changed.close()
        self.vanished.close()

    async def look(self, library: Library, summary: Summary, progress: ShowProgress) -> None:
        """Walk the root against the catalogue. What lies under a folder that cannot be read is left as it is."""
        notes: list[Unwalked] = []
        walking = walk(Path(self.root), notes.append)
        known = library.stats_under(self.root)
        rows: list[Document] = []
        at = 0
        exhausted = False
        while True:
            batch = await asyncio.to_thread(_take, walking)
            for note in notes:
                summary.report(note.path, note.reason)
                self._unwalked.add(note.path)
            notes.clear()
            for found in batch:
                if self._spared is not None and found.path.startswith(self._spared):
                    continue
                while True:
                    if at == len(rows) and not exhausted:
                        page = await anext(known, None)
                        rows, at, exhausted = page or [], 0, page is None
                        continue
                    if at == len(rows) or rows[at]["path"] >= found.path:
                        break
                    self._miss(rows[at])
                    at += 1
                if at < len(rows) and rows[at]["path"] == found.path:
                    self._compare(found, rows[at], summary)
                    at += 1
                else:
                    self.changed.add(astuple(found))
            self.files_found += len(batch)
            progress(Progress("looking", self.files_found, 0, batch[-1].path if batch else self.root))
            if len(batch) < _WALK_BATCH:
                break
        for row in rows[at:]:
            self._miss(row)
        if not exhausted:
            async for page in known:
                for row in page:
                    self._miss(row)
        summary.files_found += self.files_found

    def _compare(self, found: Found, row: Document, summary: Summary) -> None:
        same_stat = (row["size"], row["mtime_ns"], row.get("sidecar_hash")) == (
            found.size,
            found.mtime_ns,
            found.sidecar_hash,
        )
        if same_stat and row["state"] != FileState.VANISHED:
            summary.files_unchanged += 1
            summary.files_still_broken += row["state"] == FileState.BROKEN
        else:
            self.changed.add(astuple(found))

    def _miss(self, row: Document) -> None:
        """Note a known file that the walk did not see, unless it lies where the walk could not look."""
        if row["state"] == FileState.VANISHED:
            return
        path: str = row["path"]
        if self._spared is not None and path.startswith(self._spared):
            return
        if path in self._unwalked or any(str(parent) in self._unwalked for parent in Path(path).parents):
            return
        self.vanished.add(path)

    def batches(self) -> Iterator[list[Found]]:
        """The files to read in path order, cut between album folders where that can be: 120 to 400 at a time."""
        batch: list[Found] = []
        for row in self.changed:
            found = Found(*row)
            full = len(batch) >= BATCH_FILES and album_folder(found.path) != album_folder(batch[-1].path)
            if full or len(batch) >= BATCH_LIMIT:
                yield batch
                batch = []
            batch.append(found)
        if batch:
            yield batch

    def vanished_batches(self) -> Iterator[list[str]]:
        """The paths that are gone, 500 at a time."""
        paths = iter(self.vanished)
        while batch := list(islice(paths, 500)):
            yield batch


def _take(walking: Iterator[Found]) -> list[Found]:
    return list(islice(walking, _WALK_BATCH))
