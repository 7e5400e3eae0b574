"""How a model is put together from the three views, and how the best way is found: by what was held back.

Which view to trust, and how strongly to damp, differs between a house of ten people and one of a hundred thousand. So
a tenth of the plays is held back, the views are learned from the rest, and every mixture is tried on what is missing.
Pure; the same plays give the same recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats, Integers, Interactions
from services.discovery.collaborative.measures import Marked, recall_and_ndcg
from services.discovery.collaborative.model import largest
from services.discovery.collaborative.overlaps import Told, silent
from services.discovery.collaborative.steps import NoSteps, StepStore
from services.discovery.collaborative.views import BANDS, Views, scales_of, views_of

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
MIDDLE = 3.0
HELD_BACK = 0.1
CLOSE = 0.995
"""Mixtures with such a share of the best mark are as good as it: the middle of them is taken."""
TURNS, ENOUGH = 5, 5_000
"""So often at most something is held back, until so many were asked: few people would leave too much to chance."""
TRIED_ON = 3_000
"""So many people at most are asked which mixture is best."""
TRIED_SCORES = 200_000_000
"""So many scores at most are worked out for them by each view."""
LEARNED_FROM = 2_000_000
"""So many plays at most are learned from while the mixture is sought."""
FEWEST = 20
"""With fewer people to ask nothing is sought."""
TOP = 20
POOL = 100
"""A mixture picks from so many of each view: what none of them puts there it would not put first."""
PARTS = 5
MIXTURES: tuple[tuple[float, float, float], ...] = tuple(
    (walk / PARTS, line / PARTS, (PARTS - walk - line) / PARTS)
    for walk in range(PARTS + 1)
    for line in range(PARTS + 1 - walk)
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much of the walk, the ridge and the spectrum, how strongly the ridge is damped, whether how often something
    was played counts, and which band of the spectrum is taken."""

    walk: float
    ridge: float
    spectrum: float
    strength: float
    counted: bool
    band: str = "damped"


Turn = tuple[Interactions, list[Integers], Integers]
"""What is learned from, what is missing of it, and whose."""
Seen = tuple[Floats, Integers]
"""A view's scores, and the columns of the best of each row."""

PLAIN = Recipe(0.25, 0.5, 0.25, 10.0, False)
"""Where there is too little to hold anything back."""


def weighed(plays: Interactions, *, counted: bool) -> sparse.csr_array:
    """The weights the model is learned from and asked with."""
    if counted:
        return plays.weights()
    made = plays.counts.astype(np.float32)
    made.data = np.ones(made.nnz, np.float32)
    return made


def sought(plays: Interactions, *, told: Told = silent, keep: StepStore | None = None) -> Recipe:
    """The recipe that is best on what is held back; PLAIN where fewer than 20 people have enough."""
    keep = keep or NoSteps()
    turns = [held_back(plays)]
    asked = len(turns[0][2])
    if asked < FEWEST:
        return PLAIN
    turns += [held_back(plays, turn) for turn in range(1, min(TURNS, ENOUGH // asked))]
    candidates = (False, True) if float(plays.counts.data.max(initial=1.0)) > 1 else (False,)
    best, found = -1.0, PLAIN
    for at, counted in enumerate(candidates):

        def part(share: float, at: int = at) -> None:
            told((at + share) / len(candidates))

        def tried(counted: bool = counted, part: Told = part) -> dict[str, Floats]:
            return _tried(turns, counted, part)

        step = keep.kept(f"tried-{'counted' if counted else 'plain'}", tried)
        part(1.0)
        marks = step["marks"]
        if float(marks.max()) > best:
            best = float(marks.max())
            pair = int(marks.max(axis=1).argmax())
            band = tuple(BANDS)[int(step["bands"][pair])]
            found = Recipe(*_middle(marks[pair]), float(step["strengths"][pair]), counted, band)
    return found


def _tried(turns: list[Turn], counted: bool, told: Told) -> dict[str, Floats]:
    """The marks of every mixture: of each band with the middle strength, then of each strength with the best band."""
    grid = [(strength, band) for band in BANDS for strength in STRENGTHS]
    every = np.zeros((len(grid), len(MIXTURES)), np.float64)
    for number, (kept, wanted, people) in enumerate(turns):
        weights = weighed(kept, counted=counted)

        def learning(share: float, number: int = number) -> None:
            told((number + share * 0.8) / len(turns))

        # One turn's views at a time: in a large house they are a gigabyte.
        every += marked(views_of(weights, STRENGTHS, tuple(BANDS), told=learning), weights, wanted, people, grid)
        told((number + 1) / len(turns))
    place = {pair: at for at, pair in enumerate(grid)}
    pairs = [(MIDDLE, band) for band in BANDS]
    heights = every[[place[pair] for pair in pairs]].max(axis=1)
    # The first unless another is better by more than chance would have it.
    heights[0] /= CLOSE
    band = tuple(BANDS)[int(heights.argmax())]
    pairs += [(strength, band) for strength in STRENGTHS if strength != MIDDLE]
    marks = every[[place[pair] for pair in pairs]]
    return {
        "marks": marks,
        "strengths": np.array([strength for strength, _ in pairs]),
        "bands": np.array([tuple(BANDS).index(band) for _, band in pairs]),
    }


def _middle(marks: Floats) -> tuple[float, float, float]:
    """The middle of the mixtures that are as good as the best: the very best of many is so by chance."""
    close = np.array(MIXTURES)[marks >= CLOSE * marks.max()]
    walk, line, common = close.mean(axis=0).tolist()
    return walk, line, common


def held_back(plays: Interactions, turn: int = 0) -> Turn:
    """What is learned from, what was held back, and whose: about a tenth of what people with 5 things or more have.

    The choice depends on the plays' numbers and the turn alone.
    """
    dice = np.random.default_rng(11 + turn)
    counts = plays.counts
    share = min(1.0, LEARNED_FROM / max(1, counts.nnz))
    if share < 1:
        counts = sparse.csr_array(counts[np.flatnonzero(dice.random(plays.users) < share)])
    sizes = np.diff(counts.indptr)
    rows = np.repeat(np.arange(counts.shape[0]), sizes)
    away = (dice.random(counts.nnz) < HELD_BACK) & (sizes[rows] >= 5)
    kept = sparse.csr_array((counts.data[~away], (rows[~away], counts.indices[~away])), shape=counts.shape)
    people = np.unique(rows[away])
    most = max(FEWEST, min(TRIED_ON, TRIED_SCORES // max(1, plays.items)))
    if len(people) > most:
        people = np.sort(dice.choice(people, most, replace=False))
    gone = sparse.csr_array((counts.data[away], (rows[away], counts.indices[away])), shape=counts.shape)
    wanted = [gone.indices[gone.indptr[row] : gone.indptr[row + 1]].astype(np.int64) for row in people]
    return Interactions(kept), wanted, people


def marked(
    views: Views,
    weights: sparse.csr_array,
    wanted: list[Integers],
    people: Integers,
    pairs: Sequence[tuple[float, str]],
) -> Floats:
    """The mean NDCG of each mixture on these people: pairs of a strength and a band × mixtures."""
    totals = np.zeros((len(pairs), len(MIXTURES)), np.float64)
    scales = scales_of(views, weights)
    at_once = max(8, min(256, 8_000_000 // max(1, int(weights.shape[1]))))
    for low in range(0, len(people), at_once):
        asked = sparse.csr_array(weights[people[low : low + at_once]])
        theirs = wanted[low : low + at_once]
        owners = np.repeat(np.arange(asked.shape[0]), np.diff(asked.indptr))
        missing = np.zeros(asked.shape, bool)
        for row, each in enumerate(theirs):
            missing[row, each] = True
        sizes = np.array([len(each) for each in theirs])

        def seen(scores: Floats, scale: float, asked: sparse.csr_array = asked, owners: Integers = owners) -> Seen:
            scores = np.asarray(scores, np.float32) * np.float32(scale)
            scores[owners, asked.indices] = -np.inf
            return scores, largest(scores, min(POOL, scores.shape[1]))[0]

        walk = seen((asked @ views.walk).todense(), scales.walk)
        lines = {
            strength: seen((asked @ views.ridges[strength]).todense(), scales.ridges[strength])
            for strength in {strength for strength, _ in pairs}
        }
        bands = {
            band: seen((asked @ views.bands[band][0]) @ views.bands[band][1].T, scales.bands[band])
            for band in {band for _, band in pairs}
        }
        for number, (strength, band) in enumerate(pairs):
            parts, found = _pooled((walk, lines[strength], bands[band]), missing)
            totals[number] += _ndcg_of_each(parts, found, sizes)
    return totals / max(1, len(people))


def _pooled(views: tuple[Seen, ...], missing: Marked) -> tuple[list[Floats], Marked]:
    """The scores of what any view puts first, view by view, and which of it is missing."""
    pool = np.sort(np.concatenate([first for _, first in views], axis=1), axis=1)
    again = np.zeros(pool.shape, bool)
    again[:, 1:] = pool[:, 1:] == pool[:, :-1]
    parts = [np.where(again, np.float32(-np.inf), np.take_along_axis(scores, pool, axis=1)) for scores, _ in views]
    return parts, np.take_along_axis(missing, pool, axis=1)


def _ndcg_of_each(parts: list[Floats], missing: Marked, sizes: Integers) -> Floats:
    found = np.zeros(len(MIXTURES))
    for at, mixture in enumerate(MIXTURES):
        scores = sum(share * part for share, part in zip(mixture, parts, strict=True) if share)
        chosen, _ = largest(np.asarray(scores, np.float32), min(TOP, missing.shape[1]))
        _, ndcg = recall_and_ndcg(np.take_along_axis(missing, chosen, axis=1), sizes)
        found[at] = ndcg.sum()
    return found
