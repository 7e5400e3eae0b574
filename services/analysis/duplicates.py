"""Songs of the same sound, found by their fingerprints.

Owns who may ask, how candidates are found and how many are judged. Refuses to decide what becomes of duplicates.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass

import numpy as np

from services.analysis.fingerprint import Likeness, Words, compare
from services.catalogue.songs import Songs
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import AudioFile, Song
from storage.records.fingerprint import Fingerprint

_READ_LIMIT = 500
_JUDGED = 20


@dataclass(frozen=True, slots=True)
class SoundMatch:
    """Another song of the same sound: its file, the share of differing bits and by how much it starts later."""

    song: Song
    codec: str
    bitrate: int
    state: str
    bit_error_rate: float
    offset_ms: int


class Duplicates:
    """For moderators and admins."""

    def __init__(self, store: Store, songs: Songs) -> None:
        self._store = store
        self._songs = songs

    async def of_song(self, viewer: Viewer, song_id: str) -> list[SoundMatch]:
        """At most 20 songs that sound the same, the likest first. NotFound when the song is absent or invisible."""
        viewer.require(Role.MODERATOR)
        song = await self._songs.get(viewer, song_id)
        file = await self._songs.file_of(song)
        own = await self._store.fingerprints.get(file.payload_hash) if file and file.payload_hash else None
        if own is None or not own.keys:
            return []
        near = await self._store.fingerprints.find({"keys": {"$in": own.keys}}, limit=_READ_LIMIT)
        wanted = set(own.keys)
        near.sort(key=lambda each: (-len(wanted.intersection(each.keys)), each.id))
        alike = await asyncio.to_thread(_judge, own, near[:_JUDGED])
        files = await self._store.audio_files.find({"payload_hash": {"$in": list(alike)}}, limit=100)
        found = await self._songs.get_many(viewer, [each.song_id for each in files if each.song_id])
        told = [_match(found[each.song_id], each, alike) for each in files if each.song_id in found]
        return sorted((each for each in told if each.song.id != song.id), key=lambda each: each.bit_error_rate)[
            :_JUDGED
        ]


def _words(of: Fingerprint) -> Words:
    return np.frombuffer(base64.b64decode(of.words), "<u4").astype(np.uint32)


def _judge(own: Fingerprint, near: list[Fingerprint]) -> dict[str, Likeness]:
    words = _words(own)
    judged = {each.id: compare(words, _words(each)) for each in near}
    return {id: likeness for id, likeness in judged.items() if likeness is not None and likeness.same}


def _match(song: Song, file: AudioFile, alike: dict[str, Likeness]) -> SoundMatch:
    likeness = alike[file.payload_hash or ""]
    return SoundMatch(song, file.codec, file.bitrate, file.state, likeness.bit_error_rate, likeness.offset_ms)
