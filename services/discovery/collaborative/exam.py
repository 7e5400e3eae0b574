"""The exam: the shipped model and simple ones learn from the same plays and are held against what was held back.

Recall@k, NDCG@k, coverage and novelty as published work has them (`measures.py`): what somebody has is left out of
their list, and what nobody had is counted as missed. Everybody with something held back is examined. Somebody without
plays is shown what is popular, whichever model it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import sparse

from services.clock import Clock
from services.discovery.collaborative.baselines import chance, nearest, popular
from services.discovery.collaborative.fitting import fit
from services.discovery.collaborative.interactions import Integers
from services.discovery.collaborative.measures import Marks, marks
from services.discovery.collaborative.model import Model
from services.discovery.collaborative.overlaps import Told
from services.discovery.collaborative.paper import Paper
from services.discovery.collaborative.recipe import Recipe, weighed

AT_ONCE = 1_024

Titled = Callable[[str, float], None]
"""Hears what is done now, and its share done, 0 to 1. Raising from it stops the exam."""
Asked = Callable[[sparse.csr_array, Told], Integers]


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `seconds`: how long the learning took."""

    name: str
    marks: Marks
    seconds: float
    recipe: Recipe | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        made = {"model": self.name, **asdict(self.marks), "seconds": round(self.seconds, 3)}
        return made if self.recipe is None else {**made, "recipe": asdict(self.recipe)}


def sit(paper: Paper, top: int, clock: Clock, told: Titled) -> Iterator[Result]:
    """Each model's result as soon as it is there: the shipped one, item-kNN, what is popular, chance."""
    plays = paper.train
    begun = clock.monotonic()
    model, recipe = fit(plays, told=lambda share: told("Learning", share))
    took = clock.monotonic() - begun
    found = _answers(model, weighed(plays, counted=recipe.counted), paper, top, lambda share: told("Asking", share))
    yield Result("tutti", _marks(paper, found), took, recipe)
    plain = weighed(plays, counted=False)
    begun = clock.monotonic()
    model = nearest(plays, told=lambda share: told("Item-kNN", share))
    took = clock.monotonic() - begun
    found = _answers(model, plain, paper, top, lambda share: told("Asking item-kNN", share))
    yield Result("item-kNN", _marks(paper, found), took)
    begun = clock.monotonic()
    model = popular(plays)
    took = clock.monotonic() - begun
    found = _answers(model, plain, paper, top, lambda share: told("Asking what is popular", share))
    yield Result("popularity", _marks(paper, found), took)
    yield Result("random", _marks(paper, chance(_rows(plain, paper.people), top)), 0.0)


def _answers(model: Model, weights: sparse.csr_array, paper: Paper, top: int, told: Told) -> Integers:
    pieces = []
    for low in range(0, len(paper.people), AT_ONCE):
        asked = _rows(weights, paper.people[low : low + AT_ONCE])
        pieces.append(model.best(asked, top)[0])
        told(min(1.0, (low + AT_ONCE) / len(paper.people)))
    return np.concatenate(pieces)


def _rows(weights: sparse.csr_array, people: Integers) -> sparse.csr_array:
    """The rows of these people; nothing for -1."""
    known = people >= 0
    rows = sparse.csr_array((np.ones(int(known.sum()), np.float32), (np.flatnonzero(known), people[known])),
                            shape=(len(people), weights.shape[0]))  # fmt: skip
    return sparse.csr_array(rows @ weights)


def _marks(paper: Paper, found: Integers) -> Marks:
    popularity = np.bincount(paper.train.counts.indices, minlength=paper.train.items).astype(np.float32)
    return marks(found, paper.wanted, popularity, paper.train.users)
