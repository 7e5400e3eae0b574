"""A crowd whose tastes are known: songs stand in circles of twenty, people like some circles, and what is popular.

The same numbers give the same crowd. Refuses to know how anything is learned from it.
"""

from __future__ import annotations

import numpy as np

from services.discovery.collaborative.interactions import Integers, Interactions, interactions

CIRCLE = 20
CIRCLES_EACH = 8
POPULAR = 0.3
"""So much of what somebody plays is in no circle of theirs: by popularity, as in a chart."""


def crowd(users: int, songs: int, plays: int, seed: int = 6) -> Interactions:
    """About so many pairs of a person and a song, each played 1 to 30 times or so."""
    dice = np.random.default_rng(seed)
    liked = dice.integers(0, max(1, songs // CIRCLE), (users, CIRCLES_EACH), np.int32)
    popular = np.cumsum(1 / np.arange(1, songs + 1) ** 0.8)
    order = dice.permutation(songs).astype(np.int32)
    seen: Integers = np.empty(0, np.int64)
    # Who plays much plays more often what they played: drawn until there are so many different pairs.
    eager = dice.lognormal(0, 0.6, users)
    eager /= eager.sum()
    while len(seen) < plays:
        # Many are drawn again: of those left over most fall away.
        missing = (plays - len(seen)) * 3 + 1_000
        who = np.repeat(np.arange(users, dtype=np.int32), dice.multinomial(missing, eager))
        what = liked[who, dice.integers(0, CIRCLES_EACH, missing)] * CIRCLE + dice.integers(0, CIRCLE, missing)
        chart = dice.random(missing) < POPULAR
        what[chart] = order[np.searchsorted(popular, dice.random(int(chart.sum())) * popular[-1]).clip(max=songs - 1)]
        pairs = who.astype(np.int64) * songs + what.clip(max=songs - 1)
        before = len(seen)
        seen = np.union1d(seen, pairs)
        if len(seen) - before < missing // 100:
            break
    if len(seen) > plays:
        seen = np.sort(dice.choice(seen, plays, replace=False))
    counts = dice.geometric(0.35, len(seen)).astype(np.float32)
    return interactions(seen // songs, seen % songs, counts, (users, songs))


def in_circle(song: int, others: Integers) -> float:
    """The share of these that stand in the song's circle."""
    return float(np.mean(np.asarray(others) // CIRCLE == song // CIRCLE))
