"""How much having one thing still says for another when everything else that somebody has is known.

The closed-form linear model of H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019): whole where
there are few things, and for each thing among its nearest alone where there are many, so that memory grows with the
things and not with their square. Pure. Refuses to know songs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from services.discovery.collaborative.interactions import Floats, Integers, leveled
from services.discovery.collaborative.overlaps import Told, joined, overlaps, silent

WHOLE = 3_000
"""Up to so many things the model is solved as a whole."""
SPREAD = 3
"""Overlaps beyond the `SPREAD * most` largest of a thing count as none."""

Solve = Callable[[float], Floats]


def ridges(
    weights: sparse.csr_array,
    most: int,
    strengths: Sequence[float],
    *,
    by_user: float = 0.25,
    by_item: float = 0.25,
    told: Told = silent,
) -> dict[float, sparse.csr_array]:
    """For each strength `B[i, j]`: how much having i says for j, beside the `most` nearest of j.

    A strength is the penalty, in means of the diagonal.
    """
    made, factors = leveled(weights, by_user, by_item)
    squares = np.asarray(made.multiply(made).sum(axis=0)).ravel().astype(np.float64)
    if made.shape[1] <= WHOLE:
        return _whole(made, squares, factors, most, strengths, told)
    near = overlaps(made, most * SPREAD, told=lambda share: told(share / 3))
    return _among_near(near, squares, factors, most, strengths, lambda share: told((1 + 2 * share) / 3))


def _whole(
    made: sparse.csr_array, squares: Floats, factors: Floats, most: int, strengths: Sequence[float], told: Told
) -> dict[float, sparse.csr_array]:
    columns = len(squares)
    shared = np.asarray((made.T @ made).todense(), np.float64)
    found = {}
    for at, strength in enumerate(strengths):
        matrix = shared.copy()
        matrix[np.diag_indices(columns)] += strength * float(squares.mean()) + 1e-9 if columns else 0.0
        inverse = _inverse(matrix)
        inverse /= -np.diag(inverse)
        np.fill_diagonal(inverse, 0)
        # What nobody has says nothing; rounding would say otherwise.
        inverse[squares == 0] = 0
        found[strength] = _thinned((factors[:, None] * inverse / factors).astype(np.float32), 5 * most)
        told((at + 1) / len(strengths))
    return found


def _inverse(matrix: Floats) -> Floats:
    """The inverse of what is symmetric and positive: half of the work of another."""
    if not len(matrix):
        return matrix
    half, _ = lapack.dpotrf(matrix, lower=1, overwrite_a=1)
    made, _ = lapack.dpotri(half, lower=1, overwrite_c=1)
    made = np.tril(made)
    both: Floats = made + np.tril(made, -1).T
    return both


def _thinned(matrix: Floats, most: int) -> sparse.csr_array:
    """The `most` entries of each column that are farthest from 0."""
    if len(matrix) > most:
        much = np.abs(matrix)
        least = np.partition(much, len(matrix) - most, axis=0)[len(matrix) - most]
        matrix[much < least] = 0
    return sparse.csr_array(matrix)


def _among_near(
    near: sparse.csr_array,
    squares: Floats,
    factors: Floats,
    most: int,
    strengths: Sequence[float],
    told: Told,
) -> dict[float, sparse.csr_array]:
    columns = len(squares)
    mean = float(squares.mean())
    place = np.full(columns, -1, np.int64)
    indptr, indices, data = near.indptr, near.indices, near.data
    sizes = np.zeros(columns, np.int64)
    to: list[Integers] = []
    values: dict[float, list[Floats]] = {strength: [] for strength in strengths}
    quarters = np.sqrt(np.sqrt(np.maximum(squares, 1e-12)))
    for column in range(columns):
        low, high = indptr[column], indptr[column + 1]
        chosen, target = indices[low:high], data[low:high]
        if len(chosen) > most:
            # Near by share, or the most popular would be everybody's neighbours.
            kept = np.sort(np.argpartition(-target / quarters[chosen], most - 1)[:most])
            chosen, target = chosen[kept], target[kept]
        sizes[column] = len(chosen)
        if not len(chosen):
            continue
        matrix = _among(chosen, place, indptr, indices, data)
        to.append(chosen)
        own = factors[chosen] / factors[column]
        for strength in strengths:
            diagonal = squares[chosen] + strength * mean
            matrix[np.diag_indices(len(chosen))] = diagonal
            _, solution, fault = lapack.dposv(matrix, target.astype(np.float64), lower=1)
            if fault:
                # What was cut off made it indefinite: each for itself then.
                solution = target / diagonal
            values[strength].append((solution * own).astype(np.float32))
        if column % 1_000 == 0:
            told(column / columns)
    told(1.0)
    return {strength: sparse.csr_array(joined(to, values[strength], sizes).T) for strength in strengths}


def _among(chosen: Integers, place: Integers, indptr: Integers, indices: Integers, data: Floats) -> Floats:
    """The overlaps of the chosen with each other. `place` is all -1, before and after."""
    place[chosen] = np.arange(len(chosen))
    starts, sizes = indptr[chosen], indptr[chosen + 1] - indptr[chosen]
    rows = np.repeat(np.arange(len(chosen)), sizes)
    flat = np.arange(int(sizes.sum())) + np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    columns = place[indices[flat]]
    inside = columns >= 0
    matrix = np.zeros((len(chosen), len(chosen)), np.float64)
    matrix[rows[inside], columns[inside]] = data[flat[inside]]
    place[chosen] = -1
    # One side may have been too far down the other's list.
    made: Floats = np.maximum(matrix, matrix.T)
    return made
