"""What a station grows from: exactly one artist, song or genre, found as the viewer may see it.

Owns the reading of seeds and of the ids that name one. Refuses to know what follows from a seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.catalogue.artists import Artists
from services.catalogue.genres import Genres
from services.catalogue.songs import Songs
from services.errors import Invalid, NotFound
from services.typed_text import is_id
from services.viewer import Viewer
from storage.records import Radio

Kind = Literal["artist", "song", "genre", "memory"]


@dataclass(frozen=True, slots=True)
class Seed:
    """What a station grows from: its kind, id and name.

    The kind is artist, song or genre; or `memory`, with the kept station's id, when what it grew from is gone and it
    goes on from the songs that were heard on it.
    """

    kind: Kind
    id: str
    name: str

    @property
    def station_id(self) -> str:
        """The id of the station that is grown from it and not kept."""
        return f"{self.kind}:{self.id}"


class Seeds:
    """Finds what stations grow from."""

    def __init__(self, artists: Artists, songs: Songs, genres: Genres) -> None:
        self._artists = artists
        self._songs = songs
        self._genres = genres

    async def one(
        self, viewer: Viewer, artist_id: str | None = None, song_id: str | None = None, genre: str | None = None
    ) -> Seed:
        """The only seed given; a genre by id, slug or name. Invalid for none or several, NotFound for one not there."""
        if sum(each is not None for each in (artist_id, song_id, genre)) != 1:
            raise Invalid("Give exactly one of seedArtist, seedSong and seedGenre.", field="seedArtist")
        if artist_id is not None:
            return await self._artist(viewer, artist_id)
        if song_id is not None:
            return await self._song(viewer, song_id)
        return await self._genre(genre or "")

    async def named_by(self, viewer: Viewer, station_id: str) -> Seed | None:
        """The seed that a station's id names; None when the id is of a kept one. NotFound for one not there."""
        kind, colon, id = station_id.partition(":")
        if not colon or kind not in ("artist", "song", "genre"):
            return None
        if kind == "artist":
            return await self._artist(viewer, id)
        return await (self._song(viewer, id) if kind == "song" else self._genre(id))

    async def of(self, viewer: Viewer, radio: Radio) -> Seed:
        """What a kept station grows from: its memory, when the seed is gone or invisible by now."""
        try:
            return await self.one(viewer, radio.seed_artist_id, radio.seed_song_id, radio.seed_genre_id)
        except NotFound:
            return Seed("memory", radio.id, radio.name)

    async def _artist(self, viewer: Viewer, id: str) -> Seed:
        artist = (await self._artists.get_many(viewer, [id])).get(id) if is_id(id) else None
        if artist is None:
            raise NotFound("There is no such artist.", field="seedArtist")
        return Seed("artist", artist.id, artist.name)

    async def _song(self, viewer: Viewer, id: str) -> Seed:
        song = (await self._songs.get_many(viewer, [id])).get(id) if is_id(id) else None
        if song is None:
            raise NotFound("There is no such song.", field="seedSong")
        return Seed("song", song.id, song.title)

    async def _genre(self, text: str) -> Seed:
        genre = await self._genres.named(text)
        if genre is None:
            raise NotFound("There is no such genre.", field="seedGenre")
        return Seed("genre", genre.id, genre.name)
