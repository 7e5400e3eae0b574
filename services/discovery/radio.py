"""Radio: stations grown from an artist, a song or a genre, kept or just heard.

Owns what a station plays: the seed's own songs, those like it and those of its genres, mixed anew every day. A station
that is not kept has an id that names its seed, so it can be asked for again. Refuses to know the player.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.catalogue.access import Sight, sight_of
from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.clock import Clock
from services.discovery.picks import Picks, Reason, Why, in_order
from services.discovery.shelf import Shelf
from services.discovery.similar import Similar
from services.errors import Conflict, Invalid, NotFound
from services.paging import slice_of
from services.typed_text import is_id, read_plain
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Radio, Song

NAME_LIMIT = 100
KEPT_LIMIT = 100
NEIGHBOURS = 8
SONGS_EACH = 20
BELOW_GENRE = 8


@dataclass(frozen=True, slots=True)
class Seed:
    """What a station grows from: its kind (artist, song or genre), id and name."""

    kind: str
    id: str
    name: str


@dataclass(slots=True)
class Station:
    """A station as it is shown. `record` is None for one that is not kept."""

    id: str
    name: str
    seed: Seed
    record: Radio | None
    size: int


class Stations:
    """Radio stations."""

    def __init__(
        self, store: Store, clock: Clock, artists: Artists, songs: Songs, genres: Genres, similar: Similar, shelf: Shelf
    ) -> None:
        self._store = store
        self._clock = clock
        self._artists = artists
        self._songs = songs
        self._genres = genres
        self._similar = similar
        self._shelf = shelf

    async def tune(
        self,
        viewer: Viewer,
        *,
        id: str | None = None,
        seed_artist: str | None = None,
        seed_song: str | None = None,
        seed_genre: str | None = None,
        limit: int | None = None,
    ) -> Station:
        """The station of exactly one of these. Invalid for none or several; NotFound for a seed or station not there.

        `limit` is how many songs it shows: 50 unless told, 1 to 100.
        """
        size = slice_of(limit=limit, default=50).limit
        given = [each for each in (id, seed_artist, seed_song, seed_genre) if each is not None]
        if len(given) != 1:
            raise Invalid("Give exactly one of id, seedArtist, seedSong and seedGenre.", field="seedArtist")
        if id is not None:
            return await self._by_id(viewer, id, size)
        seed = await self._seed(viewer, seed_artist, seed_song, seed_genre)
        return Station(f"{seed.kind}:{seed.id}", f"{seed.name} Radio", seed, None, size)

    async def keep(
        self,
        viewer: Viewer,
        *,
        name: str | None = None,
        seed_artist: str | None = None,
        seed_song: str | None = None,
        seed_genre: str | None = None,
    ) -> Station:
        """A new kept station. Invalid unless there is exactly one seed; NotFound when it is gone; Conflict over 100."""
        user_id = viewer.require(Role.LISTENER)
        if sum(each is not None for each in (seed_artist, seed_song, seed_genre)) != 1:
            raise Invalid("Give exactly one of seedArtist, seedSong and seedGenre.", field="seedArtist")
        seed = await self._seed(viewer, seed_artist, seed_song, seed_genre)
        title = f"{seed.name} Radio"[:NAME_LIMIT] if name is None else _read_name(name)
        if await self._store.radios.count({"user_id": user_id}, limit=KEPT_LIMIT) >= KEPT_LIMIT:
            raise Conflict(f"You may keep {KEPT_LIMIT} stations.", code="TOO_MANY_STATIONS")
        now = self._clock.now()
        radio = Radio(self._clock.new_id(), user_id, title, now, now)
        setattr(radio, f"seed_{seed.kind}_id", seed.id)
        await self._store.radios.insert(radio)
        return Station(radio.id, radio.name, seed, radio, 50)

    async def kept(self, viewer: Viewer, limit: int | None = None) -> list[Radio]:
        """The viewer's kept stations, the newest first; 50 unless told, 1 to 100."""
        user_id = viewer.require(Role.LISTENER)
        rows = slice_of(limit=limit, default=50).limit
        return await self._store.radios.find({"user_id": user_id}, sort=[("created_at", -1)], limit=rows)

    async def drop(self, viewer: Viewer, id: str) -> None:
        """Remove a kept station. NotFound when it is absent or somebody else's."""
        user_id = viewer.require(Role.LISTENER)
        if not is_id(id) or not await self._store.radios.delete({"_id": id, "user_id": user_id}):
            raise NotFound("There is no such station.", field="radioId")

    async def songs(self, viewer: Viewer, station: Station) -> list[Song]:
        """What the station plays today, `station.size` at most; the seed song or an artist's own song first."""
        sight = await sight_of(self._store, viewer)
        groups = await self._groups(viewer, sight, station.seed)
        day = self._clock.now().date().isoformat()
        picks = Picks()
        for share, group in groups:
            for song in group:
                # The same all day, another mix tomorrow; what fits better comes sooner more often.
                chance = _chance(f"{station.id}:{day}:{song.id}")
                picks.add(song, share * (0.4 + chance), Reason(Why.SHARED, station.seed.id))
        if station.seed.kind == "song":
            picks.lift(station.seed.id, 100.0)
        ordered = [pick.song.id for pick in in_order(picks.all(), (), station.size)]
        found = await self._songs.get_many(viewer, ordered)
        return [found[id] for id in ordered if id in found]

    async def _groups(self, viewer: Viewer, sight: Sight, seed: Seed) -> list[tuple[float, list[Song]]]:
        if seed.kind == "song":
            like = (await self._similar.like(viewer, seed.id))[:150]
            songs = await self._shelf.these(sight, [seed.id, *like])
            return [(1.0 - at / 200, [songs[id]]) for at, id in enumerate([seed.id, *like]) if id in songs]
        if seed.kind == "genre":
            below = await self._store.genres.find({"ancestor_ids": seed.id}, limit=BELOW_GENRE)
            of_genres = await self._many(self._shelf.of_genre, sight, [seed.id, *(genre.id for genre in below)], 60)
            return [(1.0 if at == 0 else 0.8, songs) for at, songs in enumerate(of_genres)]
        near = await self._similar.artists(viewer, seed.id, NEIGHBOURS)
        own = await self._shelf.of_artist(sight, seed.id)
        theirs = await self._many(self._shelf.of_artist, sight, [artist.id for artist in near], SONGS_EACH)
        return [(1.0, own), *((0.9 - at / 20, songs) for at, songs in enumerate(theirs))]

    async def _many(
        self, find: Callable[[Sight, str, int], Awaitable[list[Song]]], sight: Sight, ids: Sequence[str], each: int
    ) -> list[list[Song]]:
        return await asyncio.gather(*(find(sight, id, each) for id in ids))

    async def _by_id(self, viewer: Viewer, id: str, size: int) -> Station:
        kind, colon, seed_id = id.partition(":")
        if not is_id(id):
            raise NotFound("There is no such station.", field="id")
        if colon and kind in ("artist", "song", "genre"):
            seed = await self._seed(viewer, **{f"seed_{k}": seed_id if k == kind else None for k in _KINDS})
            return Station(id, f"{seed.name} Radio", seed, None, size)
        radio = await self._store.radios.get(id) if viewer.signed_in else None
        if radio is None or radio.user_id != viewer.user_id:
            raise NotFound("There is no such station.", field="id")
        return Station(radio.id, radio.name, await self.seed_of(viewer, radio), radio, size)

    async def seed_of(self, viewer: Viewer, radio: Radio) -> Seed:
        """What a kept station grows from. NotFound when that is gone or invisible by now."""
        return await self._seed(viewer, radio.seed_artist_id, radio.seed_song_id, radio.seed_genre_id)

    async def _seed(
        self,
        viewer: Viewer,
        seed_artist: str | None = None,
        seed_song: str | None = None,
        seed_genre: str | None = None,
    ) -> Seed:
        id = seed_artist or seed_song or seed_genre or ""
        if seed_artist is not None:
            artist = (await self._artists.get_many(viewer, [id])).get(id) if is_id(id) else None
            if artist is not None:
                return Seed("artist", artist.id, artist.name)
            raise NotFound("There is no such artist.", field="seedArtist")
        if seed_song is not None:
            song = (await self._songs.get_many(viewer, [id])).get(id) if is_id(id) else None
            if song is not None:
                return Seed("song", song.id, song.title)
            raise NotFound("There is no such song.", field="seedSong")
        genre = await self._genres.named(id)
        if genre is None:
            raise NotFound("There is no such genre.", field="seedGenre")
        return Seed("genre", genre.id, genre.name)


_KINDS = ("artist", "song", "genre")


def _read_name(text: str) -> str:
    name = read_plain(text, "name", "A name", NAME_LIMIT)
    if not name:
        raise Invalid("A station needs a name.", field="name")
    return name


def _chance(text: str) -> float:
    digest = hashlib.blake2b(text.encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
