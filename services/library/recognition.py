"""A batch recognised: which songs its files are, and what that means for songs and file records.

Owns the batch's decisions; the rules are `identity.py`'s. Refuses to write.
"""

from __future__ import annotations

import asyncio
import os

from services.clock import Clock
from services.library.identity import Candidates, KnownFile, Verdict, decide
from services.library.recount import best_file
from services.library.songs import facts_of_song, facts_of_track, file_of
from services.library.track import Track
from storage.collections.library import Library
from storage.records import Album, AudioFile, FileState, Song


class Recognition:
    """The batch's decisions, and what they mean for songs and file records."""

    def __init__(self, library: Library, clock: Clock, own: dict[str, AudioFile]) -> None:
        self.library = library
        self.clock = clock
        self.own = own
        self.songs: dict[str, Song] = {}
        self.records: dict[str, AudioFile] = {}
        self.written: dict[str, AudioFile] = {}
        self.left: set[str] = set()
        self.returned: set[str] = set()
        self.recognised = 0
        self.second_files = 0
        self._candidates = Candidates()
        self._track_of: dict[str, Track] = {}
        self._absent: set[str] = set()

    async def load(self, tracks: list[Track]) -> None:
        """Everything the batch may turn out to be, in a handful of questions."""
        library, store = self.library, self.library.store
        sounding = await library.files_by_payload(track.payload_hash for track in tracks)
        here = [file for track in tracks if (file := self.own.get(track.found.path)) is not None]
        ids = [file.song_id for file in sounding + here if file.song_id is not None]
        songs = list((await store.songs.get_many(ids)).values())
        songs += await library.all_in(store.songs, "isrc", (t.tags.isrc for t in tracks if t.tags.isrc))
        recordings = (t.tags.recording_id for t in tracks if t.tags.recording_id)
        songs += await library.all_in(store.songs, "musicbrainz_id", recordings)
        songs += await library.all_in(store.songs, "match_key", (track.match_key for track in tracks))
        self.songs = {song.id: song for song in songs}
        files = await library.files_of_songs(self.songs)
        self.records = {file.id: file for file in [*files, *sounding, *here]}
        payload_at = {track.found.path: track.payload_hash for track in tracks}
        names = {track.match_key for track in tracks}
        namesakes = {song.id for song in self.songs.values() if song.match_key in names}
        shown = [file for file in self.records.values() if file.state == FileState.PRESENT]
        # A library that moved as a whole: its old folder is not looked at in this run, so nothing said it is gone.
        # Names must agree: a compilation does not take songs over from a disk that is merely not mounted.
        elsewhere = [file for file in shown if file.song_id in namesakes and file.path not in payload_at]
        self._absent = await asyncio.to_thread(_absent, elsewhere)
        for song in self.songs.values():
            played = self.records.get(song.file_id or "")
            self._candidates.add_song(song.id, facts_of_song(song, played.path if played else None))
        for file in self.records.values():
            changing = file.path in payload_at
            same_sound = payload_at.get(file.path, file.payload_hash) == file.payload_hash
            is_here = file.state == FileState.PRESENT and same_sound and file.id not in self._absent
            if changing and not same_sound:
                before = f"{file.id} before"
                self._candidates.add_file(
                    KnownFile(before, file.path, file.song_id, file.payload_hash, is_here=False, is_memory=True)
                )
            self._candidates.add_file(
                KnownFile(file.id, file.path, file.song_id, file.payload_hash, is_here, is_changing=changing)
            )

    def decide(self, track: Track, album: Album | None) -> None:
        """Recognise one track; later ones of the batch see what was decided."""
        facts = facts_of_track(track, album)
        own = self.own.get(track.found.path)
        known = self._candidates.files.get(own.id) if own is not None else None
        verdict = decide(facts, track.payload_hash, known, self._candidates)
        song_id = verdict.song_id or self.clock.new_id()
        file_id = own.id if own is not None else verdict.file_id or self.clock.new_id()
        self._count(verdict, own, song_id)
        if own is not None and own.song_id not in (None, song_id):
            self.left.add(own.song_id or "")
        file = file_of(track, file_id, song_id, self.clock)
        self._absent.discard(file_id)
        self.records[file_id] = self.written[file_id] = file
        self._track_of[file_id] = track
        self._candidates.add_song(song_id, facts)
        self._candidates.add_file(KnownFile(file_id, file.path, song_id, file.payload_hash, is_here=True))

    def _count(self, verdict: Verdict, own: AudioFile | None, song_id: str) -> None:
        if verdict.song_id is None:
            return
        files = self._candidates.files_of(song_id)
        was_gone = not any(self.records[file.id].state == FileState.PRESENT for file in files if not file.is_memory)
        song = self.songs.get(song_id)
        if song is not None and song.is_hidden and was_gone:
            self.returned.add(song_id)
        if verdict.rule == "second file" or not self._candidates.is_gone(song_id):
            self.second_files += own is None
        elif own is None or own.song_id != song_id:
            self.recognised += 1

    def note_absent(self) -> None:
        """Write down as vanished what is not on disk any more, of songs that have another file now."""
        held = {file.song_id for file in self.written.values()}
        for id in self._absent:
            file = self.records[id]
            if file.song_id in held:
                file.state, file.vanished_at = FileState.VANISHED.value, self.clock.now()
                self.written[id] = file

    def primary_tracks(self) -> list[tuple[str, Track, AudioFile]]:
        """For each song whose best file was read in this batch: the song's id, that track and its file."""
        by_song: dict[str, list[AudioFile]] = {}
        for file in self.records.values():
            if file.song_id is not None:
                by_song.setdefault(file.song_id, []).append(file)
        found: list[tuple[str, Track, AudioFile]] = []
        for song_id in dict.fromkeys(file.song_id for file in self.written.values() if file.song_id):
            best = best_file(by_song[song_id])
            if best is not None and best.id in self._track_of:
                found.append((song_id, self._track_of[best.id], best))
        return found


def _absent(files: list[AudioFile]) -> set[str]:
    return {file.id for file in files if not os.path.lexists(file.path)}
