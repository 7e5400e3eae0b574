"""What is common to many: the few directions in which tastes differ most, and how far to trust each.

The truncated singular value decomposition by random projection with power steps (N. Halko, P.-G. Martinsson, J. Tropp,
"Finding Structure with Randomness", 2011, algorithms 4.4 and 5.1), and its singular values as a ridge regression
would damp them. Pure; the same seed gives the same result.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats, leveled
from services.discovery.collaborative.overlaps import Told, silent

MORE = 16
"""So many directions more than wanted are carried along while they are sought."""


def spectrum(
    weights: sparse.csr_array,
    rank: int,
    strength: float,
    *,
    by_item: float = 0.25,
    steps: int = 4,
    seed: int = 7,
    told: Told = silent,
) -> tuple[Floats, Floats]:
    """`(left, right)`, both items × rank: `weights @ left @ right.T` is the damped low-rank view of the weights.

    `by_item`: how far what everybody has is levelled down. `strength` is the penalty in means of the squared column
    lengths. The rank is at most what the matrix has.
    """
    made, factors = leveled(weights, 0.25, by_item)
    made = made.astype(np.float32)
    people, things = made.shape
    rank = min(rank, people, things)
    if rank == 0 or made.nnz == 0:
        return np.zeros((things, 0), np.float32), np.zeros((things, 0), np.float32)
    transposed = sparse.csr_array(made.T)
    wide = min(rank + MORE, people, things)
    basis = np.random.default_rng(seed).standard_normal((things, wide), np.float32)
    for step in range(steps):
        seen, _ = np.linalg.qr(made @ basis)
        basis, _ = np.linalg.qr(transposed @ seen)
        told((step + 1) / (steps + 1))
    _, lengths, turned = np.linalg.svd(made @ basis, full_matrices=False)
    directions = (basis @ turned.T)[:, :rank]
    squares = lengths[:rank].astype(np.float64) ** 2
    penalty = strength * float(made.multiply(made).sum()) / things
    trust = (squares / (squares + penalty)).astype(np.float32)
    left = factors[:, None] * directions * trust
    right = directions / factors[:, None]
    return left.astype(np.float32), right.astype(np.float32)
