"""What a learned model must beat: what is popular, what is near by cosine, and chance.

Each answers as the model does: for rows of weights the best items that are not among them. Pure; chance is drawn from
a fixed seed. Refuses to know what was held back.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats, Integers, Interactions
from services.discovery.collaborative.model import Model
from services.discovery.collaborative.overlaps import Told, overlaps, silent

NEIGHBOURS = 200
SHRINK = 10.0
"""Added to the product of lengths, so that two people in common out of two do not make things the same."""


def popular(plays: Interactions) -> Model:
    """The same for everybody: what most people have."""
    return _model(plays, sparse.csr_array((plays.items, plays.items), dtype=np.float32))


def nearest(plays: Interactions, *, told: Told = silent) -> Model:
    """Item-kNN: the sum of the cosines to what somebody has, of the 200 nearest of each, shrunk by 10."""
    weights = plays.counts.astype(np.float32)
    weights.data = np.ones(weights.nnz, np.float32)
    lengths = np.sqrt(np.asarray(weights.sum(axis=0)).ravel())

    def cosines(own: int, to: Integers, much: Floats) -> Floats:
        found: Floats = (much / (lengths[own] * lengths[to] + SHRINK)).astype(np.float32)
        return found

    # Each is reached from its own nearest: a row says whom it asks.
    return _model(plays, sparse.csr_array(overlaps(weights, NEIGHBOURS, rated=cosines, told=told).T))


def chance(weights: sparse.csr_array, limit: int, seed: int = 5) -> Integers:
    """For each row `limit` different items drawn by chance that it does not have; -1 where there are not so many."""
    items = int(weights.shape[1])
    found = np.full((weights.shape[0], limit), -1, np.int64)
    for row in range(weights.shape[0]):
        own = weights.indices[weights.indptr[row] : weights.indptr[row + 1]]
        drawn = np.random.default_rng((seed, row)).choice(items, min(items, limit + len(own)), replace=False)
        free = drawn[~np.isin(drawn, own)][:limit]
        found[row, : len(free)] = free
    return found


def _model(plays: Interactions, near: sparse.csr_array) -> Model:
    nothing = np.zeros((plays.items, 0), np.float32)
    popularity = np.bincount(plays.counts.indices, minlength=plays.items).astype(np.float32)
    return Model(near, nothing, nothing, popularity)
