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


def overlaps(
    weights: sparse.csr_array, most: int, *, rated: Rated | None = None, told: Told = silent
) -> sparse.csr_array:
    """For each column the `most` other columns it shares most with (the dot product, or what `rated` makes of it),
    in rows by index; the diagonal is left out."""
    columns = int(weights.shape[1])
    if most <= 0:
        return sparse.csr_array((columns, columns), dtype=np.float32)
    transposed = sparse.csr_array(weights.T)
    sizes = np.empty(columns, np.int64)
    found: list[Integers] = []
    values: list[Floats] = []
    bounds = _blocks(weights, transposed)
    for low, high in itertools.pairwise(bounds):
        shared = transposed[low:high] @ weights
        indptr, indices, data = shared.indptr, shared.indices, shared.data
        for row in range(high - low):
            theirs = slice(indptr[row], indptr[row + 1])
            to, much = indices[theirs], data[theirs]
            if rated is not None:
                much = rated(low + row, to, much)
            to, much = _largest(to, much, low + row, most)
            sizes[low + row] = len(to)
            found.append(to)
            values.append(much)
        told(high / columns)
    return joined(found, values, sizes)


def walked(weights: sparse.csr_array, most: int, *, told: Told = silent) -> sparse.csr_array:
    """How much of a walk that starts at a row's thing, over its people, ends at the column's; damped by 0.7."""
    made, _ = leveled(weights, 0.5, 0.5)
    near = overlaps(made, most, told=told)
    near.data **= np.float32(0.7)
    return near


def joined(found: list[Integers], values: list[Floats], sizes: Integers) -> sparse.csr_array:
    """A square matrix of rows that are there one by one."""
    columns = len(sizes)
    return sparse.csr_array(
        (
            np.concatenate(values) if values else np.empty(0, np.float32),
            np.concatenate(found) if found else np.empty(0, np.int32),
            np.concatenate([[0], np.cumsum(sizes)]),
        ),
        shape=(columns, columns),
    )


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
