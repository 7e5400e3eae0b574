"""Lyrics with their times, and the setting of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.lyrics.model import Lyrics, LyricsKind
from services.lyrics.reading import LyricsFormat
from storage.records import SheetAgent, SheetLine, SheetTranslation, SheetWord, Song


@dataclass(slots=True)
class LyricsSet:
    """What setting lyrics gives."""

    song: Song


RECORDS = {
    "Lyrics": Lyrics,
    "LyricsLine": SheetLine,
    "LyricsWord": SheetWord,
    "LyricsTranslation": SheetTranslation,
    "LyricsAgent": SheetAgent,
    "SetLyrics": LyricsSet,
}
ENUMS = {"LyricsKind": LyricsKind, "LyricsFormat": LyricsFormat}


@resolves("Query.lyrics")
async def lyrics(_: None, info: Info, song_id: str) -> Lyrics | None:
    """A song's lyrics, None when there are none to see."""
    song = await info.context.loaders.songs.one(song_id)
    return None if song is None else await info.context.house.lyrics.of_song(song)


@resolves("SetLyrics.lyrics")
async def lyrics_set(answer: LyricsSet, info: Info) -> Lyrics | None:
    """The lyrics as they are now."""
    return await info.context.house.lyrics.of_song(answer.song)


@resolves("Mutation.setLyrics")
async def set_lyrics(_: None, info: Info, song_id: str, text: str | None = None, **more: Any) -> LyricsSet:
    """The song with other lyrics."""
    edits, viewer = info.context.house.lyric_edits, info.context.viewer
    return LyricsSet(await edits.set(viewer, song_id, text, more.get("format"), more.get("language")))
