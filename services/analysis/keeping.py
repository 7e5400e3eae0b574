"""Measures written down: the analysis and outline of a payload, the mark on its files, the features of its songs.

Owns the order of writing: whatever is found without its mark is looked at again, so the mark comes last. Refuses to
measure.
"""

from __future__ import annotations

import base64
from dataclasses import fields
from typing import Any

from services.analysis.fingerprint import keys
from services.analysis.measuring import VERSION, Measures
from services.analysis.recall import packed
from services.analysis.song_features import changed_features
from services.clock import Clock
from services.events import Bus, CatalogueChanged
from storage.collections.store import Store
from storage.engine import Replace
from storage.records import AudioFile, Song
from storage.records.fingerprint import Fingerprint
from storage.records.sound_analysis import SoundAnalysis, Waveform

_TRIES = 8
_FILES_LIMIT = 1000
_SWEEP_BATCH = 500


class Keeping:
    """Writes measures into the store, and tells of the songs that changed by them."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus

    async def known(self, payload: str) -> SoundAnalysis | None:
        """What this version of the analyser said of the payload already."""
        analysis = await self._store.sound_analyses.get(payload)
        return analysis if analysis is not None and analysis.version >= VERSION else None

    async def measured(self, payload: str, measures: Measures) -> SoundAnalysis:
        """Keep what was measured; the record."""
        music = {each.name: getattr(measures.music, each.name) for each in fields(measures.music)}
        apart = ("music", "outline", "fingerprint")
        own = {each.name: getattr(measures, each.name) for each in fields(measures) if each.name not in apart}
        analysis = SoundAnalysis(payload, VERSION, self._clock.now(), **own, **music)
        peaks = base64.b64encode(measures.outline).decode("ascii")
        drawn = Waveform(payload, peaks, VERSION, measures.duration_ms)
        await self._store.waveforms.bulk([Replace(self._store.waveforms.codec.encode(drawn))])
        words = measures.fingerprint
        heard = Fingerprint(payload, VERSION, measures.duration_ms, packed(words), keys(words))
        await self._store.fingerprints.bulk([Replace(self._store.fingerprints.codec.encode(heard))])
        await self._store.sound_analyses.bulk([Replace(self._store.sound_analyses.codec.encode(analysis))])
        return analysis

    async def failed(self, payload: str, reason: str) -> SoundAnalysis:
        """Keep why it could not be measured; the record. What an earlier version measured is gone with that."""
        analysis = SoundAnalysis(payload, VERSION, self._clock.now(), failure=reason)
        await self._store.sound_analyses.bulk([Replace(self._store.sound_analyses.codec.encode(analysis))])
        await self._store.waveforms.delete({"_id": payload})
        await self._store.fingerprints.delete({"_id": payload})
        return analysis

    async def adopt(self, analysis: SoundAnalysis) -> None:
        """Let every file of the payload have the analysis, and the songs that are played from them its features."""
        files = await self._store.audio_files.find({"payload_hash": analysis.id}, limit=_FILES_LIMIT)
        if analysis.failure is None:
            await self._tell_songs(analysis, files)
        await self.mark(analysis.id)

    async def mark(self, payload: str) -> None:
        """Note on every file of the payload that nothing is left to be measured."""
        done = {"$set": {"analysed_version": VERSION}}
        await self._store.audio_files.update({"payload_hash": payload}, done, many=True)

    async def sweep(self) -> int:
        """Drop the measures of payloads that no file has had since; how many there were."""
        swept = 0
        async for batch in self._store.sound_analyses.scan({}, batch=_SWEEP_BATCH):
            payloads = [analysis.id for analysis in batch]
            files = self._store.audio_files
            kept: set[str] = set()
            after: list[Any] | None = None
            while True:
                rows = await files.engine.find(
                    files.name,
                    {"payload_hash": {"$in": payloads}},
                    sort=[("_id", 1)],
                    limit=_FILES_LIMIT,
                    after=after,
                    fields=["payload_hash"],
                )
                kept.update(row["payload_hash"] for row in rows)
                if len(rows) < _FILES_LIMIT:
                    break
                after = [rows[-1]["_id"]]
            for payload in set(payloads) - kept:
                await self._store.waveforms.delete({"_id": payload})
                await self._store.fingerprints.delete({"_id": payload})
                swept += await self._store.sound_analyses.delete({"_id": payload})
        return swept

    async def _tell_songs(self, analysis: SoundAnalysis, files: list[AudioFile]) -> None:
        file_ids = {file.id for file in files}
        songs = await self._store.songs.get_many([file.song_id for file in files if file.song_id])
        changed = [
            song.id for song in songs.values() if song.file_id in file_ids and await self._tell_song(analysis, song)
        ]
        if changed:
            self._bus.publish(CatalogueChanged(tuple(changed)))

    async def _tell_song(self, analysis: SoundAnalysis, song: Song) -> bool:
        """Whether the song has other features now."""
        found: Song | None = song
        for _ in range(_TRIES):
            if found is None:
                return False
            fields = changed_features(found, analysis)
            if not fields:
                return False
            put = {key: value for key, value in fields.items() if value is not None}
            drop = {key: "" for key, value in fields.items() if value is None}
            update: dict[str, Any] = {"$set": {**put, "updated_at": self._clock.now()}}
            if drop:
                update["$unset"] = drop
            # Only onto the song as it was read: a tag or a person may have said it in the meantime.
            done = await self._store.songs.update({"_id": found.id, "updated_at": found.updated_at}, update)
            if done.matched:
                return True
            found = await self._store.songs.get(found.id)
        return False
