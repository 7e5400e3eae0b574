"""What was measured of sounds: of songs, of albums, and how far the measuring is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.analysis.sound_facts import AlbumLoudness, gain_db
from services.analysis.staff import AnalysisProgress
from storage.records import Album, Song
from storage.records.sound_analysis import SoundAnalysis


@dataclass(slots=True)
class SongToMeasure:
    """What asking for another measurement gives."""

    song: Song


RECORDS = {
    "SoundAnalysis": SoundAnalysis,
    "AlbumLoudness": AlbumLoudness,
    "AnalysisProgress": AnalysisProgress,
    "Reanalyse": SongToMeasure,
}


@resolves("Song.analysis")
def analysis(song: Song, info: Info) -> Any:
    """What was measured of its sound."""
    return info.context.loaders.sound_analyses.load(song.file_id)


@resolves("Album.loudness")
def album_loudness(album: Album, info: Info) -> Any:
    """Its loudness as a whole."""
    return info.context.loaders.album_loudness.load(album.id)


@resolves("SoundAnalysis.trackGainDb")
def track_gain_db(analysis: SoundAnalysis, _info: Info) -> float | None:
    """What brings the song to the reference loudness."""
    return None if analysis.loudness_lufs is None else gain_db(analysis.loudness_lufs)


@resolves("AlbumLoudness.albumGainDb")
def album_gain_db(loudness: AlbumLoudness, _info: Info) -> float:
    """What brings the album to the reference loudness."""
    return gain_db(loudness.loudness_lufs)


@resolves("Query.analysisProgress")
async def analysis_progress(_: None, info: Info) -> AnalysisProgress:
    """How far it is."""
    return await info.context.house.analysis_desk.progress(info.context.viewer)


@resolves("Mutation.reanalyse")
async def reanalyse(_: None, info: Info, song_id: str) -> SongToMeasure:
    """The song that waits again."""
    return SongToMeasure(await info.context.house.analysis_desk.reanalyse(info.context.viewer, song_id))
