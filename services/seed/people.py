"""The made-up listeners: accounts with tastes, what they like and follow, their playlists and reviews.

Owns the records and the sampling. Refuses to know how anything is written.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from services.accounts.details import email_key, username_key
from services.library.names import slug
from services.seed import words
from services.seed.catalogue import Ids
from services.seed.scale import Scale
from storage.records import Edge, Playlist, PlaylistEntry, Song, User

DOMAIN = "seed.invalid"


@dataclass(frozen=True, slots=True)
class Tune:
    """What has to be kept in memory of each song while people are made up."""

    id: str
    album_id: str
    artist_ids: tuple[str, ...]
    genre_ids: tuple[str, ...]
    duration_ms: int


def tune_of(song: Song) -> Tune:
    """The part of a song that people's lives need."""
    return Tune(song.id, song.album_id or "", tuple(song.artist_ids), tuple(song.genre_ids), song.duration_ms)


class Popularity:
    """Draws things by Zipf's law: the n-th most popular is drawn in proportion to 1 / n^0.9."""

    def __init__(self, count: int, random: Random) -> None:
        self._order = list(range(count))
        random.shuffle(self._order)
        self._sums = list(accumulate(1 / (rank + 1) ** 0.9 for rank in range(count)))

    def draw(self, random: Random) -> int:
        """One position."""
        return self._order[min(bisect(self._sums, random.random() * self._sums[-1]), len(self._order) - 1)]


class MadeUpPeople:
    """Generates accounts and what they do; each part may be iterated once."""

    def __init__(
        self, scale: Scale, seed: int, as_of: datetime, tunes: Sequence[Tune], album_ids: Sequence[str],
        artist_ids: Sequence[str],
    ) -> None:  # fmt: skip
        self.scale = scale
        self.as_of = as_of
        self._random = Random(f"people {seed}")
        self._ids = Ids(self._random)
        self._tunes = tunes
        self._album_ids = album_ids
        self._artist_ids = artist_ids
        self.popularity = Popularity(len(tunes), self._random)
        self._artists = Popularity(len(artist_ids), self._random)
        self.user_ids: list[str] = []
        self.countries: dict[str, str] = {}

    def users(self, password_hash: str) -> Iterator[User]:
        """Accounts named listener1, listener2, …"""
        for number in range(1, self.scale.users + 1):
            came = self._moment(900)
            first, last = words.person(self._random)
            name = f"listener{number}"
            user = User(
                id=self._ids.at(came),
                email=f"{name}@{DOMAIN}",
                email_key=email_key(f"{name}@{DOMAIN}"),
                username=name,
                username_key=username_key(name),
                password_hash=password_hash,
                created_at=came,
                updated_at=came,
                first_name=first,
                last_name=last,
                country=self._random.choice(words.COUNTRIES),
                is_verified=True,
            )
            self.user_ids.append(user.id)
            self.countries[user.id] = user.country or ""
            yield user

    def likes(self) -> Iterator[Edge]:
        """About 20 liked songs each."""
        yield from self._edges(20, lambda: self._tunes[self.popularity.draw(self._random)].id)

    def saves(self) -> Iterator[Edge]:
        """About 5 saved albums each."""
        yield from self._edges(5, lambda: self._random.choice(self._album_ids))

    def artist_follows(self) -> Iterator[Edge]:
        """About 8 followed artists each."""
        yield from self._edges(8, lambda: self._artist_ids[self._artists.draw(self._random)])

    def user_follows(self) -> Iterator[Edge]:
        """About 5 followed people each."""
        yield from self._edges(5, lambda: self._random.choice(self.user_ids))

    def playlists(self) -> Iterator[Playlist]:
        """Two each, of up to 60 songs; every tenth is private, every two-hundredth editorial."""
        for number in range(self.scale.playlists):
            user_id = self.user_ids[number % len(self.user_ids)]
            name, came = words.playlist_name(self._random), self._moment(600)
            entries = []
            for _ in range(self._random.randint(5, 60)):
                tune = self._tunes[self.popularity.draw(self._random)]
                entries.append(PlaylistEntry(self._ids.at(came), tune.id, user_id, came, tune.duration_ms))
            yield Playlist(
                id=self._ids.at(came),
                name=name,
                slug=f"{slug(name, 'playlist')}-{number + 1}",
                user_id=user_id,
                created_at=came,
                updated_at=came,
                is_public=number % 10 != 9,
                is_editorial=number % 200 == 0,
                rev=1,
                song_count=len(entries),
                total_duration_ms=sum(entry.duration_ms for entry in entries),
                entries=entries,
            )

    def playlist_follows(self, playlist_ids: Sequence[str]) -> Iterator[Edge]:
        """About 2 followed playlists each."""
        yield from self._edges(2, lambda: self._random.choice(playlist_ids))

    def _edges(self, mean: int, draw: object) -> Iterator[Edge]:
        for user_id in self.user_ids:
            targets = {draw(): None for _ in range(self._random.randint(0, 2 * mean))}  # type: ignore[operator]
            for target in targets:
                if target != user_id:
                    yield Edge(f"{user_id}:{target}", user_id, target, self._moment(500))

    def _moment(self, days: int) -> datetime:
        return self.as_of - timedelta(milliseconds=self._random.randrange(1, days * 86_400_000))
