"""The room of lyrics: kept in sheets, read by viewers, written by editors."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalogue.songs import Songs
from services.catalogue.workbench import Workbench
from services.ground import Ground
from services.lyrics.lyric_edits import LyricEdits
from services.lyrics.sheets import LyricSheets
from services.lyrics.song_lyrics import SongLyrics


@dataclass
class LyricsRoom:
    """What stands in `services/lyrics`."""

    lyric_sheets: LyricSheets
    lyrics: SongLyrics
    lyric_edits: LyricEdits


def build_lyrics(ground: Ground, songs: Songs, bench: Workbench) -> LyricsRoom:
    """The room, ready."""
    sheets = LyricSheets(ground.store, ground.clock)
    return LyricsRoom(sheets, SongLyrics(songs, sheets), LyricEdits(bench, ground.bus, sheets))
