"""Lyrics set by people: by the artist's owner and admins, in any notation that is read, for good.

Refuses to know notations and how the other fields of a song are edited.
"""

from __future__ import annotations

import asyncio

from services.catalogue.wording import LYRICS_LIMIT, read_language, read_text
from services.catalogue.workbench import TRIES, Changes, Workbench, too_busy
from services.errors import Invalid
from services.events import Bus, CatalogueChanged
from services.lyrics.model import TEXT_LIMIT, Lyrics
from services.lyrics.reading import LyricsFormat, read_lyrics
from services.lyrics.sheets import LyricSheets, sheet_id
from services.viewer import Viewer
from storage.records import Song


class LyricEdits:
    """The writing of songs' lyrics."""

    def __init__(self, bench: Workbench, bus: Bus, sheets: LyricSheets) -> None:
        self._bench = bench
        self._bus = bus
        self._sheets = sheets

    async def set(
        self,
        viewer: Viewer,
        song_id: str,
        text: str | None,
        form: LyricsFormat | None = None,
        language: str | None = None,
    ) -> Song:
        """The song with these lyrics in place of all it had; None or nothing takes them away.

        Without `form` the notation is told from the text. `language` becomes the song's, and wins over what the text
        says. Imports leave these lyrics. NotFound and Denied come before a word is looked at, then Invalid.
        """
        song, _ = await self._bench.song(viewer, song_id)
        changes = await self._read(text, form, language)
        for _ in range(TRIES):
            changed = await self._bench.write(self._bench.store.songs, song, changes, edited=changes)
            if changed is not None:
                self._bus.publish(CatalogueChanged(song_ids=(song.id,)))
                return changed
            song, _ = await self._bench.song(viewer, song_id)
        raise too_busy()

    async def _read(self, text: str | None, form: LyricsFormat | None, language: str | None) -> Changes:
        spoken = read_language(language)
        whole = read_text((text or "").lstrip("\ufeff"), "text", limit=TEXT_LIMIT)
        lyrics = await asyncio.to_thread(read_lyrics, whole, form, field="text") if whole else Lyrics()
        if spoken is not None:
            lyrics.language = spoken
        changes = await written_changes(self._sheets, lyrics, "text")
        return changes if spoken is None else changes | {"language": spoken}


async def written_changes(sheets: LyricSheets, lyrics: Lyrics, field: str) -> Changes:
    """The fields of a song that hold these lyrics, their sheet already kept. Invalid for too much plain text."""
    if len(lyrics.plain) > LYRICS_LIMIT:
        raise Invalid(f"{field} can hold at most {LYRICS_LIMIT} characters of words.", field=field)
    await sheets.keep([lyrics])
    return {"lyrics": lyrics.plain or None, "synced_lyrics": lyrics.line_level(), "lyrics_id": sheet_id(lyrics)}
