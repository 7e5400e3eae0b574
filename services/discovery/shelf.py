"""Songs to choose from, in outline: popular ones, new ones, those of an artist or a genre, as a viewer may see them.

Owns the finds and their bounds. An outline is a song without its words and credits; what is shown is fetched whole
through the songs' own service. What somebody muted is on none of their shelves. Refuses to rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.catalogue.access import Condition, Sight, all_of
from services.discovery.choices import Choices
from storage.collections.store import Store
from storage.engine import Sort
from storage.records import Song

FIELDS = (
    "title", "artist_id", "artist_credit", "artist_ids", "genre_ids", "play_count", "features", "mood", "language",
    "year", "created_at", "is_explicit", "is_hidden", "release_date", "album_id",
)  # fmt: skip


class Shelf:
    """Outlines of songs; one store command each, and one in a call for what the viewer muted."""

    def __init__(self, store: Store, choices: Choices | None = None) -> None:
        self._songs = store.songs
        self._choices = choices

    async def these(self, sight: Sight, ids: Sequence[str], *, even_muted: bool = False) -> dict[str, Song]:
        """Those of `ids` (at most 1,000) that the viewer may see and has not muted."""
        if not ids:
            return {}
        wanted = list(dict.fromkeys(ids))[:1000]
        found = await self._find(sight, {"_id": {"$in": wanted}}, (), len(wanted), even_muted=even_muted)
        return {song.id: song for song in found}

    async def unmuted(self, sight: Sight, songs: Iterable[Song]) -> list[Song]:
        """Those of these that the viewer has not muted: for what was read for anybody, or made before."""
        if self._choices is None:
            return list(songs)
        choice = await self._choices.of(sight)
        return [song for song in songs if not choice.mutes(song)]

    async def popular(self, sight: Sight, limit: int = 100, skip: int = 0) -> list[Song]:
        """The most played."""
        return await self._find(sight, {}, [("play_count", -1)], limit, skip)

    async def newest(self, sight: Sight, limit: int = 60) -> list[Song]:
        """The last to come into the catalogue."""
        return await self._find(sight, {}, [("created_at", -1)], limit)

    async def of_artist(self, sight: Sight, artist_id: str, limit: int = 40, *, even_muted: bool = False) -> list[Song]:
        """An artist's most played, those they feature on included."""
        return await self._find(sight, {"artist_ids": artist_id}, [("play_count", -1)], limit, even_muted=even_muted)

    async def of_artists(self, sight: Sight, artist_ids: Sequence[str], limit: int = 200) -> list[Song]:
        """Songs that any of these artists (at most 50) is on, in no order that means anything."""
        return await self._find(sight, {"artist_ids": {"$in": list(artist_ids)[:50]}}, (), limit)

    async def of_genre(self, sight: Sight, genre_id: str, limit: int = 60, skip: int = 0) -> list[Song]:
        """The most played of a genre; those below it are asked for by themselves."""
        return await self._find(sight, {"genre_ids": genre_id}, [("play_count", -1)], limit, skip)

    async def of_any_artist(self, sight: Sight, artist_ids: Sequence[str], limit: int = 300) -> list[Song]:
        """The most played of these artists (at most 20) together."""
        if not artist_ids:
            return []
        return await self._find(sight, {"artist_ids": {"$in": list(artist_ids)[:20]}}, [("play_count", -1)], limit)

    async def seldom_of_genre(self, sight: Sight, genre_id: str, limit: int = 40) -> list[Song]:
        """The least played of a genre."""
        return await self._find(sight, {"genre_ids": genre_id}, [("play_count", 1)], limit)

    async def released(
        self, sight: Sight, artist_ids: Sequence[str], since: str, until: str, limit: int = 1000
    ) -> list[Song]:
        """Songs that any of these artists is on and that came out from one day to another, in no order that means
        anything.
        """
        released = {"is_hidden": False, "release_date": {"$gte": since, "$lte": until}}
        return await self._find(sight, {**released, "artist_ids": {"$in": list(artist_ids)}}, (), limit)

    async def of_mood(self, sight: Sight, tag: str, limit: int = 200) -> list[Song]:
        """The most played with exactly this mood tag, of what everybody sees."""
        return await self._find(sight, {"is_hidden": False, "mood": tag}, [("play_count", -1)], limit)

    async def of_energy(self, sight: Sight, low: float, high: float, start: float, limit: int = 300) -> list[Song]:
        """Songs whose energy is from `low` to `high`, of what everybody sees: from `start` up, then from `low`.

        Two store commands where the first brings too few.
        """
        by_energy: Sort = [("features.energy", 1)]
        above = {"is_hidden": False, "features.energy": {"$gte": start, "$lte": high}}
        found = await self._find(sight, above, by_energy, limit)
        if len(found) < limit and start > low:
            below = {"is_hidden": False, "features.energy": {"$gte": low, "$lt": start}}
            found += await self._find(sight, below, by_energy, limit - len(found))
        return found

    async def _find(
        self,
        sight: Sight,
        condition: Condition,
        sort: Sort,
        limit: int,
        skip: int = 0,
        *,
        even_muted: bool = False,
    ) -> list[Song]:
        conditions = [each for each in (condition, *sight.songs()) if each]
        if self._choices is not None and not even_muted:
            conditions += (await self._choices.of(sight)).conditions()
        documents = await self._songs.engine.find(
            self._songs.name, all_of(conditions), sort=sort, limit=limit, skip=skip, fields=FIELDS
        )
        return [self._songs.codec.decode(document) for document in documents]
