"""What people with the same songs play, read from the ledger: the stand-in while no model is learned.

Owns how near a person is and how far a song of theirs speaks. Refuses to keep anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from services.catalogue.access import Sight
from services.discovery.listening import Listening
from services.discovery.picks import Picks, Reason, Why
from services.discovery.recommending.standing import Standing
from services.discovery.shelf import Shelf
from services.discovery.taste import best

Shared = Callable[[str, str], int]
"""How many people are known to have played both songs."""

SEEDS = 8
SHARED_LIMIT = 400
SHARED = 1.0


class Neighbours:
    """Some twenty store commands: those who played the same songs lately, and what else they did."""

    def __init__(self, listening: Listening, shelf: Shelf) -> None:
        self._listening = listening
        self._shelf = shelf

    async def add(self, sight: Sight, picks: Picks, standing: Standing) -> Shared:
        """Pick what neighbours play; how many others are known to have played both a seed and a song."""
        leaning, user_id = standing.leaning, standing.user_id
        seeds = best(leaning.songs, SEEDS)
        listeners = await self._listening.listeners(seeds)
        near: dict[str, float] = {}
        for users in listeners.values():
            for other in users:
                if other != user_id:
                    # Sharing a song that everybody plays says little.
                    near[other] = near.get(other, 0.0) + 1 / math.log2(2 + len(users))
        plays = await self._listening.of_people(best(near, len(near)))
        scores: dict[str, float] = {}
        behind: dict[str, dict[str, float]] = {}
        both: dict[tuple[str, str], int] = {}
        for other, theirs in plays.items():
            distinct = {play.song_id for play in theirs}
            shared = [seed for seed in seeds if seed in distinct]
            for id in distinct - leaning.songs.keys():
                share = near[other] / math.sqrt(len(distinct))
                scores[id] = scores.get(id, 0.0) + share
                for seed in shared:
                    behind.setdefault(id, {})[seed] = behind.get(id, {}).get(seed, 0.0) + share
                    both[seed, id] = both.get((seed, id), 0) + 1
        # Only what comes from somebody who played one of the seeds in what was read can be reasoned for.
        wanted = [id for id in best(scores, SHARED_LIMIT) if id in behind]
        most = max((scores[id] for id in wanted), default=1.0)
        for id, song in (await self._shelf.these(sight, wanted)).items():
            picks.add(song, SHARED * scores[id] / most, Reason(Why.SHARED, best(behind[id], 1)[0]))
        return lambda seed_id, song_id: both.get((seed_id, song_id), 0)
