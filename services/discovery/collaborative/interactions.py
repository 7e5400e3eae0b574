"""Who played what how often, as a sparse matrix: what every model here is learned from.

Pure. Owns bounds on how much one person or one thing may weigh. Refuses to know where plays come from, and who hides
behind a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]

MOST_EACH = 2_000
"""So many things of one person count, those with the largest counts: work grows with the square of it."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """`counts[user, item]`: how often, 0 where never. Rows and columns are numbers that the caller gave."""

    counts: sparse.csr_array

    @property
    def users(self) -> int:
        """How many rows there are."""
        return int(self.counts.shape[0])

    @property
    def items(self) -> int:
        """How many columns there are."""
        return int(self.counts.shape[1])

    def weights(self) -> sparse.csr_array:
        """1 for what was played once, one more for each doubling: ten plays say more than one, but not ten times."""
        made = self.counts.copy()
        made.data = (1 + np.log2(np.maximum(made.data, 1))).astype(np.float32)
        return made

    def rows(self, chosen: Integers) -> Interactions:
        """These people alone."""
        return Interactions(sparse.csr_array(self.counts[chosen]))


def interactions(
    users: Sequence[int] | Integers,
    items: Sequence[int] | Integers,
    counts: Sequence[float] | Floats,
    shape: tuple[int, int],
) -> Interactions:
    """From parallel lists; a pair that comes twice is added up. Counts below 0 or not finite count as nothing."""
    values = np.asarray(counts, np.float32)
    values = np.where(np.isfinite(values) & (values > 0), values, 0).astype(np.float32)
    made = sparse.csr_array(sparse.coo_array((values, (np.asarray(users), np.asarray(items))), shape=shape))
    made.sum_duplicates()
    made.eliminate_zeros()
    return Interactions(_bounded(made))


def _bounded(counts: sparse.csr_array) -> sparse.csr_array:
    sizes = np.diff(counts.indptr)
    if not np.any(sizes > MOST_EACH):
        return counts
    kept = np.ones(counts.nnz, bool)
    for row in np.flatnonzero(sizes > MOST_EACH):
        low, high = counts.indptr[row], counts.indptr[row + 1]
        order = np.argsort(-counts.data[low:high], kind="stable")
        kept[low + order[MOST_EACH:]] = False
    rows = np.repeat(np.arange(counts.shape[0]), sizes)[kept]
    return sparse.csr_array((counts.data[kept], (rows, counts.indices[kept])), shape=counts.shape)


def leveled(weights: sparse.csr_array, by_user: float, by_item: float) -> tuple[sparse.csr_array, Floats]:
    """The weights divided by each row's sum to the power `by_user` and each column's to `by_item`, and the column's
    factors: who plays everything says less about each, and so does what everybody plays."""
    rows = np.asarray(weights.sum(axis=1)).ravel()
    columns = np.asarray(weights.sum(axis=0)).ravel()
    by_rows = (np.where(rows > 0, rows, 1) ** -by_user).astype(np.float32)
    by_columns = (np.where(columns > 0, columns, 1) ** -by_item).astype(np.float32)
    made = weights.astype(np.float32).copy()
    made.data *= np.repeat(by_rows, np.diff(made.indptr)) * by_columns[made.indices]
    return made, by_columns
