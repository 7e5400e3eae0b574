"""Learning the model: the best recipe is sought, then learned by from everything there is.

Pure but for the steps it is told to keep; the same plays give the same model.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from services.discovery.collaborative.interactions import Interactions
from services.discovery.collaborative.model import Model
from services.discovery.collaborative.overlaps import Told, silent
from services.discovery.collaborative.recipe import Recipe, sought, weighed
from services.discovery.collaborative.steps import StepStore
from services.discovery.collaborative.views import scales_of, views_of


def fit(plays: Interactions, *, told: Told = silent, keep: StepStore | None = None) -> tuple[Model, Recipe]:
    """The model of these plays, and the recipe that was best on what was held back.

    `told` hears the share done; raising from it stops the work. With `keep` the big steps done so far are kept, and
    the same call goes on after them; whoever has put the model away forgets them.
    """
    recipe = sought(plays, told=lambda share: told(share * 0.5), keep=keep)
    return learn(plays, recipe, told=lambda share: told(0.5 + share * 0.5), keep=keep), recipe


def learn(plays: Interactions, recipe: Recipe, *, told: Told = silent, keep: StepStore | None = None) -> Model:
    """The model of all these plays by one recipe."""
    weights = weighed(plays, counted=recipe.counted)
    views = views_of(
        weights,
        (recipe.strength,) if recipe.ridge > 0 else (),
        (recipe.band,) if recipe.spectrum > 0 else (),
        walk=recipe.walk > 0,
        told=told,
        keep=keep,
    )
    scales = scales_of(views, weights)
    near = views.walk
    # In place: in a large house each of them is some hundred megabytes.
    near.data *= np.float32(recipe.walk * scales.walk)
    if recipe.ridge > 0:
        line = views.ridges[recipe.strength]
        line.data *= np.float32(recipe.ridge * scales.ridges[recipe.strength])
        near = near + line
    left = right = np.zeros((plays.items, 0), np.float32)
    if recipe.spectrum > 0:
        left, right = views.bands[recipe.band]
        left = left * np.float32(recipe.spectrum * scales.bands[recipe.band])
    return Model(
        sparse.csr_array(near).astype(np.float32, copy=False),
        left,
        right,
        np.bincount(plays.counts.indices, minlength=plays.items).astype(np.float32),
    )
