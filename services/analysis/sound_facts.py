"""What is known of songs' sounds: the reading side of the analysis, for whoever plays, lists or mixes them.

Refuses to measure anything and to know who may see a song: callers come with songs they were shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.analysis.loudness import together
from storage.collections.store import Store
from storage.records.song import Song
from storage.records.sound_analysis import SoundAnalysis, Waveform

REFERENCE_LUFS = -18.0
"""ReplayGain 2.0's reference: what a gain brings a sound to."""

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class AlbumLoudness:
    """An album as one programme: integrated over all its songs, and the highest of their true peaks."""

    loudness_lufs: float
    true_peak_dbtp: float


def gain_db(loudness_lufs: float) -> float:
    """ReplayGain 2.0: the decibels by which a sound is turned up or down to play at -18 LUFS."""
    return REFERENCE_LUFS - loudness_lufs


class SoundFacts:
    """Analyses by song. A song whose sound was never measured, or could not be, has none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_song(self, song: Song) -> SoundAnalysis | None:
        """The measures of the song's sound, if there are any."""
        return (await self.of_songs([song]))[0]

    async def of_songs(self, songs: Sequence[Song]) -> list[SoundAnalysis | None]:
        """The measures of several, in their order: two reads however many."""
        found = await self.of_files([song.file_id for song in songs if song.file_id])
        return [found.get(song.file_id) if song.file_id else None for song in songs]

    async def of_files(self, file_ids: Sequence[str]) -> dict[str, SoundAnalysis]:
        """The measures of the sounds in these files, by file id: two reads however many."""
        payloads = await self._payloads(file_ids)
        found = await self._store.sound_analyses.get_many(list(payloads.values())) if payloads else {}
        known = {file_id: found.get(payload) for file_id, payload in payloads.items()}
        return {file_id: each for file_id, each in known.items() if each is not None and each.failure is None}

    async def waveform(self, song: Song) -> Waveform | None:
        """The outline of the song's sound, if it was drawn."""
        payloads = await self._payloads([song.file_id] if song.file_id else [])
        return await self._store.waveforms.get(payloads[song.file_id]) if song.file_id in payloads else None

    async def album_loudness(self, album_id: str) -> float | None:
        """Integrated loudness in LUFS over all the album's songs, gated as one programme; see `of_albums`."""
        found = (await self.of_albums([album_id])).get(album_id)
        return None if found is None else found.loudness_lufs

    async def of_albums(self, album_ids: Sequence[str]) -> dict[str, AlbumLoudness]:
        """The loudness of albums, by id: three reads for up to 1,000 songs.

        An album has one as soon as each of its songs that shows has been measured or proved unmeasurable: until then
        it would change with every song. Songs that could not be measured, or are silent, add nothing.
        """
        songs = await self._album_songs(album_ids)
        file_ids = [file_id for theirs in songs.values() for file_id in theirs if file_id is not None]
        payloads = await self._payloads(file_ids)
        blocks = await self._blocks(list(payloads.values()))
        found: dict[str, AlbumLoudness] = {}
        for album_id, theirs in songs.items():
            heard = [blocks.get(payloads.get(file_id or "", "")) for file_id in theirs]
            known = [each for each in heard if each is not None]
            loudness = together(counts for counts, _ in known) if len(known) == len(heard) else None
            if loudness is not None:
                found[album_id] = AlbumLoudness(loudness, max(peak for _, peak in known if peak is not None))
        return found

    async def album_stamps(self, album_ids: Sequence[str]) -> dict[str, str]:
        """What stands for the loudness of each album that has one, by id, without reading what was measured.

        Another stamp means that its loudness may be another: three reads for up to 1,000 songs.
        """
        songs = await self._album_songs(album_ids)
        payloads = await self._payloads([file_id for theirs in songs.values() for file_id in theirs if file_id])
        stamps = await self.stamps(list(payloads.values()))
        found: dict[str, str] = {}
        for album_id, theirs in songs.items():
            measured = [stamps.get(payloads.get(file_id or "", "")) for file_id in theirs]
            known = [each for each in measured if each is not None]
            if len(known) == len(measured):
                found[album_id] = "|".join(sorted(known))
        return found

    async def stamps(self, payloads: Sequence[str]) -> dict[str, str]:
        """What stands for the analysis of each payload that has one, without reading what was measured."""
        kept: dict[str, str] = {}
        distinct = list(dict.fromkeys(payloads))
        for at in range(0, len(distinct), _PAGE):
            rows = await self._store.engine.find(
                self._store.sound_analyses.name,
                {"_id": {"$in": distinct[at : at + _PAGE]}},
                limit=_PAGE,
                fields=["version", "analysed_at"],
            )
            kept.update((row["_id"], f"{row.get('version')}@{row.get('analysed_at')}") for row in rows)
        return kept

    async def _album_songs(self, album_ids: Sequence[str]) -> dict[str, list[str | None]]:
        """The file of each song that shows, by album."""
        songs: dict[str, list[str | None]] = {}
        name, engine = self._store.songs.name, self._store.engine
        wanted = {"album_id": {"$in": list(album_ids)}, "is_hidden": False}
        after: list[str] | None = None
        while album_ids:
            rows = await engine.find(
                name, wanted, sort=[("_id", 1)], limit=_PAGE, after=after, fields=["album_id", "file_id"]
            )
            for row in rows:
                songs.setdefault(row["album_id"], []).append(row.get("file_id"))
            if len(rows) < _PAGE:
                break
            after = [rows[-1]["_id"]]
        return songs

    async def _blocks(self, payloads: Sequence[str]) -> dict[str, tuple[list[int], float | None]]:
        """Blocks by loudness and true peak, without the rest of the analyses."""
        kept: dict[str, tuple[list[int], float | None]] = {}
        distinct = list(dict.fromkeys(payloads))
        for at in range(0, len(distinct), _PAGE):
            rows = await self._store.engine.find(
                self._store.sound_analyses.name,
                {"_id": {"$in": distinct[at : at + _PAGE]}},
                limit=_PAGE,
                fields=["loudness_blocks", "true_peak_dbtp"],
            )
            for row in rows:
                kept[row["_id"]] = row.get("loudness_blocks") or [], row.get("true_peak_dbtp")
        return kept

    async def _payloads(self, file_ids: Sequence[str]) -> dict[str, str]:
        files = await self._store.audio_files.get_many(file_ids) if file_ids else {}
        return {file.id: file.payload_hash for file in files.values() if file.payload_hash is not None}
