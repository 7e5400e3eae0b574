"""What the newest learned model says of songs, artists and people's tastes, asked by ids.

Owns which model answers: one at a time, put in place of the last in one step. Answers from memory, never from the
store. Refuses to know who may see what: whoever asks reads the songs again as the viewer sees them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.discovery.collaborative.affinity import Affinity, Origin

if TYPE_CHECKING:
    # What it stands on takes 25 MB: not before there is a model.
    from services.discovery.collaborative.learned import Learned

__all__ = ["Affinities", "Affinity"]


class Affinities:
    """What goes with what, by who plays what. Every answer is empty while nothing was learned.

    A song's or artist's neighbours are a fraction of a millisecond, a taste is up to some milliseconds in a large
    library: `of_taste` asks in a worker thread.
    """

    def __init__(self) -> None:
        self._learned: Learned | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a model."""
        return self._learned is not None

    @property
    def origin(self) -> Origin | None:
        """Where the model in place comes from."""
        return None if self._learned is None else self._learned.origin

    def take(self, learned: Learned | None) -> None:
        """Answer by this model from now on; None answers nothing again. What is being answered ends by the last."""
        self._learned = learned

    def near_song(self, song_id: str, limit: int) -> list[Affinity]:
        """Songs that the same people play, the nearest first."""
        return [] if self._learned is None else self._learned.near_song(song_id, limit)

    def near_artist(self, artist_id: str, limit: int) -> list[Affinity]:
        """Artists that the same people play, the nearest first."""
        return [] if self._learned is None else self._learned.near_artist(artist_id, limit)

    def for_taste(self, weights: Mapping[str, float], limit: int) -> list[Affinity]:
        """Songs for somebody whose songs weigh so (ids to weights over 0; negative ones speak against), the best
        first; none of those asked with."""
        return [] if self._learned is None else self._learned.for_taste(weights, limit)

    async def of_taste(self, weights: Mapping[str, float], limit: int) -> list[Affinity]:
        """The same, worked out in a worker thread."""
        if self._learned is None or not weights:
            return []
        return await asyncio.to_thread(self._learned.for_taste, dict(weights), limit)

    def shared_listeners(self, song_id: str, other_id: str) -> int:
        """How many people are known to have played both songs; 0 while nothing was learned."""
        return 0 if self._learned is None else self._learned.shared_listeners(song_id, other_id)
