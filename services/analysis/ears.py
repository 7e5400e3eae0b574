"""New files heard at once where a gone song may be among them, so that an import can say what it moved.

Owns which are worth hearing and how many. Analysis hears all others later, and measures these as any. Refuses to
decide what becomes of songs.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from services.analysis.decoding import mono_arguments
from services.analysis.fingerprint import LONGEST_SECONDS, Words, fingerprint, keys
from services.analysis.grouping import Grouping
from services.analysis.k_weighting import MONO_RATE
from services.analysis.recall import packed
from services.audio.ffmpeg import Ffmpeg, FfmpegFailed
from services.library.reunion import Hearing
from storage.collections.library import Library, pieces
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import AudioFile, FileState
from storage.records.fingerprint import Fingerprint

HEARD_LIMIT = 100
"""So many sounds are heard within one import; a worker takes a fraction of a second for each."""

_GONE_LIMIT = 5000
_TOLERANCE_MS = 3000
_TIMEOUT_S = 120.0
_LIMIT_BYTES = (LONGEST_SECONDS + 1) * MONO_RATE * 4


class Ears:
    """Hears for an import; `at_once` sounds at a time."""

    def __init__(self, store: Store, ffmpeg: Ffmpeg, grouping: Grouping, *, at_once: int) -> None:
        self._store = store
        self._library = Library(store)
        self._ffmpeg = ffmpeg
        self._grouping = grouping
        self._turns = asyncio.Semaphore(max(1, at_once))

    async def hear(self, song_ids: Sequence[str]) -> Hearing:
        """Compare the files of songs that were just added with those of songs that are gone.

        Only files about as long as a gone one that was measured are heard, at most 100. Nothing else is read.
        """
        lengths = await self._gone_lengths() if song_ids else []
        if not lengths:
            return Hearing([])
        files = await self._library.files_of_songs(song_ids)
        wanted = {file.payload_hash: file for file in files if _is_near(file, lengths)}
        chosen = list(wanted.values())[:HEARD_LIMIT]
        heard = await asyncio.gather(*(self._keep(file) for file in chosen))
        again = await self._grouping.place([payload for payload in heard if payload is not None])
        return Hearing(again, len(wanted) - len(chosen))

    async def _gone_lengths(self) -> list[int]:
        """The lengths, in order, of gone songs' sounds that are known."""
        gone = await self._store.audio_files.find({"state": FileState.VANISHED.value}, limit=_GONE_LIMIT)
        songs = await self._store.songs.get_many([file.song_id for file in gone if file.song_id])
        hidden = [file for file in gone if file.song_id in songs and songs[file.song_id].is_hidden]
        lengths: list[int] = []
        engine, name = self._store.fingerprints.engine, self._store.fingerprints.name
        for piece in pieces(file.payload_hash for file in hidden if file.payload_hash):
            rows = await engine.find(name, {"_id": {"$in": piece}}, limit=len(piece), fields=["duration_ms"])
            lengths += [row["duration_ms"] for row in rows]
        return sorted(lengths)

    async def _keep(self, file: AudioFile) -> str | None:
        """The payload, once its fingerprint is kept; None when it cannot be heard."""
        payload = file.payload_hash or ""
        async with self._turns:
            if await self._store.fingerprints.get(payload) is not None:
                return payload
            try:
                sound = await self._ffmpeg.capture(
                    mono_arguments(file.path, MONO_RATE, LONGEST_SECONDS),
                    limit_bytes=_LIMIT_BYTES,
                    timeout_s=_TIMEOUT_S,
                )
            except FfmpegFailed:
                # The analysis will say why, where people look for it.
                return None
            words = await asyncio.to_thread(_words, sound)
        if not len(words):
            return None
        try:
            # Of no version: the analysis puts its own in place of it.
            await self._store.fingerprints.insert(Fingerprint(payload, 0, file.duration_ms, packed(words), keys(words)))
        except DuplicateKey:
            # Analysed meanwhile.
            return payload
        return payload


def _is_near(file: AudioFile, lengths: Sequence[int]) -> bool:
    if file.state != FileState.PRESENT or file.payload_hash is None or file.path.startswith("files:"):
        return False
    reach = max(_TOLERANCE_MS, file.duration_ms // 20)
    first = bisect_left(lengths, file.duration_ms - reach)
    return first < bisect_right(lengths, file.duration_ms + reach)


def _words(sound: bytes) -> Words:
    return fingerprint(np.frombuffer(sound[: len(sound) // 4 * 4], "<f4"))
