"""Similar artists and songs: by who listens to both, by what they are, by having played together.

By the learned model where it knows the thing, by the newest plays where it does not.
Owns the blend. Every number of store commands is fixed, whatever the limit. Refuses to know the person who asks,
beyond what they may see.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.catalogue.access import sight_of
from services.catalogue.artists import Artists
from services.catalogue.songs import Songs
from services.discovery.collaborative.affinities import Affinities, Affinity
from services.discovery.heard_together import HeardTogether, Shared
from services.discovery.likeness import likeness, overlap
from services.discovery.recommending.pools import Pools
from services.discovery.shelf import Shelf
from services.errors import NotFound
from services.paging import slice_of
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import Document, Sort
from storage.records import Artist, Song

SEED_SONGS = 5
GENRES_LOOKED_AT = 3
ARTISTS_OF_GENRE = 50
POPULAR: Sort = (("monthly_listeners", -1),)
CANDIDATES = 150
_LISTENERS, _GENRES, _TOGETHER = 1.0, 0.6, 0.5
_HEARD_WITH, _ALIKE = 1.0, 0.8


@dataclass(frozen=True, slots=True)
class Heard:
    """What is heard by the same people: `ids`, the nearest first, and how near each is, from 0 to about 1, given how
    often it is heard at all."""

    ids: list[str]
    of: Callable[[str, int], float]


class Similar:
    """What is like an artist or a song."""

    def __init__(
        self,
        store: Store,
        artists: Artists,
        songs: Songs,
        together: HeardTogether,
        shelf: Shelf,
        pools: Pools,
        affinities: Affinities | None = None,
    ) -> None:
        self._affinities = affinities or Affinities()
        self._store = store
        self._artists = artists
        self._songs = songs
        self._together = together
        self._shelf = shelf
        self._pools = pools

    async def artists(self, viewer: Viewer, artist_id: str, limit: int | None = None) -> list[Artist]:
        """Artists like this one, the likest first; 20 unless told, 1 to 100. NotFound when absent or invisible."""
        rows = slice_of(limit=limit).limit
        if not is_id(artist_id):
            raise NotFound("There is no such artist.", field="artistId")
        seed = await self._artists.get(viewer, artist_id)
        sight = await sight_of(self._store, viewer)
        songs = await self._shelf.of_artist(sight, seed.id, even_muted=True)
        by_genre, heard = await asyncio.gather(
            self._of_genres(seed.genre_ids[:GENRES_LOOKED_AT]), self._artists_heard_with(seed.id, songs)
        )
        together = Counter(id for song in songs for id in song.artist_ids if id != seed.id)
        ids = {*by_genre, *heard.ids, *together} - {seed.id}
        known = await self._artists.get_many(viewer, sorted(ids, key=lambda id: (-heard.of(id, 0), id))[:CANDIDATES])
        scores = {
            id: _LISTENERS * heard.of(id, artist.monthly_listeners)
            + _GENRES * overlap(seed.genre_ids, artist.genre_ids)
            + _TOGETHER * (1 - 0.5 ** together[id])
            for id, artist in known.items()
        }
        ranked = sorted(
            (id for id in known if scores[id] > 0), key=lambda id: (-scores[id], -known[id].monthly_listeners, id)
        )
        return [known[id] for id in ranked[:rows]]

    async def songs(self, viewer: Viewer, song_id: str, limit: int | None = None) -> list[Song]:
        """Songs like this one, the likest first; 20 unless told, 1 to 100. NotFound when absent or invisible."""
        rows = slice_of(limit=limit).limit
        if not is_id(song_id):
            raise NotFound("There is no such song.", field="songId")
        await self._songs.get(viewer, song_id)
        ranked = await self.like(viewer, song_id)
        found = await self._songs.get_many(viewer, ranked[:rows])
        return [found[id] for id in ranked[:rows] if id in found]

    async def like(self, viewer: Viewer, song_id: str) -> list[str]:
        """The ids of songs like this one, the likest first; at most 150."""
        sight = await sight_of(self._store, viewer)
        seed = (await self._pools.these(sight, [song_id], even_muted=True)).get(song_id)
        if seed is None:
            raise NotFound("There is no such song.")
        of_genres = (self._pools.of_genre(sight, id) for id in seed.genre_ids[:GENRES_LOOKED_AT])
        heard, theirs, genres = await asyncio.gather(
            self._songs_heard_with(song_id), self._shelf.of_artist(sight, seed.artist_id), asyncio.gather(*of_genres)
        )
        known = {song.id: song for song in (*theirs, *(song for of_genre in genres for song in of_genre))}
        missing = [id for id in heard.ids[:CANDIDATES] if id not in known]
        known |= await self._pools.these(sight, missing)
        known.pop(song_id, None)
        scores = {
            id: _HEARD_WITH * heard.of(id, song.play_count) + _ALIKE * likeness(seed, song)
            for id, song in known.items()
        }
        return sorted(known, key=lambda id: (-scores[id], -known[id].play_count, id))[:CANDIDATES]

    async def _artists_heard_with(self, artist_id: str, songs: Sequence[Song]) -> Heard:
        if near := self._affinities.near_artist(artist_id, CANDIDATES):
            return _by_model(near)
        return _by_plays(await self._together.artists([song.id for song in songs[:SEED_SONGS]]))

    async def _songs_heard_with(self, song_id: str) -> Heard:
        if near := self._affinities.near_song(song_id, CANDIDATES):
            return _by_model(near)
        return _by_plays(await self._together.songs(song_id))

    async def _of_genres(self, genre_ids: Sequence[str]) -> set[str]:
        artists = self._store.artists

        async def of(genre_id: str) -> list[Document]:
            return await artists.engine.find(
                artists.name, {"genre_ids": genre_id}, sort=POPULAR, limit=ARTISTS_OF_GENRE, fields=["_id"]
            )

        return {row["_id"] for found in await asyncio.gather(*map(of, genre_ids)) for row in found}


def _by_model(near: Sequence[Affinity]) -> Heard:
    most = max((each.score for each in near), default=1.0)
    scores = {each.id: each.score / most for each in near}
    return Heard(list(scores), lambda id, popularity: scores.get(id, 0.0))


def _by_plays(shared: Shared) -> Heard:
    ids = [id for id, _ in shared.counted.most_common()]
    return Heard(ids, lambda id, popularity: _share(shared.counted.get(id, 0), shared.people, popularity))


def _share(shared: int, people: int, popularity: int) -> float:
    """How much of what these people share is more than the thing's popularity explains: a damped cosine."""
    if not people or not shared:
        return 0.0
    return shared / math.sqrt(people * (shared + math.log1p(popularity)))
