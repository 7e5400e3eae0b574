"""How much any two things have in common, by the people they share: the largest overlaps of each thing.

Worked out in blocks whose size follows the work, so that memory is bounded however many people and things there are.
Pure. Refuses to know what the overlaps are used for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats, Integers, leveled

BLOCK_ENTRIES = 8_000_000
"""So many overlaps at most are there at a time (but always those of one thing): about 100 MB."""

Told = Callable[[float], None]
"""Hears the share done, 0 to 1. Raising from it stops the work."""


def silent(share: float) -> None:
    """Tells nobody."""


Rated = Callable[[int, Integers, Floats], Floats]
"""What the overlaps of one column with others are worth instead."""


class Rows:
    """A square sparse matrix that is filled row by row, at most `most` in each, in memory laid out beforehand: rows
    kept one by one would stand there twice in the end. What is laid out and not used costs nothing."""

    def __init__(self, size: int, most: int) -> None:
        self._size = size
        self._ends = np.zeros(size + 1, np.int64)
        self._row = 0
        self._columns = np.empty(size * min(most, size), np.int32)
        self.values = self.another()

    def another(self) -> Floats:
        """Room for other values in the same places."""
        return np.empty(len(self._columns), np.float32)

    def put(self, columns: Integers, values: Floats) -> slice:
        """The next row; where it lies in the values."""
        low = int(self._ends[self._row])
        here = slice(low, low + len(columns))
        self._columns[here] = columns
        self.values[here] = values
        self._row += 1
        self._ends[self._row] = here.stop
        return here

    def matrix(self, values: Floats) -> sparse.csr_array:
        """The whole, with these values in its places. Nothing is copied."""
        size = int(self._ends[self._row])
        return sparse.csr_array((values[:size], self._columns[:size], self._ends), shape=(self._size, self._size))


def overlaps(
    weights: sparse.csr_array, most: int, *, rated: Rated | None = None, told: Told = silent
) -> sparse.csr_array:
    """For each column the `most` other columns it shares most with (the dot product, or what `rated` makes of it),
    in rows by index; the diagonal is left out."""
    columns = int(weights.shape[1])
    if most <= 0:
        return sparse.csr_array((columns, columns), dtype=np.float32)
    transposed = sparse.csr_array(weights.T)
    found = Rows(columns, most)
    bounds = _blocks(weights, transposed)
    for low, high in itertools.pairwise(bounds):
        shared = transposed[low:high] @ weights
        indptr, indices, data = shared.indptr, shared.indices, shared.data
        for row in range(high - low):
            theirs = slice(indptr[row], indptr[row + 1])
            to, much = indices[theirs], data[theirs]
            if rated is not None:
                much = rated(low + row, to, much)
            found.put(*_largest(to, much, low + row, most))
        told(high / columns)
    return found.matrix(found.values)


def walked(weights: sparse.csr_array, most: int, *, told: Told = silent) -> sparse.csr_array:
    """How much of a walk that starts at a row's thing, over its people, ends at the column's; damped by 0.7."""
    made, _ = leveled(weights, 0.5, 0.5)
    near = overlaps(made, most, told=told)
    near.data **= np.float32(0.7)
    return near


def _blocks(weights: sparse.csr_array, transposed: sparse.csr_array) -> list[int]:
    """Bounds of blocks of columns that have at most BLOCK_ENTRIES overlaps each."""
    columns = int(weights.shape[1])
    sizes = np.diff(weights.indptr).astype(np.int64)
    met = np.concatenate([[0], np.cumsum(sizes[transposed.indices])])[transposed.indptr]
    met = np.concatenate([[0], np.cumsum(np.minimum(np.diff(met), columns))])
    bounds = [0]
    while bounds[-1] < columns:
        low = bounds[-1]
        high = int(np.searchsorted(met, met[low] + BLOCK_ENTRIES, side="right")) - 1
        bounds.append(min(columns, max(high, low + 1)))
    return bounds


def _largest(to: Integers, much: Floats, own: int, most: int) -> tuple[Integers, Floats]:
    others = to != own
    to, much = to[others], much[others]
    if len(to) > most:
        kept = np.argpartition(much, len(much) - most)[len(much) - most :]
        to, much = to[kept], much[kept]
    order = np.argsort(to)
    return to[order], much[order]
