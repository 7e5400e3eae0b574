"""The folder of learned models: which versions there are, each whole or not there at all.

Owns the layout (`models/<version>/` with a manifest and arrays, `models/training/` for what is being made) and the one
writer's lock, which dies with its process. A version is made beside the others and gets its place by one rename.
Refuses to know what the arrays mean. Every method blocks.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

FORMAT = 1
"""Counts up when what is written changes; versions of another format are as if they were not there."""

KEPT = 2
MANIFEST = "manifest.json"
_VERSION = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")

Arrays = dict[str, npt.NDArray[Any]]


class VersionUnreadable(Exception):
    """A version is damaged, of another format or gone; the text says which file and why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a manifest tells of a version beside its files. `recipe` is how it was mixed, as the fitting says."""

    made_at: datetime
    plays: int
    people: int
    songs: int
    recipe: Mapping[str, Any]


class Versions:
    """The versions under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def workplace(self) -> Path:
        """Where the next version is made."""
        return self.root / "training"

    @contextlib.contextmanager
    def writing(self) -> Iterator[bool]:
        """Whether this process alone may write here while the context lasts."""
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """The versions there are, readable or not, the newest first."""
        try:
            found = [entry.name for entry in os.scandir(self.root) if _VERSION.fullmatch(entry.name)]
        except FileNotFoundError:
            return []
        return sorted(found, reverse=True)

    def read(self, version: str) -> tuple[Facts, Arrays]:
        """A version's facts and its arrays, mapped from their files after these were held against their sums.

        VersionUnreadable.
        """
        folder = self.root / version
        try:
            written = orjson.loads((folder / MANIFEST).read_bytes())
            if written["format"] != FORMAT:
                raise VersionUnreadable(f"format {written['format']}")
            facts = Facts(
                datetime.fromisoformat(written["made_at"]),
                int(written["plays"]),
                int(written["people"]),
                int(written["songs"]),
                dict(written["recipe"]),
            )
            arrays: Arrays = {}
            for name, sum in dict(written["files"]).items():
                path = folder / f"{name}.npy"
                if _sum(path) != sum:
                    raise VersionUnreadable(f"{name} is damaged")
                # A view, for a mapped array's own class makes every look at it dearer.
                arrays[name] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as fault:
            raise VersionUnreadable(f"{type(fault).__name__}: {fault}") from fault
        return facts, arrays

    def publish(self, made: Path, version: str) -> None:
        """Give what `write_version` made its place, and let go of all but the newest two."""
        self.root.mkdir(parents=True, exist_ok=True)
        made.replace(self.root / version)
        _sync(self.root)
        self.sweep()

    def sweep(self) -> int:
        """Remove versions beyond the newest two; how many. One that is still mapped lives on until it is let go."""
        surplus = self.names()[KEPT:]
        for name in surplus:
            shutil.rmtree(self.root / name, ignore_errors=True)
        return len(surplus)

    def remove(self, version: str) -> None:
        """Remove a version that cannot be read."""
        shutil.rmtree(self.root / version, ignore_errors=True)


def write_version(folder: Path, facts: Facts, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a version into a new folder; what lay there is gone. On disk when this returns, the manifest last."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sums: dict[str, str] = {}
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        sums[name] = _sum(path)
    written = {
        "format": FORMAT,
        "made_at": facts.made_at.isoformat(),
        "plays": facts.plays,
        "people": facts.people,
        "songs": facts.songs,
        "recipe": dict(facts.recipe),
        "files": sums,
    }
    with (folder / MANIFEST).open("wb") as file:
        file.write(orjson.dumps(written))
        file.flush()
        os.fsync(file.fileno())
    _sync(folder)


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
