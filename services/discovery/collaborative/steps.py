"""What was worked out already of one learning, kept in a folder, so that a learning that was broken off goes on.

Owns one folder below the one it is given, named after what is learned from; those of other contents are dropped, so
that no more than one learning's steps are ever kept. What is damaged is worked out again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from services.discovery.collaborative.interactions import Interactions

VERSION = 3
"""Another number when the same plays would be learned from in another way."""

Arrays = Mapping[str, npt.NDArray[Any]]


class StepStore:
    """The steps of learning from certain plays, each a named handful of arrays."""

    def __init__(self, folder: Path, content: str) -> None:
        self._folder = folder / f"steps-{content}"
        if folder.exists():
            for other in folder.glob("steps-*"):
                if other != self._folder:
                    shutil.rmtree(other, ignore_errors=True)

    def kept(self, name: str, made: Callable[[], Arrays]) -> Arrays:
        """The step of this name: read, or else made and kept."""
        found = self._read(name)
        if found is None:
            found = made()
            self._write(name, found)
        return found

    def forget(self) -> None:
        """Drop all that is kept: it is learned."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, name: str) -> Arrays | None:
        try:
            with np.load(self._folder / f"{name}.npz", allow_pickle=False) as found:
                return {key: found[key] for key in found.files}
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def _write(self, name: str, arrays: Arrays) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        half = self._folder / f"{name}.half"
        with half.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        os.replace(half, self._folder / f"{name}.npz")


class NoSteps(StepStore):
    """Keeps nothing."""

    def __init__(self) -> None:
        pass

    def kept(self, name: str, made: Callable[[], Arrays]) -> Arrays:
        """Made each time."""
        return made()

    def forget(self) -> None:
        """There is nothing."""


def content_of(plays: Interactions) -> str:
    """A name for exactly these plays and this way of learning."""
    counts = plays.counts
    digest = hashlib.blake2b(f"{VERSION} {counts.shape}".encode(), digest_size=16)
    for array in (counts.indptr.astype(np.int64), counts.indices.astype(np.int64), counts.data.astype(np.float32)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def arrays_of(matrix: sparse.csr_array) -> Arrays:
    """A sparse square matrix as a handful of arrays."""
    return {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}


def matrix_of(arrays: Arrays) -> sparse.csr_array:
    """The sparse square matrix again."""
    size = len(arrays["indptr"]) - 1
    return sparse.csr_array((arrays["data"], arrays["indices"], arrays["indptr"]), shape=(size, size))
