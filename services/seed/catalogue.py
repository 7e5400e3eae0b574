"""The made-up catalogue: genres, artists, albums and songs, in the proportions of a real one.

Owns the records and their popularity; songs have no sound. Refuses to know people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from services.clock import encode_id, to_epoch_ms
from services.library.names import fold, slug, sort_name
from services.seed import words
from services.seed.scale import Scale
from storage.records import Album, Artist, AudioFeatures, Credit, Genre, Song

EARLIEST_YEAR = 1960


class Ids:
    """Ids in order of time, the same for the same seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def at(self, moment: datetime) -> str:
        """An id made at `moment`."""
        return encode_id(to_epoch_ms(moment) << 80 | self._random.getrandbits(80))


@dataclass(slots=True)
class _Shelf:
    """What one artist is made of, in memory while the catalogue is written."""

    artist: Artist
    genre: Genre
    album_count: int


class MadeUpCatalogue:
    """Generates records; iterate each part once, in the order genres, artists, albums with their songs."""

    def __init__(self, scale: Scale, seed: int, as_of: datetime) -> None:
        self.scale = scale
        self.as_of = as_of
        self._random = Random(f"catalogue {seed}")
        self._ids = Ids(self._random)
        self._shelves: list[_Shelf] = []
        self._genres: dict[str, Genre] = {}
        self._slugs: dict[str, int] = {}
        self._leaves: list[Genre] = []

    def genres(self) -> Iterator[Genre]:
        """The tree, two levels deep."""
        for top, below in words.GENRES:
            parent = self._genre(top, None)
            yield parent
            for name in below:
                leaf = self._genre(name, parent)
                self._leaves.append(leaf)
                yield leaf

    def artists(self) -> Iterator[Artist]:
        """Artists; the first are the most prolific."""
        per_artist = self.scale.albums / self.scale.artists
        left = self.scale.albums
        for number in range(self.scale.artists):
            name = words.artist_name(self._random)
            genre = self._random.choice(self._leaves)
            came = self._came()
            artist = Artist(
                id=self._ids.at(came),
                name=name,
                sort_name=sort_name(name),
                slug=self._slug(name, "artist"),
                identity_key=f"{fold(name)}#{number}",
                created_at=came,
                updated_at=came,
                bio=f"{name} play {genre.name.lower()}.",
                country=self._random.choice(words.COUNTRIES),
                genre_ids=[genre.id, *genre.ancestor_ids],
                verified=number % 50 == 0,
            )
            remaining = self.scale.artists - number
            most = left - remaining + 1
            albums = max(1, min(most, round(self._random.expovariate(1 / per_artist)))) if remaining > 1 else left
            left -= albums
            self._shelves.append(_Shelf(artist, genre, albums))
            artist.album_count = albums
            yield artist

    def albums(self) -> Iterator[tuple[Album, list[Song]]]:
        """Albums with their songs; the songs of all albums together are exactly as many as the scale says."""
        left = self.scale.songs
        albums_left = sum(shelf.album_count for shelf in self._shelves)
        for shelf in self._shelves:
            for _ in range(shelf.album_count):
                mean = left / albums_left
                tracks = left if albums_left == 1 else round(self._random.uniform(0.6, 1.4) * mean)
                tracks = max(0, min(tracks, left))
                yield self._album(shelf, tracks)
                left -= tracks
                albums_left -= 1

    def _album(self, shelf: _Shelf, tracks: int) -> tuple[Album, list[Song]]:
        random, artist = self._random, shelf.artist
        title, came = words.title(random), self._came()
        released = self._released()
        credit = [Credit(artist.id, artist.name)]
        album = Album(
            id=self._ids.at(came),
            title=title,
            sort_title=sort_name(title),
            slug=self._slug(title, "album"),
            identity_key=f"{artist.id}:{fold(title)}:{self._random.getrandbits(64):x}",
            artist_id=artist.id,
            artist_credit=artist.name,
            created_at=came,
            updated_at=came,
            credits=credit,
            album_type="single" if tracks <= 2 else "ep" if tracks <= 6 else "album",
            release_date=released,
            label=f"{artist.country} Records",
            genre_ids=[shelf.genre.id, *shelf.genre.ancestor_ids],
            total_tracks=tracks,
        )
        songs = [self._song(shelf, album, number) for number in range(1, tracks + 1)]
        album.total_duration_ms = sum(song.duration_ms for song in songs)
        album.is_explicit = any(song.is_explicit for song in songs)
        return album, songs

    def _song(self, shelf: _Shelf, album: Album, number: int) -> Song:
        random, artist = self._random, shelf.artist
        title = words.title(random)
        guests = [random.choice(self._shelves).artist] if random.random() < 0.08 else []
        guests = [guest for guest in guests if guest.id != artist.id]
        credits = [Credit(artist.id, artist.name, "main", " feat. " if guests else "")]
        credits += [Credit(guest.id, guest.name, "featured") for guest in guests]
        energy = random.betavariate(2, 2)
        return Song(
            id=self._ids.at(album.created_at),
            title=title,
            sort_title=sort_name(title),
            slug=self._slug(title, "song"),
            artist_id=artist.id,
            artist_credit="".join(credit.name + credit.join for credit in credits),
            created_at=album.created_at,
            updated_at=album.created_at,
            credits=credits,
            artist_ids=[credit.artist_id for credit in credits],
            album_id=album.id,
            album_title=album.title,
            duration_ms=int(random.triangular(90_000, 480_000, 210_000)),
            track_number=number,
            disc_number=1,
            release_date=album.release_date,
            year=int((album.release_date or "2000")[:4]),
            genre_id=shelf.genre.id,
            genre_ids=list(album.genre_ids),
            is_explicit=random.random() < 0.08,
            mood=random.choice(words.MOODS),
            language=random.choice(words.LANGUAGES),
            features=AudioFeatures(
                tempo=round(random.gauss(118, 24), 1),
                key=random.choice(words.KEYS),
                energy=round(energy, 3),
                danceability=round(random.betavariate(3, 2), 3),
                valence=round(min(1.0, max(0.0, random.gauss(energy, 0.2))), 3),
            ),
        )

    def _genre(self, name: str, parent: Genre | None) -> Genre:
        came = self.as_of - timedelta(days=1500)
        made = Genre(self._ids.at(came), name, fold(name), slug(name, "genre"), came, came)
        if parent is not None:
            made.parent_id, made.ancestor_ids = parent.id, [*parent.ancestor_ids, parent.id]
        return made

    def _came(self) -> datetime:
        """When something came into the library: within three years, to the millisecond."""
        return self.as_of - timedelta(milliseconds=self._random.randrange(1, 1000 * 86_400_000))

    def _released(self) -> str:
        """Most music is recent: the density of release years falls off by half in ten years."""
        years_ago = min(self._random.expovariate(1 / 14), self.as_of.year - EARLIEST_YEAR - 1)
        return (self.as_of - timedelta(days=int(years_ago * 365.25) + 1)).date().isoformat()

    def _slug(self, name: str, usual: str) -> str:
        base = slug(name, usual)
        seen = self._slugs[base] = self._slugs.get(base, 0) + 1
        # Another kind of thing may have the same slug; within one kind this stays unique, which is what counts.
        return base if seen == 1 else f"{base}-{seen}"
