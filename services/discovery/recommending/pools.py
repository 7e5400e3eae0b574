"""What many are recommended from, remembered for a minute: the popular, the new, each genre's songs.

Owns the bounds of that memory. What the catalogue tells of a change empties it; a play count a minute old harms
nobody, and whatever is shown is read again as its viewer sees it. Refuses to rank.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from services.catalogue.access import Sight
from services.clock import Clock
from services.discovery.recommending.outlines import Outlines
from services.discovery.shelf import Shelf
from services.events import Bus, CatalogueChanged
from storage.records import Song

POOLS_KEPT = 100
_WHOLE_SIGHT = Sight(everything=True, explicit=True, owned=frozenset())
KEPT_S = 60.0


class Pools:
    """Outlines of songs, none read twice within a minute."""

    def __init__(self, shelf: Shelf, clock: Clock, bus: Bus) -> None:
        self._shelf = shelf
        self._clock = clock
        self._outlines = Outlines(clock, bus)
        self._kept: OrderedDict[tuple[str, str, Sight], tuple[float, list[Song]]] = OrderedDict()
        bus.hear(CatalogueChanged, lambda event: self._kept.clear())

    async def these(self, sight: Sight, ids: Sequence[str]) -> dict[str, Song]:
        """Those of `ids` (at most 1,000) that the viewer may see, in order; one store command for what is not known."""
        found = self._outlines.known(ids)
        missing = [id for id in ids if id not in found]
        if missing:
            # Read as nobody in particular, so that what is remembered serves everybody.
            fresh = await self._shelf.these(_WHOLE_SIGHT, missing)
            self._outlines.keep(fresh.values())
            found |= fresh
        return {id: found[id] for id in ids if id in found and sight.sees_song(found[id])}

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

    async def _remembered(
        self, kind: str, about: str, sight: Sight, read: Callable[[], Awaitable[list[Song]]]
    ) -> list[Song]:
        key, now = (kind, about, sight), self._clock.monotonic()
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
