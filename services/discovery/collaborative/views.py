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

NEIGHBOURS = 200
RIDGE_NEIGHBOURS = 100
"""The work grows with the cube of them."""
RANK = 128
DAMPING = 10.0
LOUDEST = 20
"""A view is as loud as so many of its best scores for a person, in the mean."""


@dataclass(frozen=True, slots=True)
class Views:
    """The walk, the ridge by strength, and the two halves of the spectrum: `left @ right.T`."""

    walk: sparse.csr_array
    ridges: dict[float, sparse.csr_array]
    left: Floats
    right: Floats


def views_of(
    weights: sparse.csr_array,
    strengths: Sequence[float],
    *,
    walk: bool = True,
    common: bool = True,
    most: int = RIDGE_NEIGHBOURS,
    told: Told = silent,
    keep: StepStore | None = None,
) -> Views:
    """All three, or nothing where one is not wanted; the ridge, among `most` neighbours, for each strength.

    What `keep` has is not worked out again.
    """
    keep = keep or NoSteps()
    farthest = NEIGHBOURS if walk else 0
    paths = keep.kept("walk", lambda: arrays_of(walked(weights, farthest, told=lambda share: told(share * 0.3))))

    def each() -> dict[str, Floats]:
        found = ridges(weights, most, strengths, told=lambda share: told(0.3 + share * 0.5))
        return {
            f"{strength} {name}": array for strength in strengths for name, array in arrays_of(found[strength]).items()
        }

    lines = keep.kept("ridges", each)
    told(0.8)

    def halves() -> dict[str, Floats]:
        left, right = spectrum(weights, RANK if common else 0, DAMPING, told=lambda share: told(0.8 + share * 0.2))
        return {"left": left, "right": right}

    thin = keep.kept("spectrum", halves)
    told(1.0)
    return Views(
        matrix_of(paths),
        {
            strength: matrix_of({name: lines[f"{strength} {name}"] for name in ("data", "indices", "indptr")})
            for strength in strengths
        },
        thin["left"],
        thin["right"],
    )


def scales_of(views: Views, weights: sparse.csr_array, strength: float) -> tuple[float, float, float]:
    """What each view is multiplied by, so that one is as loud as the other."""
    sample = sparse.csr_array(weights[:: max(1, weights.shape[0] // 200)][:256])
    loud = [
        _loudness(np.asarray((sample @ views.walk).todense())),
        _loudness(np.asarray((sample @ views.ridges[strength]).todense())) if strength in views.ridges else 0.0,
        _loudness((sample @ views.left) @ views.right.T),
    ]
    walk, line, common = (1 / each if each > 0 else 0.0 for each in loud)
    return walk, line, common


def _loudness(scores: Floats) -> float:
    if not scores.size:
        return 0.0
    at = scores.shape[1] - min(LOUDEST, scores.shape[1])
    return float(np.partition(scores, at, axis=1)[:, at:].clip(min=0).mean())
