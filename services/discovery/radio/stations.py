"""Stations: heard from a seed or kept, gone on with page by page, and learning from what their listener does.

Owns what a station plays next: which rings of songs it has reached, the day's mix, and what the listener's reactions
make of it. A station that is not kept has an id that names its seed. Refuses to know players and queues.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.catalogue.access import Sight, sight_of
from services.catalogue.songs import Songs
from services.clock import Clock
from services.discovery.chance import chance_of
from services.discovery.collaborative.affinities import Affinities
from services.discovery.radio.adapting import Adapting, Deed, adapt
from services.discovery.radio.cursor import BEGINNING, Cursor, mark, read_place, since, write_place
from services.discovery.radio.reactions import Reactions
from services.discovery.radio.rings import Pool, Rings
from services.discovery.radio.seeds import Seed, Seeds
from services.discovery.radio.sequence import stretch
from services.discovery.shelf import Shelf
from services.errors import Conflict, Invalid, NotFound
from services.paging import PAGE_LIMIT, slice_of
from services.typed_text import is_id, read_plain
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Radio, Song

NAME_LIMIT = 100
KEPT_LIMIT = 100
FEW_SONGS = 20
"""Of fewer songs than this no station is made: it reaches out to the whole library at once."""
STRETCH = 100
"""After so many songs it reads on where its genres were read to."""


@dataclass(frozen=True, slots=True)
class StationPage:
    """What a station plays next, and the cursor after it: None where nothing can follow."""

    songs: list[Song]
    end_cursor: str | None


@dataclass(slots=True)
class Station:
    """A station as it is shown, from `place` on. `record` is None for one that is not kept."""

    id: str
    name: str
    seed: Seed
    record: Radio | None
    size: int
    place: Cursor = BEGINNING
    page: StationPage | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Stations:
    """Radio stations."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        songs: Songs,
        seeds: Seeds,
        rings: Rings,
        reactions: Reactions,
        shelf: Shelf,
        affinities: Affinities,
    ) -> None:
        self._store = store
        self._clock = clock
        self._songs = songs
        self._seeds = seeds
        self._rings = rings
        self._reactions = reactions
        self._shelf = shelf
        self._affinities = affinities

    async def tune(
        self,
        viewer: Viewer,
        *,
        id: str | None = None,
        seed_artist: str | None = None,
        seed_song: str | None = None,
        seed_genre: str | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Station:
        """The station of exactly one of these. Invalid for none or several; NotFound for a seed or station not there.

        `limit` is how many songs it shows: 50 unless told, 1 to 100; `after` is where an earlier page of the same
        station ended. Invalid for another's cursor.
        """
        size = slice_of(limit=limit, default=50).limit
        if sum(each is not None for each in (id, seed_artist, seed_song, seed_genre)) != 1:
            raise Invalid("Give exactly one of id, seedArtist, seedSong and seedGenre.", field="seedArtist")
        if id is not None:
            station = await self._by_id(viewer, id, size)
        else:
            seed = await self._seeds.one(viewer, seed_artist, seed_song, seed_genre)
            station = Station(seed.station_id, f"{seed.name} Radio", seed, None, size)
        if after is not None:
            station.place = read_place(station.id, after)
        return station

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
        seed = await self._seeds.one(viewer, seed_artist, seed_song, seed_genre)
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
        """Remove a kept station, with what was skipped on it. NotFound when it is absent or somebody else's."""
        user_id = viewer.require(Role.LISTENER)
        if not is_id(id) or not await self._store.radios.delete({"_id": id, "user_id": user_id}):
            raise NotFound("There is no such station.", field="radioId")
        await self._store.station_skips.delete({"_id": f"{user_id}:{id}"})

    async def page(self, viewer: Viewer, station: Station) -> StationPage:
        """What the station plays from its place on, `station.size` songs at most; worked out once for a station."""
        async with station.turn:
            if station.page is None:
                station.page = await self._page(viewer, station)
        return station.page

    async def songs(self, viewer: Viewer, station: Station) -> list[Song]:
        """The songs of that page."""
        return (await self.page(viewer, station)).songs

    async def more(self, viewer: Viewer, id: str, played: Sequence[str], limit: int = 25) -> tuple[str, list[Song]]:
        """A station's name and what it plays after these songs (ids in order, the newest last): up to 100.

        NotFound for a station that is not there.
        """
        station = await self._by_id(viewer, id, min(limit, PAGE_LIMIT))
        last = (await self._songs.get_many(viewer, list(played[-1:]))).get(played[-1]) if played else None
        station.place = since(played, last.artist_id if last is not None else "")
        return station.name, await self.songs(viewer, station)

    async def skipped(self, viewer: Viewer, id: str, song_id: str) -> None:
        """A queue that plays this station was told to go past this song within its first thirty seconds."""
        await self._reactions.skipped(viewer.require(Role.LISTENER), id, song_id)

    async def seed_of(self, viewer: Viewer, radio: Radio) -> Seed:
        """What a kept station grows from."""
        return await self._seeds.of(viewer, radio)

    async def _page(self, viewer: Viewer, station: Station) -> StationPage:
        sight = await sight_of(self._store, viewer)
        adapting, heard_through = await self._adapting(viewer, sight, station)
        if station.seed.kind == "memory" and not heard_through:
            raise NotFound("What this station grew from is not here any more.", field="id")
        pool = await self._pool(viewer, sight, station, heard_through)
        if len(pool.songs) - len(adapting.refused() & pool.songs.keys()) >= FEW_SONGS:
            pool.leave_out(adapting.refused())
        day = self._clock.now().date().isoformat()

        def weigh(song: Song, shuffle: int) -> float:
            # The same all day, another mix tomorrow; what fits better comes sooner more often.
            chance = chance_of(f"{station.id}:{day}:{shuffle}:{song.id}")
            return pool.closeness[song.id] * (0.4 + chance) * adapting.factor(song)

        weights: dict[tuple[str, int], float] = {}

        def weigh_once(song: Song, shuffle: int) -> float:
            key = (song.id, shuffle)
            if key not in weights:
                weights[key] = weigh(song, shuffle)
            return weights[key]

        opening = station.seed.id if station.seed.kind == "song" else ""
        # Some milliseconds of work over hundreds of songs.
        next_songs = await asyncio.to_thread(stretch, pool.songs, weigh_once, station.place, station.size, opening)
        ids = [song.id for song in next_songs.songs]
        found = await self._songs.get_many(viewer, ids)
        end = None if next_songs.end is None else write_place(station.id, next_songs.end)
        return StationPage([found[id] for id in ids if id in found], end)

    async def _pool(self, viewer: Viewer, sight: Sight, station: Station, heard_through: Sequence[str]) -> Pool:
        """The rings that the station has reached: the near one, and those further out as it runs short of songs.

        By what the longest page would need, so that a page costs the same whatever its length.
        """
        pool = await self._rings.near(viewer, sight, station.seed, heard_through)
        waiting, played = set(station.place.recent), station.place.played

        def runs_short() -> bool:
            return sum(mark(id) not in waiting for id in pool.songs) < PAGE_LIMIT

        if runs_short():
            await self._rings.further(sight, pool, station.seed, played // STRETCH)
        if len(pool.songs) < FEW_SONGS or (played and runs_short()):
            await self._rings.around(sight, pool)
        return pool

    async def _adapting(self, viewer: Viewer, sight: Sight, station: Station) -> tuple[Adapting, list[str]]:
        """What the viewer's reactions come to, and the songs they heard through or liked on this station."""
        if viewer.user_id is None:
            return Adapting(), []
        reactions = await self._reactions.of(viewer.user_id, station.id, station.place)
        outlines = await self._shelf.these(sight, [each.song_id for each in reactions])
        made = adapt(reactions, outlines, self._clock.now().date(), self._affinities.near_song)
        welcome = [each.song_id for each in reactions if each.deed is not Deed.SKIPPED]
        return made, [id for id in dict.fromkeys(welcome) if made.songs.get(id, 0.0) > 0]

    async def _by_id(self, viewer: Viewer, id: str, size: int) -> Station:
        if not is_id(id):
            raise NotFound("There is no such station.", field="id")
        named = await self._seeds.named_by(viewer, id)
        if named is not None:
            return Station(named.station_id, f"{named.name} Radio", named, None, size)
        radio = await self._store.radios.get(id) if viewer.signed_in else None
        if radio is None or radio.user_id != viewer.user_id:
            raise NotFound("There is no such station.", field="id")
        return Station(radio.id, radio.name, await self.seed_of(viewer, radio), radio, size)


def _read_name(text: str) -> str:
    name = read_plain(text, "name", "A name", NAME_LIMIT)
    if not name:
        raise Invalid("A station needs a name.", field="name")
    return name
