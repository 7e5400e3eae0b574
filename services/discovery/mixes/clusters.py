"""The sides of a taste: artists that belong together by genre, by how their songs sound, by who else plays both.

Pure, bounded (60 artists) and always the same for the same artists. Agglomerative clustering by average linkage: the
two likest groups become one until no two are alike enough. Refuses to know songs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

ARTISTS_LIMIT = 60
MIXES_LIMIT = 6
ALIKE = 0.45
"""Groups at least so alike are one side of a taste."""
RELATED = 0.12
"""While there are more sides than mixes, groups so alike are put together as well."""
LEAST_SHARE = 0.1
"""A side that weighs less than this share of the heaviest one is none."""
_GENRES, _SOUND, _LISTENERS = 4.0, 2.0, 3.0
_SOUND_SPAN = 0.4


@dataclass(slots=True)
class Voice:
    """One artist in somebody's ears: how much they weigh, their genres, how they sound, and whom the learned model
    calls near, from 0 to 1 (empty while it knows nothing of them)."""

    artist_id: str
    weight: float
    genres: Mapping[str, float] = field(default_factory=dict)
    sound: Mapping[str, float] = field(default_factory=dict)
    near: Mapping[str, float] = field(default_factory=dict)


def sides(voices: Sequence[Voice], limit: int = MIXES_LIMIT) -> list[list[Voice]]:
    """The sides of a taste, the heaviest first and at most `limit`; in each the heaviest artist first.

    Of more than 60 artists the heaviest are looked at. Somebody who plays one kind of music has one side.
    """
    ranked = sorted((voice for voice in voices if voice.weight > 0), key=lambda each: (-each.weight, each.artist_id))
    ranked = ranked[:ARTISTS_LIMIT]
    groups: list[list[int]] = [[at] for at in range(len(ranked))]
    likeness = np.full((len(ranked), len(ranked)), -1.0)
    for first, second in combinations(range(len(ranked)), 2):
        likeness[first, second] = likeness[second, first] = alike(ranked[first], ranked[second])
    while len(groups) > 1:
        one, other = divmod(int(np.argmax(likeness)), len(groups))
        if likeness[one, other] < (ALIKE if len(groups) <= limit else RELATED):
            break
        first, second = min(one, other), max(one, other)
        shares = len(groups[first]), len(groups[second])
        likeness[first] = (shares[0] * likeness[first] + shares[1] * likeness[second]) / sum(shares)
        likeness[:, first] = likeness[first]
        likeness[first, first] = -1.0
        likeness = np.delete(np.delete(likeness, second, axis=0), second, axis=1)
        groups[first] += groups.pop(second)
    found = [[ranked[at] for at in sorted(group)] for group in groups]
    found.sort(key=lambda side: (-weight_of(side), side[0].artist_id))
    return [side for side in found if weight_of(side) >= LEAST_SHARE * weight_of(found[0])][:limit]


def weight_of(side: Sequence[Voice]) -> float:
    """How much of a taste it is."""
    return sum(voice.weight for voice in side)


def alike(one: Voice, other: Voice) -> float:
    """0 to 1; a part that nobody knows of either does not count."""
    parts: list[tuple[float, float]] = []
    if one.genres or other.genres:
        parts.append((_GENRES, _cosine(one.genres, other.genres)))
    both = [name for name in one.sound if name in other.sound]
    if both:
        apart = sum(abs(one.sound[name] - other.sound[name]) for name in both) / len(both)
        parts.append((_SOUND, max(0.0, 1 - apart / _SOUND_SPAN)))
    if one.near or other.near:
        near = max(one.near.get(other.artist_id, 0.0), other.near.get(one.artist_id, 0.0))
        parts.append((_LISTENERS, min(1.0, near)))
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts) if parts else 0.0


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    dot = sum(weight * other.get(id, 0.0) for id, weight in one.items())
    norms = math.sqrt(sum(weight**2 for weight in one.values()) * sum(weight**2 for weight in other.values()))
    return dot / norms if norms else 0.0
