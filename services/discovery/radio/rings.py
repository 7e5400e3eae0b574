"""The songs around a seed, in rings: its own and those near to it, then further out, then the whole library.

Owns how far each ring reaches and how close its songs count as. Each ring is a bounded number of finds, read only when
a station gets there. Refuses to know order, and who listens.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from services.catalogue.access import Sight
from services.discovery.radio.seeds import Seed
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Song

OWN_SONGS = 60
NEIGHBOURS = 8
FURTHER_ARTISTS = 24
SONGS_EACH = 20
GENRE_SONGS = 60
BELOW_GENRE = 8
DEEPER_SONGS = 100
DEPTHS = 50
"""Of a genre no more stretches than these are counted."""
LIKE_SONGS = 150
ROOT_SONGS = 20
AROUND_SONGS = 200
_FURTHER, _AROUND = 0.2, 0.08


@dataclass(slots=True)
class Pool:
    """Songs to choose from and how close each is, from 0 to 1; `artists` and `genres` are where the near ones lead."""

    songs: dict[str, Song] = field(default_factory=dict)
    closeness: dict[str, float] = field(default_factory=dict)
    artists: list[str] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)

    def add(self, songs: Iterable[Song], closeness: float) -> None:
        """More songs; one that is there already stays as close as it is."""
        for song in songs:
            if song.id not in self.songs:
                self.songs[song.id] = song
                self.closeness[song.id] = closeness

    def leave_out(self, ids: Collection[str]) -> None:
        """None of these."""
        self.songs = {id: song for id, song in self.songs.items() if id not in ids}


class Rings:
    """Reads what stands around a seed."""

    def __init__(self, store: Store, similar: Similar, shelf: Shelf) -> None:
        self._store = store
        self._similar = similar
        self._shelf = shelf

    async def near(self, viewer: Viewer, sight: Sight, seed: Seed, heard_through: Sequence[str]) -> Pool:
        """The seed's own songs and those near to it; `heard_through` is what a station without its seed grows from."""
        pool = Pool()
        if seed.kind == "artist":
            near = [artist.id for artist in await self._similar.artists(viewer, seed.id, FURTHER_ARTISTS)]
            pool.add(await self._shelf.of_artist(sight, seed.id, OWN_SONGS), 1.0)
            theirs = await _all(self._shelf.of_artist(sight, id, SONGS_EACH) for id in near[:NEIGHBOURS])
            for at, songs in enumerate(theirs):
                pool.add(songs, 0.9 - at / 20)
            pool.artists = near[NEIGHBOURS:]
        elif seed.kind == "song":
            like = (await self._similar.like(viewer, seed.id))[:LIKE_SONGS]
            songs_of = await self._shelf.these(sight, [seed.id, *like])
            for at, id in enumerate([seed.id, *like]):
                pool.add([songs_of[id]] if id in songs_of else [], max(_FURTHER, 1.0 - at / 200))
            pool.artists = [song.artist_id for song in songs_of.values()]
        elif seed.kind == "genre":
            below = await self._store.genres.find({"ancestor_ids": seed.id}, limit=BELOW_GENRE)
            ids = [seed.id, *(genre.id for genre in below)]
            found = await _all(self._shelf.of_genre(sight, id, GENRE_SONGS) for id in ids)
            for at, songs in enumerate(found):
                pool.add(songs, 1.0 if at == 0 else 0.8)
        else:
            roots = await self._shelf.these(sight, heard_through[:ROOT_SONGS])
            pool.add((roots[id] for id in heard_through if id in roots), 1.0)
            artists = list(dict.fromkeys(song.artist_id for song in pool.songs.values()))[:NEIGHBOURS]
            for songs in await _all(self._shelf.of_artist(sight, id, SONGS_EACH) for id in artists):
                pool.add(songs, 0.8)
        own = [song for song in pool.songs.values() if pool.closeness[song.id] == 1.0]
        genres = Counter(id for song in own or pool.songs.values() for id in song.genre_ids)
        pool.genres = [seed.id] if seed.kind == "genre" else [id for id, _ in genres.most_common(3)]
        pool.artists = list(dict.fromkeys(pool.artists))[:FURTHER_ARTISTS]
        return pool

    async def further(self, sight: Sight, pool: Pool, seed: Seed, depth: int) -> None:
        """Add what is further out: more of those genres and of the genres beside them, more artists alike.

        The nth `depth` is the nth stretch of the genres' songs, the most played first, and after the last the first.
        """
        skip = GENRE_SONGS if seed.kind == "genre" else 0
        finds = [self._deep(sight, id, skip, depth) for id in pool.genres[:3]]
        if pool.artists:
            finds.append(self._shelf.of_artists(sight, pool.artists, DEEPER_SONGS))
        for songs in await _all(finds):
            pool.add(songs, _FURTHER)
        known = await self._store.genres.get_many(pool.genres[:3])
        parents = list(dict.fromkeys(genre.parent_id for genre in known.values() if genre.parent_id is not None))
        if parents:
            beside = await self._store.genres.find({"parent_id": {"$in": parents}}, limit=BELOW_GENRE)
            ids = [*parents, *(genre.id for genre in beside if genre.id not in pool.genres)]
            for songs in await _all(self._shelf.of_genre(sight, id, SONGS_EACH) for id in ids):
                pool.add(songs, _FURTHER * 0.8)

    async def _deep(self, sight: Sight, genre_id: str, skip: int, depth: int) -> list[Song]:
        if depth:
            most = skip + DEPTHS * DEEPER_SONGS
            left = await self._store.songs.count({"genre_ids": genre_id}, limit=most) - skip
            depth %= max(1, math.ceil(left / DEEPER_SONGS))
        return await self._shelf.of_genre(sight, genre_id, DEEPER_SONGS, skip + depth * DEEPER_SONGS)

    async def around(self, sight: Sight, pool: Pool) -> None:
        """Add the most played of the library."""
        pool.add(await self._shelf.popular(sight, AROUND_SONGS), _AROUND)


async def _all(finds: Iterable[Awaitable[list[Song]]]) -> list[list[Song]]:
    return await asyncio.gather(*finds)
