"""Three views of who plays what: the walk finds what goes with rare things, the ridge tells apart what is merely
popular, the spectrum sees what lies further than one shared person.

Owns how wide each looks, and what makes one as loud as another. Pure. Refuses to know how much of each is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Floats
from services.discovery.collaborative.overlaps import Told, silent, walked
from services.discovery.collaborative.ridge import ridges
from services.discovery.collaborative.spectrum import spectrum
from services.discovery.collaborative.steps import NoSteps, StepStore, arrays_of, matrix_of

MOST_NEIGHBOURS, LEAST_NEIGHBOURS, ALL_NEIGHBOURS = 1_000, 200, 40_000_000
"""The walk of a thing leads to so many others, and to so many in all where there are many things (8 bytes each)."""
RIDGE_NEIGHBOURS, FEW, NEIGHBOURS_OF_FEW = 100, 8_000, 200
"""How many neighbours the ridge has, and up to how many things it has more: the work grows with the cube of them. As
many while the recipe is sought as in the end: with more of them a weak penalty is too weak."""


@dataclass(frozen=True, slots=True)
class Band:
    """A way to take the spectrum: how far what everybody has is levelled down, the penalty, and the rank."""

    by_item: float
    damping: float
    rank: int


BANDS = {"damped": Band(0.25, 10.0, 128), "narrow": Band(0.5, 0.0, 128), "wide": Band(0.5, 0.0, 256)}
"""Where people have much in common the damped one is best, where little the others (as in Y. Shen et al., "How Powerful
is Graph Convolution for Recommendation?", 2021)."""
LOUDEST = 20
"""A view is as loud as so many of its best scores for a person, in the mean."""


@dataclass(frozen=True, slots=True)
class Views:
    """The walk, the ridge by strength, and the spectrum by band, in two halves each: `left @ right.T`."""

    walk: sparse.csr_array
    ridges: dict[float, sparse.csr_array]
    bands: dict[str, tuple[Floats, Floats]]


def views_of(
    weights: sparse.csr_array,
    strengths: Sequence[float],
    bands: Sequence[str],
    *,
    walk: bool = True,
    told: Told = silent,
    keep: StepStore | None = None,
) -> Views:
    """All three, or nothing where one is not wanted; the ridge for each strength, the spectrum for each band.

    What `keep` has is not worked out again.
    """
    keep = keep or NoSteps()
    things = int(weights.shape[1])
    farthest = max(LEAST_NEIGHBOURS, min(MOST_NEIGHBOURS, ALL_NEIGHBOURS // max(1, things))) if walk else 0
    paths = keep.kept("walk", lambda: arrays_of(walked(weights, farthest, told=lambda share: told(share * 0.3))))

    most = NEIGHBOURS_OF_FEW if things <= FEW else RIDGE_NEIGHBOURS

    def each() -> dict[str, Floats]:
        found = ridges(weights, most, strengths, told=lambda share: told(0.3 + share * 0.5))
        return {
            f"{strength} {name}": array for strength in strengths for name, array in arrays_of(found[strength]).items()
        }

    lines = keep.kept("ridges", each)
    told(0.8)

    def halves() -> dict[str, Floats]:
        found = {}
        for at, name in enumerate(bands):
            band = BANDS[name]
            found[f"{name} left"], found[f"{name} right"] = spectrum(
                weights,
                band.rank,
                band.damping,
                by_item=band.by_item,
                told=lambda share, at=at: told(0.8 + 0.2 * (at + share) / len(bands)),  # type: ignore[misc]
            )
        return found

    thin = keep.kept("spectrum", halves)
    told(1.0)
    return Views(
        matrix_of(paths),
        {
            strength: matrix_of({name: lines[f"{strength} {name}"] for name in ("data", "indices", "indptr")})
            for strength in strengths
        },
        {name: (thin[f"{name} left"], thin[f"{name} right"]) for name in bands},
    )


@dataclass(frozen=True, slots=True)
class Scales:
    """What each view is multiplied by, so that one is as loud as the other; 0 for one that is silent."""

    walk: float
    ridges: dict[float, float]
    bands: dict[str, float]


def scales_of(views: Views, weights: sparse.csr_array) -> Scales:
    """By some people's best scores."""
    sample = sparse.csr_array(weights[:: max(1, weights.shape[0] // 200)][:256])
    return Scales(
        _scale((sample @ views.walk).todense()),
        {strength: _scale((sample @ ridge).todense()) for strength, ridge in views.ridges.items()},
        {name: _scale((sample @ left) @ right.T) for name, (left, right) in views.bands.items()},
    )


def _scale(scores: Floats) -> float:
    scores = np.asarray(scores)
    if not scores.size:
        return 0.0
    at = scores.shape[1] - min(LOUDEST, scores.shape[1])
    loud = float(np.partition(scores, at, axis=1)[:, at:].clip(min=0).mean())
    return 1 / loud if loud > 0 else 0.0
