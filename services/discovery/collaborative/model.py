"""The learned model: what goes with what, ready to be asked.

Scores are the sum of what the nearest things say (one sparse matrix) and what the common directions say (two thin
ones). Pure but for reading and writing one file. Refuses to know who somebody is and what a thing is called.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats, Integers

VERSION = 1
ROWS_AT_ONCE = 256


class ModelUnreadable(Exception):
    """These bytes are no model, or one of another version."""


@dataclass(frozen=True, slots=True)
class Model:
    """`near[i, j]`: how much having i says for j. `left`, `right`: items × rank. `popularity`: people of each item."""

    near: sparse.csr_array
    left: Floats
    right: Floats
    popularity: Floats

    @property
    def items(self) -> int:
        """How many things it knows."""
        return int(self.near.shape[0])

    def scores(self, weights: sparse.csr_array) -> Floats:
        """Rows of weights by item to rows of scores by item; what somebody has is scored as well."""
        made: Floats = np.asarray((weights @ self.near).todense(), np.float32)
        if self.left.shape[1]:
            made += (weights @ self.left) @ self.right.T
        return made

    def best(self, weights: sparse.csr_array, limit: int) -> tuple[Integers, Floats]:
        """For each row the `limit` best items that it does not have, the best first, equals by how many have them,
        then by number; and their scores.

        Where fewer than `limit` are left, -1 with a score of minus infinity fills the row.
        """
        rows, limit_here = int(weights.shape[0]), min(limit, self.items)
        items = np.full((rows, limit), -1, np.int64)
        values = np.full((rows, limit), -np.inf, np.float32)
        # So little that it only tells apart what the model says nothing of.
        known = self.popularity * np.float32(1e-6 / max(1.0, float(self.popularity.max(initial=0.0))))
        for low in range(0, rows, ROWS_AT_ONCE):
            piece = sparse.csr_array(weights[low : low + ROWS_AT_ONCE])
            made = self.scores(piece)
            owners = np.repeat(np.arange(piece.shape[0]), np.diff(piece.indptr))
            made[owners, piece.indices] = -np.inf
            chosen, _ = largest(made + known, limit_here)
            found = np.take_along_axis(made, chosen, axis=1)
            chosen[~np.isfinite(found)] = -1
            items[low : low + len(made), :limit_here] = chosen
            values[low : low + len(made), :limit_here] = found
        return items, values

    def to_bytes(self) -> bytes:
        """The model as one file, a NumPy archive."""
        out = io.BytesIO()
        np.savez(
            out,
            version=np.array([VERSION]),
            data=self.near.data.astype(np.float32),
            indices=self.near.indices.astype(np.int32),
            indptr=self.near.indptr.astype(np.int64),
            left=self.left,
            right=self.right,
            popularity=self.popularity,
        )
        return out.getvalue()


def read_model(content: bytes) -> Model:
    """The model of such a file. ModelUnreadable for anything else, also when numbers in it contradict each other."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            if int(found["version"][0]) != VERSION:
                raise ModelUnreadable("another version")
            items = len(found["popularity"])
            near = sparse.csr_array((found["data"], found["indices"], found["indptr"]), shape=(items, items))
            near.check_format(full_check=True)
            model = Model(near, found["left"], found["right"], found["popularity"])
    except (KeyError, ValueError, IndexError, TypeError, OSError, EOFError, zipfile.BadZipFile) as fault:
        raise ModelUnreadable(str(fault)) from fault
    if model.left.shape != model.right.shape or model.left.ndim != 2 or len(model.left) != items:
        raise ModelUnreadable("shapes differ")
    return model


def largest(scores: Floats, limit: int) -> tuple[Integers, Floats]:
    """The columns of the `limit` largest of each row, the largest first, equals by number; and their values."""
    if limit >= scores.shape[1]:
        chosen = np.broadcast_to(np.arange(scores.shape[1]), scores.shape).copy()
    else:
        chosen = np.argpartition(-scores, limit - 1, axis=1)[:, :limit]
        chosen.sort(axis=1)
    found = np.take_along_axis(scores, chosen, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    return np.take_along_axis(chosen, order, axis=1), np.take_along_axis(found, order, axis=1)
