"""How much having one thing still says for another when everything else that somebody has is known.

The closed-form linear model of H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019), solved for each
thing among its nearest alone, so that memory grows with the things and not with their square; on small data that is
as good as the whole. Pure. Refuses to know songs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from services.discovery.collaborative.interactions import Floats, Integers, leveled
from services.discovery.collaborative.overlaps import Rows, Told, overlaps, silent

SPREAD = 2
"""Overlaps beyond the `SPREAD * most` largest of a thing count as none."""
DENSE = 6_000
"""Up to so many things their overlaps are laid out as a table, 144 MB: looked up much faster."""

Among = Callable[[Integers], Floats]
"""The overlaps of some things with each other; the diagonal may be anything."""


def ridges(
    weights: sparse.csr_array, most: int, strengths: Sequence[float], *, told: Told = silent
) -> dict[float, sparse.csr_array]:
    """For each strength `B[i, j]`: how much having i says for j, beside the `most` nearest of j.

    A strength is the penalty, in means of the diagonal.
    """
    if not strengths:
        return {}
    made, factors = leveled(weights, 0.25, 0.25)
    near = overlaps(made, most * SPREAD, told=lambda share: told(share / 3))
    squares = np.asarray(made.multiply(made).sum(axis=0)).ravel().astype(np.float64)
    columns, mean = len(squares), float(squares.mean()) if len(squares) else 0.0
    among = _table(near) if columns <= DENSE else _lists(near)
    quarters = np.sqrt(np.sqrt(np.maximum(squares, 1e-12)))
    found = Rows(columns, most)
    values = {strength: found.another() for strength in strengths}
    for column in range(columns):
        low, high = near.indptr[column], near.indptr[column + 1]
        chosen, target = near.indices[low:high], near.data[low:high]
        if len(chosen) > most:
            # Near by share, or the most popular would be everybody's neighbours.
            kept = np.sort(np.argpartition(-target / quarters[chosen], most - 1)[:most])
            chosen, target = chosen[kept], target[kept]
        here = found.put(chosen, target)
        if not len(chosen):
            continue
        matrix, diagonal, own = among(chosen), squares[chosen], factors[chosen] / factors[column]
        for strength in strengths:
            matrix[np.diag_indices(len(chosen))] = diagonal + strength * mean
            _, solution, fault = lapack.dposv(matrix, target.astype(np.float64), lower=1)
            if fault:
                # What was cut off made it indefinite: each for itself then.
                solution = target / (diagonal + strength * mean)
            values[strength][here] = solution * own
        if column % 1_000 == 0:
            told((1 + 2 * column / columns) / 3)
    told(1.0)
    # One is let go of when the next is turned.
    return {strength: sparse.csr_array(found.matrix(values.pop(strength)).T) for strength in strengths}


def _table(near: sparse.csr_array) -> Among:
    whole = np.asarray(near.todense(), np.float32)
    # One side may have been too far down the other's list.
    whole = np.maximum(whole, whole.T)

    def among(chosen: Integers) -> Floats:
        return whole[np.ix_(chosen, chosen)].astype(np.float64)

    return among


def _lists(near: sparse.csr_array) -> Among:
    place = np.full(near.shape[0], -1, np.int64)
    indptr, indices, data = near.indptr, near.indices, near.data

    def among(chosen: Integers) -> Floats:
        place[chosen] = np.arange(len(chosen))
        starts, sizes = indptr[chosen], indptr[chosen + 1] - indptr[chosen]
        rows = np.repeat(np.arange(len(chosen)), sizes)
        flat = np.arange(int(sizes.sum())) + np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
        columns = place[indices[flat]]
        inside = columns >= 0
        matrix = np.zeros((len(chosen), len(chosen)), np.float64)
        matrix[rows[inside], columns[inside]] = data[flat[inside]]
        place[chosen] = -1
        return np.maximum(matrix, matrix.T)

    return among
