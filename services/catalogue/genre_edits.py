"""Making, renaming, moving and removing genres. Refuses to know how the tree keeps its shape."""

from __future__ import annotations

from typing import Any

from services.catalogue.genre_tree import Tree
from services.catalogue.genres import Genres
from services.catalogue.naming import insert_named, renamed
from services.catalogue.wording import WORD_LIMIT, read_line, read_text
from services.clock import Clock
from services.errors import Conflict, Invalid, NotFound
from services.library.names import OLD_SLUGS_LIMIT, fold
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import Genre

GENRES_TOTAL_LIMIT = 5_000
_TRIES = 8


class GenreEdits:
    """Edits of the genres by moderators and admins."""

    def __init__(self, store: Store, clock: Clock, genres: Genres, tree: Tree) -> None:
        self._store = store
        self._clock = clock
        self._genres = genres
        self._tree = tree

    async def create(
        self, viewer: Viewer, *, name: str, description: str | None = None, parent: str | None = None
    ) -> Genre:
        """A new genre, below `parent` (its id, slug or name) or at the top. Conflict when the name is taken."""
        viewer.require(Role.MODERATOR)
        line = read_line(name, "name", limit=WORD_LIMIT)
        words = read_text(description, "description")
        above = None if parent is None else await self._named(parent)
        if await self._store.genres.count({}, limit=GENRES_TOTAL_LIMIT) >= GENRES_TOTAL_LIMIT:
            raise Conflict(f"There are {GENRES_TOTAL_LIMIT} genres already.")
        now = self._clock.now()
        genre = Genre(self._clock.new_id(), line, fold(line), "", now, now, words)
        if above is not None:
            genre.parent_id, genre.ancestor_ids = above.id, [*above.ancestor_ids, above.id]
        try:
            await insert_named(self._store, self._store.genres, genre, line, "genre")
        except DuplicateKey:
            raise Conflict("There is a genre of this name already.", field="name") from None
        if above is not None:
            await self._tree.place(genre)
        return await self._get(genre.id)

    async def update(self, viewer: Viewer, genre_id: str, **words: Any) -> Genre:
        """The genre with what was given changed; a null `parent` puts it at the top. Songs keep it."""
        viewer.require(Role.MODERATOR)
        genre = await self._get(genre_id)
        above: Genre | None = None
        if words.get("parent") is not None:
            above = await self._named(words["parent"])
            if genre.id in (above.id, *above.ancestor_ids):
                raise Invalid("A genre cannot lie below itself.", field="parent")
        description = read_text(words["description"], "description") if "description" in words else None
        name = read_line(words["name"], "name", limit=WORD_LIMIT) if "name" in words else None
        if name is not None or description is not None:
            await self._reword(genre, name, description)
        if "parent" in words and genre.parent_id != (above.id if above else None):
            await self._tree.move(genre.id, above.id if above else None)
        return await self._get(genre.id)

    async def delete(self, viewer: Viewer, genre_id: str) -> None:
        """Remove a genre that no song, album or artist has and that has none below it; Conflict otherwise."""
        viewer.require(Role.MODERATOR)
        genre = await self._get(genre_id)
        for collection in (self._store.songs, self._store.albums, self._store.artists):
            if await collection.count({"genre_ids": genre.id}, limit=1):
                raise Conflict("This genre is in use.", field="genreId")
        await self._tree.delete(genre.id)

    async def _reword(self, genre: Genre, name: str | None, description: str | None) -> None:
        for _ in range(_TRIES):
            changes: dict[str, Any] = {"updated_at": self._clock.now()}
            if description is not None:
                changes["description"] = description
            if name is not None:
                changes |= {"name": name, "name_key": fold(name)}
                changes |= await renamed(self._store, self._store.genres, genre, name, "genre")
                if changes["name_key"] != genre.name_key:
                    # Tags that say the former name still mean this genre.
                    keys = [key for key in (*genre.old_keys, genre.name_key) if key != changes["name_key"]]
                    changes["old_keys"] = list(dict.fromkeys(keys))[-OLD_SLUGS_LIMIT:]
            try:
                written = await self._store.genres.update(
                    {"_id": genre.id, "slug": genre.slug, "name_key": genre.name_key}, {"$set": changes}
                )
            except DuplicateKey as refusal:
                if refusal.index != "slug":
                    raise Conflict("There is a genre of this name already.", field="name") from None
                continue
            if written.matched:
                return
            genre = await self._get(genre.id)
        raise Conflict("Somebody else is editing this; look again.")

    async def _get(self, id: str) -> Genre:
        genre = await self._store.genres.get(id)
        if genre is None:
            raise NotFound("There is no such genre.", field="genreId")
        return genre

    async def _named(self, text: str) -> Genre:
        genre = await self._genres.named(text)
        if genre is None:
            raise NotFound("There is no such genre.", field="parent")
        return genre
