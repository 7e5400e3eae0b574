"""Finds uploads of sounds that the house has from somebody else already, by their fingerprints. A job's work.

Owns how far it has looked. Refuses to know how sounds are compared (`services/analysis/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.clock import Clock
from services.errors import NotFound
from services.moderation.policy import ReasonCode, ReportedKind
from services.moderation.reports import Reports
from services.moderation.subjects.subject import SubjectShelf
from services.viewer import SYSTEM
from storage.collections.store import Store
from storage.records import AudioFile, FileState, Song
from storage.records.sound_group import SoundGroup

_AT_ONCE = 50
_FILES_LIMIT = 1_000
_LEAST_SHARE = 0.8
"""How much of the longer of two sounds has to be the same: less is a sample, or a medley."""


class SameSounds:
    """Looks at groups of alike sounds as they are made, each once."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        shelves: Mapping[ReportedKind, SubjectShelf],
        reports: Reports,
        *,
        is_on: bool = True,
    ) -> None:
        self._store = store
        self._clock = clock
        self._shelves = shelves
        self._reports = reports
        self._is_on = is_on

    async def look(self) -> int:
        """Flag the uploads among the groups that are new; how many. Safe to repeat."""
        if not self._is_on:
            return 0
        mark = await self._store.moderation_marks.get("same sounds")
        filter: dict[str, object] = {"is_shown": True}
        if mark is not None:
            filter["made_at"] = {"$gt": mark.at}
        groups = await self._store.sound_groups.find(filter, sort=[("made_at", 1)], limit=_AT_ONCE)
        flagged = 0
        for group in groups:
            flagged += await self._look_at(group)
        if groups:
            await self._go_on_after(groups[-1].made_at)
        return flagged

    async def _look_at(self, group: SoundGroup) -> int:
        alike = {member.payload for member in group.members if member.like is None or member.share >= _LEAST_SHARE}
        files = await self._store.audio_files.find({"payload_hash": {"$in": sorted(alike)}}, limit=_FILES_LIMIT)
        held = [file for file in files if file.state == FileState.PRESENT and file.song_id]
        songs = await self._store.songs.get_many([file.song_id or "" for file in held])
        first = min(songs.values(), key=lambda song: (song.created_at, song.id), default=None)
        if first is None:
            return 0
        flagged = 0
        for file in held:
            song = songs.get(file.song_id or "")
            if song is not None and _is_suspicious(file, song, first):
                finding = f"Sounds like “{first.title}” by {first.artist_credit}, which was here before."
                flagged += await self._flag(song, finding)
        return flagged

    async def _flag(self, song: Song, finding: str) -> int:
        try:
            subject = await self._shelves[ReportedKind.SONG].seen(SYSTEM, song.id, None)
        except NotFound:
            return 0
        await self._reports.flag(ReportedKind.SONG, song.id, None, subject, ReasonCode.DUPLICATE, finding)
        return 1

    async def _go_on_after(self, moment: datetime) -> None:
        await self._store.moderation_marks.update({"_id": "same sounds"}, {"$set": {"at": moment}}, upsert=True)


def _is_suspicious(file: AudioFile, song: Song, first: Song) -> bool:
    """Whether somebody sent this in though another artist had it before: only of what is sent in `sha256` is known."""
    return file.sha256 is not None and song.id != first.id and song.artist_id != first.artist_id
