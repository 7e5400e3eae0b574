"""Which things go with which: the nearest of each by what people have in common, weighed against each other.

Two measures. `walked` counts the paths from one thing over its people to the other (the two-step walk on the graph of
people and things, as in H. Cooper et al., "Random Walks in Recommender Systems", 2014, damped by a power). `ridge`
asks how much each neighbour still says when the others are known: the closed-form linear model of H. Steck,
"Embarrassingly Shallow Autoencoders for Sparse Data" (2019), solved for each thing among its nearest alone, so that
memory grows with the things and not with their square. Pure. Refuses to know songs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from services.discovery.collaborative.interactions import Floats, Integers, leveled

BLOCK_BYTES = 128 * 1024 * 1024
BLOCK_ROWS = 1_024

Told = Callable[[float], None]
"""Hears the share done, 0 to 1."""


def silent(share: float) -> None:
    """Tells nobody."""


def overlaps(weights: sparse.csr_array, most: int, *, power: float = 1.0, told: Told = silent) -> sparse.csr_array:
    """For each column the `most` other columns it shares most with (the dot product, to `power`), in rows by index.

    Worked out in blocks of columns, so that no more than 128 MB of it is there at a time. The diagonal is left out.
    """
    columns = int(weights.shape[1])
    transposed = sparse.csr_array(weights.T)
    rows_at_once = max(16, min(BLOCK_ROWS, BLOCK_BYTES // (4 * max(1, columns))))
    pieces: list[tuple[Floats, Integers, Integers]] = []
    for low in range(0, columns, rows_at_once):
        high = min(columns, low + rows_at_once)
        shared = (transposed[low:high] @ weights).toarray()
        shared[np.arange(high - low), np.arange(low, high)] = 0
        pieces.append(_largest(shared, most, power))
        told(high / columns)
    return _joined(pieces, columns)


def walked(weights: sparse.csr_array, most: int, *, told: Told = silent) -> sparse.csr_array:
    """How much of a walk that starts at a row's thing, over its people, ends at the column's; damped by 0.7."""
    made, _ = leveled(weights, 0.5, 0.5)
    return overlaps(made, most, power=0.7, told=told)


def ridge(
    weights: sparse.csr_array, most: int, strength: float, *, spread: int = 3, told: Told = silent
) -> sparse.csr_array:
    """`B[i, j]`: how much having i says for j beside the `most` nearest of j. `strength` is the penalty, in means of
    the diagonal. Overlaps beyond the `spread * most` largest of a thing count as none."""
    made, factors = leveled(weights, 0.25, 0.25)
    near = overlaps(made, most * spread, told=lambda share: told(share / 2))
    squares = np.asarray(made.multiply(made).sum(axis=0)).ravel()
    return solved(near, squares, factors, most, strength, told=lambda share: told(0.5 + share / 2))


def solved(
    near: sparse.csr_array,
    squares: Floats,
    factors: Floats,
    most: int,
    strength: float,
    *,
    told: Told = silent,
) -> sparse.csr_array:
    """The ridge from overlaps that are there already: `near`, the diagonal `squares` and the columns' `factors`."""
    columns = int(near.shape[0])
    penalty = strength * float(squares.mean()) if columns else 0.0
    place = np.full(columns, -1, np.int64)
    indptr, indices, data = near.indptr, near.indices, near.data
    to: list[Integers] = []
    values: list[Floats] = []
    for column in range(columns):
        low, high = indptr[column], indptr[column + 1]
        chosen, target = indices[low:high], data[low:high]
        if len(chosen) > most:
            # Near by share, or the most popular would be everybody's neighbours.
            nearness = target / np.sqrt(np.sqrt(np.maximum(squares[chosen], 1e-12)))
            kept = np.sort(np.argpartition(-nearness, most - 1)[:most])
            chosen, target = chosen[kept], target[kept]
        if len(chosen) == 0:
            to.append(chosen.astype(np.int64))
            values.append(target.astype(np.float32))
            continue
        matrix = _among(chosen, place, indptr, indices, data)
        matrix[np.diag_indices(len(chosen))] = squares[chosen] + penalty
        _, solution, fault = lapack.dposv(matrix, target.astype(np.float64), lower=1)
        if fault:
            solution = target / (squares[chosen] + penalty)
        to.append(chosen.astype(np.int64))
        values.append((solution * factors[chosen] / factors[column]).astype(np.float32))
        if column % 1_000 == 0:
            told(column / columns)
    told(1.0)
    sizes = [len(each) for each in to]
    by_column = sparse.csr_array(
        (
            np.concatenate(values) if values else np.empty(0, np.float32),
            np.concatenate(to) if to else np.empty(0, np.int64),
            np.concatenate([[0], np.cumsum(sizes)]),
        ),
        shape=(columns, columns),
    )
    return sparse.csr_array(by_column.T)


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


def _largest(shared: Floats, most: int, power: float) -> tuple[Floats, Integers, Integers]:
    if shared.shape[1] > most:
        columns = np.argpartition(-shared, most - 1, axis=1)[:, :most]
        columns.sort(axis=1)
        values = np.take_along_axis(shared, columns, axis=1)
    else:
        columns = np.broadcast_to(np.arange(shared.shape[1]), shared.shape)
        values = shared
    there = values > 0
    found = values[there]
    return (found if power == 1.0 else found**power), columns[there].astype(np.int64), there.sum(axis=1)


def _joined(pieces: list[tuple[Floats, Integers, Integers]], columns: int) -> sparse.csr_array:
    sizes = np.concatenate([piece[2] for piece in pieces]) if pieces else np.empty(0, np.int64)
    return sparse.csr_array(
        (
            np.concatenate([piece[0] for piece in pieces]) if pieces else np.empty(0, np.float32),
            np.concatenate([piece[1] for piece in pieces]) if pieces else np.empty(0, np.int64),
            np.concatenate([[0], np.cumsum(sizes)]),
        ),
        shape=(columns, columns),
    )
