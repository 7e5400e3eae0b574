"""What the same people hear, by their newest plays: counted from some twenty reads, and remembered for a minute.

Holds how many people, never whom. Owns the bounds of that memory; a play a minute old changes nothing that anybody
would notice, for a hundred of fifteen people's are looked at. Refuses to rank.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.clock import Clock
from services.discovery.listening import Listened, Listening

KEPT = 500
"""Questions remembered; each holds some hundreds of ids and numbers."""
KEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class Shared:
    """What people hear who hear something: how many of them each thing, and how many they are."""

    counted: Counter[str]
    people: int


class HeardTogether:
    """What else those who play some songs play, of the newest plays of each."""

    def __init__(self, listening: Listening, clock: Clock) -> None:
        self._listening = listening
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[float, Shared]] = OrderedDict()

    async def artists(self, song_ids: Sequence[str]) -> Shared:
        """The artists that people who played one of these songs play."""
        return await self._shared("artists", song_ids, lambda play: play.artist_ids)

    async def songs(self, song_id: str) -> Shared:
        """The songs that people who played this one play."""
        return await self._shared("songs", [song_id], lambda play: (play.song_id,))

    async def _shared(self, kind: str, song_ids: Sequence[str], things: Callable[[Listened], Iterable[str]]) -> Shared:
        key, now = (kind, *song_ids), self._clock.monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_S:
            self._kept.move_to_end(key)
            return kept[1]
        plays = await self._plays(song_ids)
        found = Shared(_listeners_of(plays, things), len(plays))
        self._kept[key] = (now, found)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    async def _plays(self, song_ids: Sequence[str]) -> dict[str, list[Listened]]:
        """The newest plays of people who played one of these songs, of those first who played most of them."""
        listeners = await self._listening.listeners(song_ids)
        counted = Counter(user_id for users in listeners.values() for user_id in users)
        return await self._listening.of_people([user_id for user_id, _ in counted.most_common()])


def _listeners_of(plays: Mapping[str, Sequence[Listened]], things: Callable[[Listened], Iterable[str]]) -> Counter[str]:
    """How many of these people played each thing; `things` names what a play is of."""
    counted: Counter[str] = Counter()
    for theirs in plays.values():
        counted.update({id for play in theirs for id in things(play)})
    return counted
