"""A large made-up library to search in: artists, albums, songs and playlists, the same for the same size.

Owns the records and writing them through the store, once a folder. Refuses to know how they are indexed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from tqdm import tqdm

from bench.searches.vocabulary import Vocabulary
from services.seed.scale import Scale
from storage.collections.store import Store
from storage.engine import Insert
from storage.records import Album, Artist, AudioFeatures, Credit, Genre, Playlist, Song

SEED = 6
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = 2_000
GENRES = 40
MOODS = ("calm", "dark", "dreamy", "energetic", "happy", "melancholic", "romantic", "tense")
LANGUAGES = ("en", "en", "en", "de", "es", "fr", "ja", "pt")
VERSIONS = (" (Live)", " (Remix)", " (Remastered 2011)", " - Radio Edit", " (Acoustic)", " (Instrumental)")


@dataclass(frozen=True, slots=True)
class Tune:
    """A song as far as a question needs it."""

    id: str
    title: str
    artist: str


class Catalogue:
    """The made-up library of `songs` songs: a tenth as many artists and albums, a fiftieth as many playlists."""

    def __init__(self, songs: int, seed: int = SEED) -> None:
        self.scale = Scale(artists=max(10, songs // 10), songs=songs, users=0, plays=0)
        self.vocabulary = Vocabulary(seed)
        self._seed = seed

    def artists(self) -> list[Artist]:
        """The first are the most prolific and the best known."""
        random = Random(f"artists {self._seed}")
        return [self._artist(number, random) for number in range(self.scale.artists)]

    def albums(self, artists: list[Artist]) -> Iterator[tuple[Album, list[Song]]]:
        """Albums of ten songs each."""
        random = Random(f"albums {self._seed}")
        shares = list(accumulate(1 / (rank + 20) ** 0.8 for rank in range(len(artists))))
        for number in range(max(1, self.scale.songs // 10)):
            artist = random.choices(artists, cum_weights=shares)[0]
            yield self._album(number, artist, artists, random)

    def playlists(self) -> Iterator[Playlist]:
        """Public ones."""
        random = Random(f"playlists {self._seed}")
        for number in range(self.scale.songs // 50):
            name = self.vocabulary.title(random)
            yield Playlist(f"playlist{number:07}", name, f"list-{number}", "u0", AS_OF, AS_OF)

    def sample(self, songs: list[Tune], count: int, name: str) -> list[Tune]:
        """Some of the songs, the same each time."""
        return Random(f"{name} {self._seed}").sample(songs, min(count, len(songs)))

    def _artist(self, number: int, random: Random) -> Artist:
        name = self.vocabulary.artist(random)
        return Artist(
            f"artist{number:07}", name, name.lower(), f"artist-{number}", f"made:{number}", *self._times(random),
            genre_ids=[f"genre{number % GENRES}"], is_kept=True, monthly_listeners=_popularity(random),
        )  # fmt: skip

    def _album(self, number: int, artist: Artist, artists: list[Artist], random: Random) -> tuple[Album, list[Song]]:
        title, came = self.vocabulary.title(random), self._times(random)
        year = AS_OF.year - min(60, int(random.expovariate(1 / 14)))
        album = Album(
            f"album{number:07}", title, title.lower(), f"album-{number}", f"made:{number}", artist.id, artist.name,
            *came, credits=[Credit(artist.id, artist.name)], genre_ids=list(artist.genre_ids), release_date=str(year),
            total_tracks=10, play_count=_popularity(random),
        )  # fmt: skip
        return album, [self._song(number * 10 + n, album, artist, artists, year, random) for n in range(10)]

    def _song(
        self, number: int, album: Album, artist: Artist, artists: list[Artist], year: int, random: Random
    ) -> Song:
        title = self.vocabulary.title(random)
        if random.random() < 0.1:
            title += random.choice(VERSIONS)
        credits = [Credit(artist.id, artist.name)]
        if random.random() < 0.08 and (guest := random.choice(artists)).id != artist.id:
            credits = [Credit(artist.id, artist.name, "main", " feat. "), Credit(guest.id, guest.name, "featured")]
        return Song(
            f"song{number:08}", title, title.lower(), f"song-{number}", artist.id,
            "".join(credit.name + credit.join for credit in credits), album.created_at, album.updated_at,
            credits=credits, artist_ids=[credit.artist_id for credit in credits], album_id=album.id,
            album_title=album.title, duration_ms=int(random.triangular(90_000, 480_000, 210_000)),
            track_number=number % 10 + 1, disc_number=1, release_date=album.release_date, year=year,
            genre_id=artist.genre_ids[0], genre_ids=list(artist.genre_ids), is_explicit=random.random() < 0.08,
            mood=random.choice(MOODS), language=random.choice(LANGUAGES), play_count=_popularity(random),
            features=AudioFeatures(tempo=round(random.gauss(118, 24), 1), energy=round(random.random(), 3)),
        )  # fmt: skip

    def _times(self, random: Random) -> tuple[datetime, datetime]:
        came = AS_OF - timedelta(milliseconds=random.randrange(1, 1000 * 86_400_000))
        return came, came


def _popularity(random: Random) -> int:
    """Most are heard a few times, some by millions."""
    return min(50_000_000, int(random.paretovariate(0.6)) - 1)


async def fill(store: Store, catalogue: Catalogue) -> None:
    """Write the library into an empty store."""
    genres = [Genre(f"genre{n}", f"Genre {n}", f"genre {n}", f"genre-{n}", AS_OF, AS_OF) for n in range(GENRES)]
    await store.genres.bulk([Insert(store.genres.codec.encode(genre)) for genre in genres])
    artists = catalogue.artists()
    for at in range(0, len(artists), BATCH):
        await store.artists.bulk([Insert(store.artists.codec.encode(row)) for row in artists[at : at + BATCH]])
    albums: list[Insert] = []
    songs: list[Insert] = []
    with tqdm(total=catalogue.scale.songs, desc="writing songs", unit=" songs", disable=None) as bar:
        for album, tracks in catalogue.albums(artists):
            albums.append(Insert(store.albums.codec.encode(album)))
            songs += [Insert(store.songs.codec.encode(song)) for song in tracks]
            if len(songs) >= BATCH:
                bar.update(len(songs))
                await store.albums.bulk(albums)
                await store.songs.bulk(songs)
                albums, songs = [], []
        if songs:
            await store.albums.bulk(albums)
            await store.songs.bulk(songs)
    rows = [Insert(store.playlists.codec.encode(row)) for row in catalogue.playlists()]
    for at in range(0, len(rows), BATCH):
        await store.playlists.bulk(rows[at : at + BATCH])


async def tunes(store: Store) -> list[Tune]:
    """Every song there is, as far as questions need it."""
    found: list[Tune] = []
    async for rows in store.engine.scan("songs", {}, batch=BATCH, fields=("title", "artist_credit")):
        found += [Tune(row["_id"], row["title"], row["artist_credit"]) for row in rows]
    return found
