"""How good a list of recommendations is, by what somebody really took: recall, NDCG, coverage, novelty.

Recall@k is the share of a person's held-back things among the first k, NDCG@k gives those further up more (K. Järvelin,
J. Kekäläinen, 2002, with gains of one), both averaged over people. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.discovery.collaborative.interactions import Floats, Integers

Marked = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Marks:
    """`recall`, `ndcg`: 0 to 1. `coverage`: the share of all things that somebody was recommended. `novelty`: how
    rarely played what is recommended is, in bits: the mean of -log2 of the share of people who played it."""

    recall: float
    ndcg: float
    coverage: float
    novelty: float
    people: int


def hits(lists: Integers, wanted: Sequence[Integers]) -> Marked:
    """Which entries of each row were wanted."""
    found = np.zeros(lists.shape, bool)
    for row, theirs in enumerate(wanted):
        found[row] = np.isin(lists[row], theirs)
    return found


def recall_and_ndcg(found: Marked, sizes: Integers) -> tuple[Floats, Floats]:
    """Both for each row; `sizes` is how many things were wanted, at least one each."""
    top = found.shape[1]
    discounts = 1 / np.log2(np.arange(2, top + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(sizes, top)]
    return found.sum(axis=1) / sizes, (found * discounts).sum(axis=1) / ideal


def marks(lists: Integers, wanted: Sequence[Integers], popularity: Floats, people: int) -> Marks:
    """The marks of these lists; rows nobody wants anything of must not be given."""
    if not len(lists):
        return Marks(0.0, 0.0, 0.0, 0.0, 0)
    sizes = np.array([len(theirs) for theirs in wanted])
    recall, ndcg = recall_and_ndcg(hits(lists, wanted), sizes)
    shown = lists[lists >= 0]
    share = np.maximum(popularity[shown], 1) / max(people, 1)
    return Marks(
        float(recall.mean()),
        float(ndcg.mean()),
        len(np.unique(shown)) / max(1, len(popularity)),
        float(-np.log2(share).mean()) if len(shown) else 0.0,
        len(lists),
    )
