"""Genres: the tree, and what lies below a branch. Everybody may see all of it."""

from __future__ import annotations

from collections.abc import Sequence

from services.catalogue.access import Condition
from services.catalogue.listing import all_matching, by_slug
from services.errors import Invalid
from services.library.names import fold
from services.paging import OFFSET_LIMIT
from services.typed_text import is_printable
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Genre

GENRE_LIMIT = 500
DESCENDANT_LIMIT = 2000
NAMED_LIMIT = 200


class Genres:
    """The genres of the catalogue."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get_many(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Genre]:
        """Those of `ids` that exist; one store command."""
        return await self._store.genres.get_many(ids)

    async def by_slug(self, viewer: Viewer, slug: str) -> Genre | None:
        """The genre with that slug, now or before."""
        return await by_slug(self._store.genres, slug)

    async def listing(
        self, viewer: Viewer, *, roots_only: bool = False, limit: int | None = None, offset: int | None = None
    ) -> list[Genre]:
        """Genres by name (200 unless told), or the tops of the tree alone. Invalid beyond 1 to 500 rows."""
        limit, offset = 200 if limit is None else limit, offset or 0
        if not 1 <= limit <= GENRE_LIMIT:
            raise Invalid(f"limit must be from 1 to {GENRE_LIMIT}.", field="limit")
        if not 0 <= offset <= OFFSET_LIMIT:
            raise Invalid(f"offset must be from 0 to {OFFSET_LIMIT}.", field="offset")
        filter = {"parent_id": None} if roots_only else {}
        return await self._store.genres.find(filter, sort=[("name_key", 1)], limit=limit, skip=offset)

    async def of_parents(self, viewer: Viewer, parent_ids: Sequence[str]) -> dict[str, list[Genre]]:
        """The genres directly below each of these, by name; at most 500 each, one store command."""
        below: dict[str, list[Genre]] = {id: [] for id in parent_ids}
        wanted = {"parent_id": {"$in": list(parent_ids)}}
        for genre in await all_matching(self._store.genres, wanted, [("parent_id", 1), ("name_key", 1)]):
            below[genre.parent_id or ""].append(genre)
        return {id: genres[:GENRE_LIMIT] for id, genres in below.items()}

    async def named(self, text: str) -> Genre | None:
        """The genre that somebody means: its id, its slug, or its name however it is spelt, now or before.

        None for a text of more than 200 characters, and for what no store can be asked.
        """
        if not 0 < len(text) <= NAMED_LIMIT or not is_printable(text):
            return None
        key = fold(text)
        means = [{"_id": text}, {"slug": text}, {"name_key": key}, {"old_slugs": text}, {"old_keys": key}]
        found = await self._store.genres.find({"$or": means}, limit=20)
        return min(found, key=lambda genre: _rank(genre, text, key), default=None)

    async def named_all(self, texts: Sequence[str]) -> dict[str, str]:
        """The genre ids for those of these texts that mean one; one store command."""
        keys = {text: fold(text) for text in texts}
        written, folded = {"$in": list(keys)}, {"$in": list(keys.values())}
        means = [
            {"_id": written},
            {"slug": written},
            {"name_key": folded},
            {"old_slugs": written},
            {"old_keys": folded},
        ]
        found = await self._store.genres.find({"$or": means}, limit=100 * len(keys) + 1)
        meant: dict[str, str] = {}
        for text, key in keys.items():
            best = min(found, key=lambda genre: _rank(genre, text, key), default=None)
            if best is not None and _rank(best, text, key) < 5:
                meant[text] = best.id
        return meant

    async def ids_below(self, texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For each of these texts (id, slug or name) the ids of the genre it means and of those below it; none for an
        unknown one. Two store commands."""
        meant = await self.named_all(texts)
        tops = set(meant.values())
        below: dict[str, list[str]] = {top: [top] for top in tops}
        if tops:
            condition = {"ancestor_ids": {"$in": sorted(tops)}}
            for genre in await self._store.genres.find(condition, limit=DESCENDANT_LIMIT):
                for top in tops.intersection(genre.ancestor_ids):
                    below[top].append(genre.id)
        return {text: tuple(below[meant[text]]) if text in meant else () for text in texts}

    async def condition(self, genre: str) -> Condition:
        """The condition of being of this genre (id, slug or name) or one below it; of an unknown one, nothing is."""
        top = await self.named(genre)
        if top is None:
            return {"genre_ids": {"$in": []}}
        below = await self._store.genres.find({"ancestor_ids": top.id}, limit=DESCENDANT_LIMIT)
        if not below:
            return {"genre_ids": top.id}
        return {"genre_ids": {"$in": [top.id, *(each.id for each in below)]}}


def _rank(genre: Genre, text: str, key: str) -> int:
    """How closely a genre fits: an id outranks a slug, a slug a name, what it is now what it was before."""
    fits = (
        genre.id == text,
        genre.slug == text,
        genre.name_key == key,
        text in genre.old_slugs,
        key in genre.old_keys,
        True,
    )
    return fits.index(True)
