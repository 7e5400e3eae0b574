"""What the newest learned model says of songs, artists and people's tastes, asked by ids.

Owns which model answers: one at a time, put in place of the last in one step. Answers from memory, never from the
store. Refuses to know who may see what: whoever asks reads the songs again as the viewer sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Affinity:
    """A song (or artist) the model names, how strongly, and which of what was asked with speaks for it most."""

    id: str
    score: float
    because: str


class Affinities:
    """What goes with what, by who plays what. Every answer is empty while nothing was learned."""

    @property
    def is_ready(self) -> bool:
        """Whether there is a model."""
        return False

    def near_song(self, song_id: str, limit: int) -> list[Affinity]:
        """Songs that the same people play, the nearest first."""
        return []

    def near_artist(self, artist_id: str, limit: int) -> list[Affinity]:
        """Artists that the same people play, the nearest first."""
        return []

    def for_taste(self, weights: Mapping[str, float], limit: int) -> list[Affinity]:
        """Songs for somebody whose songs weigh so (ids to weights over 0; negative ones speak against), the best
        first; none of those asked with."""
        return []
