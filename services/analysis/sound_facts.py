"""What is known of songs' sounds: the reading side of the analysis, for whoever plays, lists or mixes them.

Refuses to measure anything and to know who may see a song: callers come with songs they were shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.collections.store import Store
from storage.records.song import Song
from storage.records.sound_analysis import SoundAnalysis, Waveform


class SoundFacts:
    """Analyses by song. A song whose sound was never measured, or could not be, has none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_song(self, song: Song) -> SoundAnalysis | None:
        """The measures of the song's sound, if there are any."""
        return (await self.of_songs([song]))[0]

    async def of_songs(self, songs: Sequence[Song]) -> list[SoundAnalysis | None]:
        """The measures of several, in their order: two reads however many."""
        payloads = await self._payloads(songs)
        found = await self._store.sound_analyses.get_many([each for each in payloads if each])
        known = [found.get(payload) if payload else None for payload in payloads]
        return [each if each is not None and each.failure is None else None for each in known]

    async def waveform(self, song: Song) -> Waveform | None:
        """The outline of the song's sound, if it was drawn."""
        [payload] = await self._payloads([song])
        return await self._store.waveforms.get(payload) if payload else None

    async def _payloads(self, songs: Sequence[Song]) -> list[str | None]:
        files = await self._store.audio_files.get_many([song.file_id for song in songs if song.file_id])
        kept = [files.get(song.file_id) if song.file_id else None for song in songs]
        return [None if file is None else file.payload_hash for file in kept]
