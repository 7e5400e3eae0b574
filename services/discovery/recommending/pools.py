"""What many are recommended from, remembered for a minute: the popular, the new, each genre's songs.

Owns the bounds of that memory. What the catalogue tells of a change empties it; a play count a minute old harms
nobody, and whatever is shown is read again as its viewer sees it. Refuses to rank.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from services.catalogue.access import Sight
from services.clock import Clock
from services.discovery.choices import Choices
from services.discovery.recommending.outlines import Outlines
from services.discovery.shelf import Shelf
from services.events import Bus, CatalogueChanged
from storage.collections.store import Store
from storage.records import Song

POOLS_KEPT = 100
KEPT_S = 60.0

_Key = tuple[str, str, Sight, frozenset[str], frozenset[str]]


class RememberedShelf(Shelf):
    """A shelf that remembers outlines by id, for what somebody played: of those most were looked at a moment ago."""

    def __init__(self, store: Store, choices: Choices, outlines: Outlines) -> None:
        super().__init__(store, choices)
        self._outlines = outlines
        self._of = choices.of

    async def these(self, sight: Sight, ids: Sequence[str], *, even_muted: bool = False) -> dict[str, Song]:
        """Those of `ids` (at most 1,000) that the viewer may see; one store command for what is not remembered."""
        wanted = list(dict.fromkeys(ids))[:1000]
        found = self._outlines.known(wanted)
        missing = [id for id in wanted if id not in found]
        if missing:
            # Read as nobody in particular, so that what is remembered serves everybody.
            whole = Sight(everything=True, explicit=True, owned=frozenset())
            fresh = await super().these(whole, missing, even_muted=True)
            self._outlines.keep(fresh.values())
            found |= fresh
        seen = {id: found[id] for id in wanted if id in found and sight.sees_song(found[id])}
        if even_muted:
            return seen
        choice = await self._of(sight)
        return {id: song for id, song in seen.items() if not choice.mutes(song)}


class Pools:
    """Outlines of songs, none read twice within a minute."""

    def __init__(self, shelf: RememberedShelf, choices: Choices, clock: Clock, bus: Bus) -> None:
        self._shelf = shelf
        self._choices = choices
        self._clock = clock
        self._kept: OrderedDict[_Key, tuple[float, list[Song]]] = OrderedDict()
        bus.hear(CatalogueChanged, lambda event: self._kept.clear())

    async def these(self, sight: Sight, ids: Sequence[str], *, even_muted: bool = False) -> dict[str, Song]:
        """Those of `ids` (at most 1,000) that the viewer may see, in order; one store command for what is not known."""
        return await self._shelf.these(sight, ids, even_muted=even_muted)

    async def popular(self, sight: Sight) -> list[Song]:
        """The most played."""
        return await self._remembered("popular", "", sight, lambda: self._shelf.popular(sight))

    async def newest(self, sight: Sight) -> list[Song]:
        """The last to come into the catalogue."""
        return await self._remembered("newest", "", sight, lambda: self._shelf.newest(sight))

    async def of_genre(self, sight: Sight, genre_id: str) -> list[Song]:
        """The most played of a genre."""
        return await self._remembered("genre", genre_id, sight, lambda: self._shelf.of_genre(sight, genre_id))

    async def seldom_of_genre(self, sight: Sight, genre_id: str) -> list[Song]:
        """The least played of a genre."""
        return await self._remembered("seldom", genre_id, sight, lambda: self._shelf.seldom_of_genre(sight, genre_id))

    async def of_mood(self, sight: Sight, tag: str) -> list[Song]:
        """The most played with exactly this mood tag."""
        return await self._remembered("mood", tag, sight, lambda: self._shelf.of_mood(sight, tag))

    async def of_energy(self, sight: Sight, low: float, high: float, start: float) -> list[Song]:
        """Songs whose energy is from `low` to `high`: from `start` up, then from `low`."""
        about = f"{low}:{high}:{start}"
        return await self._remembered("energy", about, sight, lambda: self._shelf.of_energy(sight, low, high, start))

    async def _remembered(
        self, kind: str, about: str, sight: Sight, read: Callable[[], Awaitable[list[Song]]]
    ) -> list[Song]:
        choice = await self._choices.of(sight)
        # For all who may see the same and muted the same, whoever they are.
        anybody = replace(sight, viewer_id=None)
        key, now = (kind, about, anybody, choice.muted_artists, choice.muted_genres), self._clock.monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT_S:
            self._kept.move_to_end(key)
            return kept[1]
        found = await read()
        self._kept[key] = (now, found)
        self._kept.move_to_end(key)
        while len(self._kept) > POOLS_KEPT:
            self._kept.popitem(last=False)
        return found
