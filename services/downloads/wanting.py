"""What a download should hold just now: the songs of its list that its listener may have, and what stands for each.

Owns reading that from playlists, albums and the catalogue, in batches. Refuses to open files: whether the disk agrees
with the records is found out when a song is prepared or fetched.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from services.analysis.sound_facts import SoundFacts
from services.catalogue.albums import Albums
from services.catalogue.songs import Songs
from services.clock import to_epoch_ms
from services.downloads.rules import SONGS_OF_ONE
from services.downloads.song_list import Wanted
from services.errors import NotFound
from services.playlists.playlists import Playlists
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import AudioFile, FileState, Song
from storage.records.download import Download, DownloadKind

BATCH = 50
"""Songs read at once; others have their turn between two batches, also where the store answers at once."""


_ENTRIES = 500


class Wanting:
    """Reads lists for downloads."""

    def __init__(
        self, store: Store, songs: Songs, albums: Albums, playlists: Playlists, sound_facts: SoundFacts
    ) -> None:
        self._store = store
        self._songs = songs
        self._albums = albums
        self._playlists = playlists
        self._sound_facts = sound_facts

    async def of(self, viewer: Viewer, download: Download) -> Wanted:
        """What the download should hold for this viewer. NotFound when its playlist or album is not theirs to see."""
        order = await self._order(viewer, download)
        stamps: dict[str, str] = {}
        facts: dict[str, str] = {}
        distinct = list(dict.fromkeys(order))
        for start in range(0, len(distinct), BATCH):
            songs = list((await self._songs.get_many(viewer, distinct[start : start + BATCH])).values())
            files = await self._files(songs)
            measured = await self._sound_facts.stamps(
                [file.payload_hash for file in files.values() if file.payload_hash]
            )
            albums = await self._sound_facts.album_stamps(
                list(dict.fromkeys(song.album_id for song in songs if song.album_id))
            )
            for song in songs:
                file = files.get(song.id)
                if file is not None:
                    stamps[song.id] = _stamp(file)
                    told = measured.get(file.payload_hash or "", ""), albums.get(song.album_id or "", "")
                    facts[song.id] = _facts(song, *told)
            await asyncio.sleep(0)
        had = [id for id in order if id in stamps]
        return Wanted(had, stamps, facts, frozenset(order) - frozenset(stamps))

    async def _order(self, viewer: Viewer, download: Download) -> list[str]:
        if download.kind == DownloadKind.SONGS:
            return list(download.wanted_ids)
        target = download.target_id or ""
        if download.kind == DownloadKind.ALBUM:
            await self._albums.get(viewer, target)
            return [song.id for song in (await self._songs.of_albums(viewer, [target]))[target]]
        found = await self._playlists.entries_of(viewer, [target])
        if target not in found:
            raise NotFound("There is no such playlist.")
        entries = found[target]
        ids: list[str] = []
        for start in range(0, min(len(entries), SONGS_OF_ONE), _ENTRIES):
            ids += [entry.song_id for entry in entries.stretch(start, _ENTRIES)]
            await asyncio.sleep(0)
        return ids[:SONGS_OF_ONE]

    async def _files(self, songs: Sequence[Song]) -> dict[str, AudioFile]:
        """The file of each song, by song; the same rule as where a stream finds its file."""
        kept = await self._store.audio_files.get_many([song.file_id for song in songs if song.file_id])
        found = {
            song.id: kept[song.file_id]
            for song in songs
            if song.file_id in kept and kept[song.file_id].state == FileState.PRESENT
        }
        missing = [song.id for song in songs if song.id not in found]
        if missing:
            others = {"song_id": {"$in": missing}, "state": FileState.PRESENT.value}
            for file in await self._store.audio_files.find(others, sort=[("_id", 1)], limit=10_000):
                found.setdefault(file.song_id or "", file)
        return found


def _stamp(file: AudioFile) -> str:
    return _short(f"{file.id}|{file.payload_hash}|{file.size}|{file.mtime_ns}|{file.codec}|{file.bitrate}")


def _facts(song: Song, measured: str, album: str) -> str:
    return _short(f"{to_epoch_ms(song.updated_at)}|{song.cover_id}|{song.lyrics_id}|{measured}|{album}")


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
