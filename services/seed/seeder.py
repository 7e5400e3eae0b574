"""Writes a made-up library into an empty store, in bulk and in an order in which references always lead somewhere.

Owns the order, the bounds of memory and the refusal to touch a library that holds anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

from services.accounts.passwords import Passwords
from services.errors import Conflict
from services.listening.tallies import BY_LISTENER, BY_SONG, DAYS, Rows, add, days_of, weigh
from services.seed.catalogue import MadeUpCatalogue
from services.seed.listening import made_up_plays
from services.seed.people import MadeUpPeople, Tune, tune_of
from services.seed.scale import Scale
from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.engine import Change, Insert

Record = TypeVar("Record")
Progress = Callable[[str, int, int], None]
BATCH = 2_000
PASSWORD = "listen to everything"
"""Every made-up account's; the command prints it, and there is none in production."""


class Seeder:
    """Fills an empty store. `seed` and `as_of` decide everything but the password's hash."""

    def __init__(self, store: Store, scale: Scale, *, seed: int, as_of: datetime, progress: Progress) -> None:
        self._store = store
        self._scale = scale
        self._seed = seed
        self._as_of = as_of
        self._progress = progress

    async def run(self) -> dict[str, int]:
        """How many rows of each kind there are now. Conflict unless the library is empty."""
        store = self._store
        held: tuple[Collection[Any], ...] = (store.songs, store.artists, store.plays)
        for collection in held:
            if await collection.count({}, limit=1):
                raise Conflict("There is something in this library already; seed an empty data folder.")
        catalogue = MadeUpCatalogue(self._scale, self._seed, self._as_of)
        made = {"genres": await self._write(store.genres, catalogue.genres(), 0, "Genres")}
        artist_ids: list[str] = []
        made["artists"] = await self._write(
            store.artists, _noting(catalogue.artists(), artist_ids), self._scale.artists, "Artists"
        )
        album_ids, tunes = await self._write_albums(catalogue)
        made |= {"albums": len(album_ids), "songs": len(tunes)}
        people = MadeUpPeople(self._scale, self._seed, self._as_of, tunes, album_ids, artist_ids)
        password_hash = await Passwords().hash(PASSWORD)
        made["users"] = await self._write(store.users, people.users(password_hash), self._scale.users, "Listeners")
        playlist_ids: list[str] = []
        made["playlists"] = await self._write(
            store.playlists, _noting(people.playlists(), playlist_ids), self._scale.playlists, "Playlists"
        )
        for name, edges, kept, counted, counter in (
            ("likes", people.likes(), store.liked_songs, store.songs, "like_count"),
            ("saved albums", people.saves(), store.saved_albums, store.albums, "save_count"),
            ("followed artists", people.artist_follows(), store.followed_artists, store.artists, "follower_count"),
            ("followed people", people.user_follows(), store.followed_users, store.users, "follower_count"),
            (
                "followed playlists",
                people.playlist_follows(playlist_ids),
                store.playlist_followers,
                store.playlists,
                "follower_count",
            ),
        ):
            targets: Counter[str] = Counter()
            made[name] = await self._write(kept, _counting(edges, targets, "target_id"), 0, name.capitalize())
            await self._set_counter(counted, counter, targets)
        made["plays"] = await self._write_plays(people, tunes)
        return made

    async def _write_albums(self, catalogue: MadeUpCatalogue) -> tuple[list[str], list[Tune]]:
        album_ids: list[str] = []
        tunes: list[Tune] = []
        songs_of: Counter[str] = Counter()
        albums: list[Insert] = []
        songs: list[Insert] = []
        encode_album, encode_song = self._store.albums.codec.encode, self._store.songs.codec.encode

        async def flush() -> None:
            await self._store.albums.bulk(albums)
            await self._store.songs.bulk(songs)
            albums.clear()
            songs.clear()
            self._progress("Songs", len(tunes), self._scale.songs)

        for album, tracks in catalogue.albums():
            albums.append(Insert(encode_album(album)))
            songs += [Insert(encode_song(song)) for song in tracks]
            album_ids.append(album.id)
            tunes += [tune_of(song) for song in tracks]
            songs_of[album.artist_id] += len(tracks)
            if len(songs) >= BATCH:
                await flush()
        await flush()
        await self._set_counter(self._store.artists, "song_count", songs_of)
        return album_ids, tunes

    async def _write_plays(self, people: MadeUpPeople, tunes: list[Tune]) -> int:
        songs: Counter[str] = Counter()
        plays = _counting(made_up_plays(people, tunes, self._seed, self._as_of), songs, "song_id")
        by_song: Rows = {}
        made = 0
        for _, theirs in groupby(plays, key=attrgetter("user_id")):
            encoded = [self._store.plays.codec.encode(play) for play in theirs]
            by_listener: Rows = {}
            add(by_song, BY_SONG, encoded)
            # An account's days are all here, so that no more than these are ever in memory.
            weigh(by_song, days_of(by_song))
            by_listener[DAYS] = by_song.pop(DAYS, {})
            add(by_listener, BY_LISTENER, encoded)
            await self._store.plays.bulk([Insert(play) for play in encoded])
            await self._write_roll_ups(by_listener, "")
            made += len(encoded)
            self._progress("Plays", made, self._scale.plays)
        await self._write_roll_ups(by_song, "Roll-ups")
        albums: Counter[str] = Counter()
        album_of = {tune.id: tune.album_id for tune in tunes}
        for song_id, count in songs.items():
            albums[album_of[song_id]] += count
        await self._set_counter(self._store.songs, "play_count", songs)
        await self._set_counter(self._store.albums, "play_count", albums)
        return made

    async def _write_roll_ups(self, rows: Rows, title: str) -> None:
        for shelf, amounts in rows.items():
            written, rest = 0, iter(amounts.items())
            while batch := list(islice(rest, BATCH)):
                await self._store.engine.bulk(shelf, [amount.row(id, 0) for id, amount in batch])
                written += len(batch)
                if title:
                    self._progress(title, written, len(amounts))

    async def _write(self, collection: Collection[Record], records: Iterable[Record], total: int, title: str) -> int:
        written = 0
        rest = iter(records)
        while batch := list(islice(rest, BATCH)):
            await collection.bulk([Insert(collection.codec.encode(record)) for record in batch])
            written += len(batch)
            self._progress(title, written, max(total, written))
        return written

    async def _set_counter(self, collection: Collection[Any], field: str, counts: Counter[str]) -> None:
        rest = iter(counts.items())
        while batch := list(islice(rest, BATCH)):
            await collection.bulk([Change({"_id": id}, {"$set": {field: count}}) for id, count in batch])


def _noting(records: Iterator[Any], ids: list[str]) -> Iterator[Any]:
    for record in records:
        ids.append(record.id)
        yield record


def _counting(records: Iterator[Any], counts: Counter[str], field: str) -> Iterator[Any]:
    for record in records:
        counts[getattr(record, field)] += 1
        yield record
