"""Learning the model: three views of who plays what, mixed as what was held back says.

The walk finds what goes with rare things, the ridge tells apart what is merely popular, the spectrum sees what lies
further than one shared person. Which of them to trust, and how strongly to damp, differs between a house of ten
people and one of a hundred thousand, so a tenth of the plays is held back, every mixture is tried on it, and the best
is learned again from everything. Pure; the same plays give the same model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats, Integers, Interactions, leveled
from services.discovery.collaborative.measures import recall_and_ndcg
from services.discovery.collaborative.model import Model, largest
from services.discovery.collaborative.neighbours import Told, overlaps, silent, solved, walked
from services.discovery.collaborative.spectrum import spectrum

NEIGHBOURS = 200
RIDGE_NEIGHBOURS = 100
RANK = 128
STRENGTHS = (3.0, 10.0, 30.0)
DAMPING = 10.0
HELD_BACK = 0.1
TRIED_ON = 2_000
"""So many people at most are asked which mixture is best."""
LEARNED_FROM = 2_000_000
"""So many plays at most are learned from while the mixture is sought."""
TOP = 20
MIXTURES: tuple[tuple[float, float, float], ...] = tuple(
    (walk / 4, line / 4, (4 - walk - line) / 4) for walk in range(5) for line in range(5 - walk)
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much of the walk, the ridge and the spectrum, how strongly the ridge is damped, and whether how often
    something was played counts."""

    walk: float
    ridge: float
    spectrum: float
    strength: float
    counted: bool


PLAIN = Recipe(0.25, 0.5, 0.25, 10.0, False)
"""Where there is too little to hold anything back."""


@dataclass(frozen=True, slots=True)
class _Views:
    walk: sparse.csr_array
    ridges: dict[float, sparse.csr_array]
    left: Floats
    right: Floats


def fit(plays: Interactions, *, told: Told = silent) -> tuple[Model, Recipe]:
    """The model of these plays, and the recipe that was best on what was held back."""
    recipe = _sought(plays, lambda share: told(share * 0.5))
    return learn(plays, recipe, told=lambda share: told(0.5 + share * 0.5)), recipe


def learn(plays: Interactions, recipe: Recipe, *, told: Told = silent) -> Model:
    """The model of all these plays by one recipe."""
    weights = weighed(plays, counted=recipe.counted)
    views = _views(weights, (recipe.strength,), told)
    scales = _scales(views, recipe.strength, weights)
    near = views.walk * np.float32(recipe.walk * scales[0]) + views.ridges[recipe.strength] * np.float32(
        recipe.ridge * scales[1]
    )
    left = views.left * np.float32(recipe.spectrum * scales[2])
    keep = recipe.spectrum > 0
    popularity = np.bincount(plays.counts.indices, minlength=plays.items).astype(np.float32)
    return Model(
        sparse.csr_array(near).astype(np.float32),
        left if keep else left[:, :0],
        views.right if keep else views.right[:, :0],
        popularity,
    )


def weighed(plays: Interactions, *, counted: bool) -> sparse.csr_array:
    """The weights the model is learned from and asked with."""
    if counted:
        return plays.weights()
    made = plays.counts.copy().astype(np.float32)
    made.data[:] = 1
    return made


def _views(weights: sparse.csr_array, strengths: tuple[float, ...], told: Told) -> _Views:
    walk = walked(weights, NEIGHBOURS, told=lambda share: told(share * 0.25))
    made, factors = leveled(weights, 0.25, 0.25)
    near = overlaps(made, 3 * RIDGE_NEIGHBOURS, told=lambda share: told(0.25 + share * 0.25))
    squares = np.asarray(made.multiply(made).sum(axis=0)).ravel()
    ridges = {
        strength: solved(
            near, squares, factors, RIDGE_NEIGHBOURS, strength,
            told=lambda share, at=at: told(0.5 + 0.4 * (at + share) / len(strengths)),  # type: ignore[misc]
        )
        for at, strength in enumerate(strengths)
    }  # fmt: skip
    left, right = spectrum(weights, RANK, DAMPING)
    told(1.0)
    return _Views(walk, ridges, left, right)


def _scales(views: _Views, strength: float, weights: sparse.csr_array) -> tuple[float, float, float]:
    """What each view is multiplied by, so that one is as loud as the other: by its 20th best score, in the mean."""
    sample = sparse.csr_array(weights[:: max(1, weights.shape[0] // 200)][:256])
    loud = [
        _loudness(np.asarray((sample @ views.walk).todense())),
        _loudness(np.asarray((sample @ views.ridges[strength]).todense())),
        _loudness((sample @ views.left) @ views.right.T),
    ]
    walk, line, common = (1 / each if each > 0 else 0.0 for each in loud)
    return walk, line, common


def _loudness(scores: Floats) -> float:
    if not scores.size:
        return 0.0
    at = min(TOP, scores.shape[1]) - 1
    low_first = np.partition(scores, scores.shape[1] - 1 - at, axis=1)
    return float(low_first[:, scores.shape[1] - 1 - at].clip(min=0).mean())


def _sought(plays: Interactions, told: Told) -> Recipe:
    kept, wanted, people = held_back(plays)
    if len(people) < 20:
        return PLAIN
    candidates = (False, True) if float(plays.counts.data.max(initial=1.0)) > 1 else (False,)
    best, found = -1.0, PLAIN
    for number, counted in enumerate(candidates):
        weights = weighed(kept, counted=counted)
        views = _views(weights, STRENGTHS, lambda share, at=number: told((at + 0.8 * share) / len(candidates)))  # type: ignore[misc]
        for strength in STRENGTHS:
            for mixture, mark in _tried(views, strength, weights, wanted, people).items():
                if mark > best:
                    best, found = mark, Recipe(*mixture, strength, counted)
    return found


def held_back(plays: Interactions) -> tuple[Interactions, list[Integers], Integers]:
    """What is learned from, what was held back, and whose: about a tenth of what people with 5 things or more have.

    The choice depends on the plays' numbers alone.
    """
    dice = np.random.default_rng(11)
    counts = plays.counts
    share = min(1.0, LEARNED_FROM / max(1, counts.nnz))
    if share < 1:
        chosen = np.flatnonzero(dice.random(plays.users) < share)
        counts = sparse.csr_array(counts[chosen])
    sizes = np.diff(counts.indptr)
    rows = np.repeat(np.arange(counts.shape[0]), sizes)
    away = (dice.random(counts.nnz) < HELD_BACK) & (sizes[rows] >= 5)
    kept = sparse.csr_array((counts.data[~away], (rows[~away], counts.indices[~away])), shape=counts.shape)
    people = np.unique(rows[away])
    if len(people) > TRIED_ON:
        people = np.sort(dice.choice(people, TRIED_ON, replace=False))
    gone = sparse.csr_array((counts.data[away], (rows[away], counts.indices[away])), shape=counts.shape)
    wanted = [gone.indices[gone.indptr[row] : gone.indptr[row + 1]].astype(np.int64) for row in people]
    return Interactions(kept), wanted, people


def _tried(
    views: _Views, strength: float, weights: sparse.csr_array, wanted: list[Integers], people: Integers
) -> dict[tuple[float, float, float], float]:
    """The mean NDCG of each mixture on these people."""
    totals = dict.fromkeys(MIXTURES, 0.0)
    scales = _scales(views, strength, weights)
    for low in range(0, len(people), 128):
        rows = people[low : low + 128]
        theirs = wanted[low : low + 128]
        asked = sparse.csr_array(weights[rows])
        owners = np.repeat(np.arange(len(rows)), np.diff(asked.indptr))
        parts = [
            np.asarray((asked @ views.walk).todense()) * scales[0],
            np.asarray((asked @ views.ridges[strength]).todense()) * scales[1],
            (asked @ views.left) @ views.right.T * scales[2],
        ]
        sizes = np.array([len(each) for each in theirs])
        marked = np.zeros(parts[0].shape, bool)
        for row, each in enumerate(theirs):
            marked[row, each] = True
        for mixture in MIXTURES:
            made = sum(share * part for share, part in zip(mixture, parts, strict=True) if share)
            made = np.asarray(made, np.float32)
            made[owners, asked.indices] = -np.inf
            chosen, _ = largest(made, min(TOP, made.shape[1]))
            _, ndcg = recall_and_ndcg(np.take_along_axis(marked, chosen, axis=1), sizes)
            totals[mixture] += float(ndcg.sum())
    return {mixture: total / len(people) for mixture, total in totals.items()}
