"""A song whose file is gone and a new one of the same sound become one song again: plays, likes and playlists stay.

Owns when that is certain, and the order of the writes. Refuses to hear: it is told which sounds are alike. What is not
certain it leaves alone and says why; people see it in `duplicateSongs`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.analysis.fingerprint import Likeness
from services.clock import Clock
from services.events import Bus, CatalogueChanged
from services.library.recount import is_withheld
from services.library.settling import Settling
from services.library.songs import changed_fields
from storage.collections.library import Library
from storage.collections.store import Store
from storage.records import AudioFile, FileState, Song

log = logging.getLogger("tutti.library")

_FILES_LIMIT = 200


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """A new file that sounds like one that is gone. `why_not` says why its song is another one, None when it is not."""

    path: str
    gone_path: str
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard: new files that sound like gone ones, and how many others were left to the analysis."""

    again: list[HeardAgain]
    left: int = 0


class Reunion:
    """Joins a new file to the song whose sound it has."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._library = Library(store)
        self._clock = clock
        self._bus = bus

    async def by_sound(self, payload: str, alike: Mapping[str, Likeness]) -> HeardAgain | None:
        """What came of a sound and its likes; None when no song of theirs is gone, or the sound's file is not new.

        The file goes to the gone song, which is shown again and takes over what the new file's tags say. The new song
        is left without a file and hidden, as any song whose file is gone. Safe to call again after any interruption.
        """
        files = await self._store.audio_files.find(
            {"payload_hash": {"$in": [payload, *alike]}}, sort=[("path", 1)], limit=_FILES_LIMIT
        )
        here = [file for file in files if file.payload_hash == payload and file.state == FileState.PRESENT]
        gone = [file for file in files if file.payload_hash != payload and file.state == FileState.VANISHED]
        if not here or not gone or here[0].song_id is None:
            return None
        file, old = here[0], min(gone, key=lambda each: _rank(alike, each))
        songs = await self._store.songs.get_many([each.song_id for each in files if each.song_id])
        song, found = songs.get(old.song_id or ""), songs.get(here[0].song_id)
        if song is None or found is None:
            return None
        if song.id == found.id:
            # Interrupted before its last write, or it has a second file anyhow.
            if song.is_hidden and not await self._is_withheld(song):
                await self._show(song, song, file)
                return HeardAgain(file.path, old.path)
            return None
        if not song.is_hidden or file.sha256 is not None:
            return None
        why_not = await self._why_not(song, found, file, old, files, alike[old.payload_hash or ""])
        if why_not is None:
            await self._join(song, found, file)
            log.info("a song was known again by its sound", extra={"song": song.id, "path": file.path})
        return HeardAgain(file.path, old.path, why_not)

    async def _why_not(
        self, song: Song, found: Song, file: AudioFile, old: AudioFile, files: list[AudioFile], how: Likeness
    ) -> str | None:
        """The first reason for leaving two songs two."""
        if not how.certain:
            return "the sound is not the same from beginning to end"
        if len({each.song_id for each in files if each.song_id is not None}) > 2:
            return "more than two songs sound like this"
        theirs = await self._library.files_of_songs([song.id, found.id])
        if any(each.song_id == found.id and each.id != file.id for each in theirs):
            return "the new song has another file"
        before = [each for each in theirs if each.song_id == song.id]
        if any(each.state != FileState.VANISHED for each in before) or await asyncio.to_thread(_any_there, before):
            return "the old file is still there"
        if old.vanished_at is None or old.vanished_at > found.created_at:
            return "both were in the library at one time"
        if any(each.sha256 is not None for each in before):
            return "the old file had been sent in"
        if song.is_explicit != found.is_explicit:
            return "one of them is explicit"
        if await self._is_withheld(song) or song.is_moderated or found.is_moderated or await self._is_withheld(found):
            return "one of them was taken out of sight"
        if found.edited_fields or await self._has_history(found):
            return "the new song has been used already"
        return None

    async def _has_history(self, song: Song) -> bool:
        """Whether somebody played, liked, reviewed or listed it: whatever would be lost with it."""
        store = self._store
        if song.play_count or song.like_count:
            return True
        for collection, filter in (
            (store.plays, {"song_id": song.id}),
            (store.liked_songs, {"target_id": song.id}),
            (store.reviews, {"thing_key": f"song:{song.id}"}),
            # No playlist that was last written before the song was there can have it; smart ones choose again.
            (store.playlists, {"updated_at": {"$gte": song.created_at}, "entries.song_id": song.id, "rules": None}),
        ):
            if await collection.count(filter, limit=1):
                return True
        return False

    async def _is_withheld(self, song: Song) -> bool:
        album = await self._store.albums.get(song.album_id) if song.album_id is not None else None
        return is_withheld(song, album, bool(await self._library.withdrawn_artists([song.artist_id])))

    async def _join(self, song: Song, found: Song, file: AudioFile) -> None:
        # The new song goes first and the old one comes last: between the writes neither is shown, never both, and a
        # hidden song with a present file is what the next try takes up again.
        now = self._clock.now()
        await self._store.songs.update({"_id": found.id}, {"$set": {"is_hidden": True, "updated_at": now}})
        moved = await self._store.audio_files.update(
            {"_id": file.id, "song_id": found.id, "payload_hash": file.payload_hash}, {"$set": {"song_id": song.id}}
        )
        if not moved.matched:
            # An import has decided about the file in the meantime; what it said counts.
            await self._settle([found])
            return
        await self._show(song, found, file)

    async def _show(self, song: Song, found: Song, file: AudioFile) -> None:
        """Show the song, played from the file and named as `found` is."""
        told = replace(found, file_id=file.id, duration_ms=file.duration_ms)
        fields = changed_fields(self._store.songs.codec, song, told)
        put = {name: value for name, value in fields.items() if value is not None}
        drop = {name: "" for name, value in fields.items() if value is None}
        put |= {"is_hidden": False, "updated_at": self._clock.now()}
        await self._store.songs.update({"_id": song.id}, {"$set": put, **({"$unset": drop} if drop else {})})
        await self._settle(list({each.id: each for each in (song, found)}.values()))

    async def _settle(self, songs: list[Song]) -> None:
        settling = Settling(self._library, self._clock)
        for song in songs:
            settling.touch(song)
        await settling.recount_albums()
        await settling.recount_artists()
        self._bus.publish(CatalogueChanged(tuple(song.id for song in songs)))


def _rank(alike: Mapping[str, Likeness], file: AudioFile) -> tuple[float, str]:
    return alike[file.payload_hash or ""].bit_error_rate, file.id


def _any_there(files: list[AudioFile]) -> bool:
    return any(os.path.lexists(file.path) for file in files)
