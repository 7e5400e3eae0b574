"""What follows from songs and files: hidden or shown, which file is played, every count and copy.

Owns writing the difference between what is stored and a recount. Refuses to read files and tags.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from services.clock import Clock
from services.library.recount import album_numbers, artist_totals, best_file
from storage.collections.collection import Collection
from storage.collections.library import Library, pieces
from storage.records import Album, Artist, AudioFile, Song

Counted = TypeVar("Counted", Album, Artist)
_ALBUMS_AT_ONCE = 50
_ARTISTS_AT_ONCE = 200
_TRIES = 8


class Settling:
    """Brings what is derived into line. `albums` and `artists` collect the ids whose numbers may be wrong."""

    def __init__(self, library: Library, clock: Clock) -> None:
        self.library = library
        self.clock = clock
        self.albums: set[str] = set()
        self.artists: set[str] = set()

    def touch(self, song: Song) -> None:
        """Note that everything counted from this song is to be counted again."""
        if song.album_id is not None:
            self.albums.add(song.album_id)
        self.artists.update(credit.artist_id for credit in song.credits)

    async def settle_songs(self, song_ids: Iterable[str]) -> tuple[list[str], int]:
        """Hide songs without a present file, play the others from their best; changed ids, and how many were hidden.

        A hidden song stays hidden here: only the import of a returning file brings it back.
        """
        changed: list[str] = []
        hidden = 0
        for piece in pieces(song_ids):
            songs = await self.library.store.songs.get_many(piece)
            files: dict[str, list[AudioFile]] = defaultdict(list)
            for file in await self.library.files_of_songs(piece):
                files[file.song_id or ""].append(file)
            changes: dict[str, dict[str, Any]] = {}
            for song in songs.values():
                best = best_file(files[song.id])
                if best is None and not song.is_hidden:
                    changes[song.id] = {"is_hidden": True}
                    hidden += 1
                elif best is not None and best.id != song.file_id:
                    changes[song.id] = {"file_id": best.id, "duration_ms": best.duration_ms}
                if song.id in changes:
                    changes[song.id]["updated_at"] = self.clock.now()
                    self.touch(song)
            await self.library.change_all(self.library.store.songs, changes)
            changed += changes
        return changed, hidden

    async def recount_albums(self) -> None:
        """Write the totals of all noted albums."""
        for _ in range(_TRIES):
            await self._recount_albums()
            if not self.albums:
                return

    async def _recount_albums(self) -> None:
        noted, self.albums = sorted(self.albums), set()
        for piece in pieces(noted, _ALBUMS_AT_ONCE):
            albums = await self.library.store.albums.get_many(piece)
            songs: dict[str, list[Song]] = defaultdict(list)
            for song in await self.library.songs_on_albums(piece):
                songs[song.album_id or ""].append(song)
            withdrawn = await self.library.withdrawn_artists(album.artist_id for album in albums.values())
            totals = {
                id: album_numbers(album, songs[id], is_artist_withdrawn=album.artist_id in withdrawn)
                for id, album in albums.items()
            }
            self.albums.update(await self._write_differences(self.library.store.albums, albums, totals))
            self.artists.update(album.artist_id for album in albums.values())

    async def recount_artists(self) -> None:
        """Write the numbers of all noted artists. Albums come first: theirs decide which of them are shown."""
        for _ in range(_TRIES):
            await self._recount_artists()
            if not self.artists:
                return

    async def _recount_artists(self) -> None:
        noted, self.artists = sorted(self.artists), set()
        engine = self.library.store.engine
        for piece in pieces(noted, _ARTISTS_AT_ONCE):
            artists = await self.library.store.artists.get_many(piece)
            songs = dict.fromkeys(piece, 0)
            albums = dict.fromkeys(piece, 0)
            genres: dict[str, list[str]] = defaultdict(list)
            theirs = {"artist_ids": {"$in": piece}, "is_hidden": False}
            async for batch in engine.scan("songs", theirs, fields=["artist_ids", "genre_ids"]):
                for document in batch:
                    for id in set(document["artist_ids"]) & songs.keys():
                        songs[id] += 1
                        genres[id] += document["genre_ids"]
            shown = {"artist_id": {"$in": piece}, "is_hidden": False}
            async for batch in engine.scan("albums", shown, fields=["artist_id"]):
                for document in batch:
                    albums[document["artist_id"]] += 1
            numbers = {id: artist_totals(artist, songs[id], albums[id], genres[id]) for id, artist in artists.items()}
            self.artists.update(await self._write_differences(self.library.store.artists, artists, numbers))

    async def settle_everything(self) -> list[str]:
        """After an interrupted import: every song, album and artist. The songs that changed."""
        changed: list[str] = []
        engine = self.library.store.engine
        async for batch in engine.scan("songs", {}, fields=["file_id"], batch=500):
            moved, _ = await self.settle_songs(document["_id"] for document in batch)
            changed += moved
        async for batch in engine.scan("albums", {}, fields=["artist_id"], batch=500):
            self.albums.update(document["_id"] for document in batch)
            await self.recount_albums()
        async for batch in engine.scan("artists", {}, fields=["slug"], batch=500):
            self.artists.update(document["_id"] for document in batch)
            await self.recount_artists()
        return changed

    async def _write_differences(
        self, collection: Collection[Counted], records: dict[str, Counted], counted: dict[str, dict[str, Any]]
    ) -> list[str]:
        """Ids of those that somebody changed since they were read: they are to be counted again."""
        changes: dict[str, dict[str, Any]] = {}
        for id, fields in counted.items():
            different = {name: value for name, value in fields.items() if getattr(records[id], name) != value}
            if different:
                changes[id] = {**different, "updated_at": self.clock.now()}
        return await self.library.change_all(collection, changes, records)
