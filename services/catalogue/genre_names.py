"""Genres as people write them, found or made: `["rock", "alternative"]` on a catalogue that may know neither.

Owns what a written genre means to an editor. Refuses to know the tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.catalogue.genres import Genres
from services.catalogue.wording import WORD_LIMIT, read_names
from services.clock import Clock
from services.library.catalogue_writer import CatalogueWriter
from services.library.names import fold
from storage.collections.library import Library
from storage.collections.store import Store

GENRES_LIMIT = 10


class GenreNames:
    """Turns written genres into ids. One that is not known is made, at the top of the tree, under the name written."""

    def __init__(self, store: Store, clock: Clock, genres: Genres) -> None:
        self._store = store
        self._clock = clock
        self._genres = genres

    async def ids(self, written: Sequence[str | None] | None, field: str = "genres") -> list[str]:
        """The genre ids for names, slugs or ids, in order; at most 10 of 50 characters, Invalid naming `field`."""
        names = read_names(written, field, most=GENRES_LIMIT, limit=WORD_LIMIT)
        if not names:
            return []
        known = await self._genres.named_all(names)
        unknown = [name for name in names if name not in known]
        made: dict[str, str] = {}
        if unknown:
            made = await CatalogueWriter(Library(self._store), self._clock).genres(unknown)
        return list(dict.fromkeys(known[name] if name in known else made[fold(name)] for name in names))
