"""Songs as a viewer may see them: by id, by slug, of albums and artists, in lists, and where their sound is.

Refuses to know how sound is sent and what is counted when somebody listens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.catalogue.access import Condition, all_of, sight_of
from services.catalogue.genres import Genres
from services.catalogue.listing import all_matching, by_slug, page_of
from services.catalogue.orders import CATALOGUE_ORDERS, CatalogueOrder
from services.errors import NotFound
from services.paging import Page, Slice
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import AudioFile, FileState, Song

ALBUM_SONGS_LIMIT = 1000
TOP_SONGS_TOGETHER = 2000


@dataclass(frozen=True, slots=True)
class SongFilters:
    """Which songs a list keeps. `genre` is an id or slug, and takes in the genres below it."""

    artist_id: str | None = None
    album_id: str | None = None
    genre: str | None = None
    year: int | None = None
    is_explicit: bool | None = None


class Songs:
    """The songs of the catalogue."""

    def __init__(self, store: Store, genres: Genres) -> None:
        self._store = store
        self._genres = genres

    async def get_many(self, viewer: Viewer, ids: Sequence[str]) -> dict[str, Song]:
        """Those of `ids` that the viewer may see, by id; one store command for the songs."""
        sight = await sight_of(self._store, viewer)
        found = await self._store.songs.get_many(ids)
        return {id: song for id, song in found.items() if sight.sees_song(song)}

    async def get(self, viewer: Viewer, id: str) -> Song:
        """One song. NotFound when absent or invisible."""
        found = await self.get_many(viewer, [id])
        if id not in found:
            raise NotFound("There is no such song.")
        return found[id]

    async def by_slug(self, viewer: Viewer, slug: str) -> Song | None:
        """The song with that slug, now or before; None when absent or invisible."""
        song = await by_slug(self._store.songs, slug)
        if song is None or not (await sight_of(self._store, viewer)).sees_song(song):
            return None
        return song

    async def listing(
        self,
        viewer: Viewer,
        part: Slice,
        filters: SongFilters | None = None,
        order: CatalogueOrder = CatalogueOrder.TITLE,
        *,
        counted: bool = True,
    ) -> Page[Song]:
        """One page of the songs that the viewer may see."""
        wanted = filters or SongFilters()
        conditions: list[Condition] = [*(await sight_of(self._store, viewer)).songs()]
        if wanted.artist_id is not None:
            conditions.append({"artist_ids": wanted.artist_id})
        if wanted.album_id is not None:
            conditions.append({"album_id": wanted.album_id})
        if wanted.genre is not None:
            conditions.append(await self._genres.condition(wanted.genre))
        if wanted.year is not None:
            conditions.append({"year": wanted.year})
        if wanted.is_explicit is not None:
            conditions.append({"is_explicit": wanted.is_explicit})
        return await page_of(self._store.songs, conditions, CATALOGUE_ORDERS[order], part, counted=counted)

    async def of_albums(self, viewer: Viewer, album_ids: Sequence[str]) -> dict[str, list[Song]]:
        """Each album's songs in order, those that the viewer may see; at most 1,000 of one album."""
        sight = await sight_of(self._store, viewer)
        filter = all_of([{"album_id": {"$in": list(album_ids)}}, *sight.songs()])
        songs: dict[str, list[Song]] = {id: [] for id in album_ids}
        order: list[tuple[str, Literal[1, -1]]] = [("album_id", 1), ("disc_number", 1), ("track_number", 1)]
        for song in await all_matching(self._store.songs, filter, order):
            songs[song.album_id or ""].append(song)
        return {id: sorted(theirs, key=place_on_album)[:ALBUM_SONGS_LIMIT] for id, theirs in songs.items()}

    async def top(self, viewer: Viewer, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], list[Song]]:
        """For each (artist id, how many): their most played songs, those they feature on included.

        Two store commands, for one artist and for many as long as they have less than 2,000 songs together; beyond
        that those whose best are not among the 2,000 most played are asked for one by one.
        """
        wanted = list(dict.fromkeys(wanted))
        conditions = (await sight_of(self._store, viewer)).songs()

        async def alone(artist_id: str, limit: int) -> list[Song]:
            filter = all_of([{"artist_ids": artist_id}, *conditions])
            return await self._store.songs.find(filter, sort=[("play_count", -1)], limit=limit)

        artist_ids = {artist_id for artist_id, _ in wanted}
        filter = all_of([{"artist_ids": {"$in": sorted(artist_ids)}}, *conditions])
        songs = self._store.songs
        bound = TOP_SONGS_TOGETHER if len(wanted) > 1 else min(limit for _, limit in wanted)
        rows = await songs.engine.find(
            songs.name, filter, sort=[("play_count", -1)], limit=bound, fields=["artist_ids"]
        )
        best: dict[str, list[str]] = {artist_id: [] for artist_id in artist_ids}
        for row in rows:
            for artist_id in artist_ids.intersection(row["artist_ids"]):
                best[artist_id].append(row["_id"])
        # Rows come in the order of plays: an artist with enough of them has their best among them.
        whole = len(rows) < bound
        lists = {(id, limit): best[id][:limit] for id, limit in wanted if whole or len(best[id]) >= limit}
        rest = [each for each in wanted if each not in lists]
        known, others = await asyncio.gather(
            songs.get_many([id for ids in lists.values() for id in ids]),
            asyncio.gather(*(alone(*each) for each in rest)),
        )
        found = {each: [known[id] for id in ids if id in known] for each, ids in lists.items()}
        return found | dict(zip(rest, others, strict=True))

    async def sources(self, viewer: Viewer, song_id: str) -> tuple[Song, AudioFile]:
        """A song and the file its sound is in. NotFound alike when either is absent, and when the song is invisible."""
        song = await self.get(viewer, song_id)
        file = await self.file_of(song)
        if file is None:
            raise NotFound("There is no such song.")
        return song, file

    async def file_of(self, song: Song) -> AudioFile | None:
        """The file that a song's sound is in, None when none is there. For a song that the viewer was shown."""
        file = None if song.file_id is None else await self._store.audio_files.get(song.file_id)
        if file is None or file.state != FileState.PRESENT:
            file = await self._store.audio_files.first({"song_id": song.id, "state": FileState.PRESENT.value})
        return file


def place_on_album(song: Song) -> tuple[int, int, str, str]:
    """Where a song stands on its album: by disc and track; those without a number follow, by title."""
    return (song.disc_number or 1, song.track_number or 1_000_000, song.sort_title, song.id)
