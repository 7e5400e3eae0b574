"""A song's lyrics as viewers get them: as records, and as files that players take.

Refuses to know HTTP and how lyrics came here. Who sees a song sees its lyrics.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from services.catalogue.songs import Songs
from services.errors import NotFound
from services.lyrics.lrc import write_lrc
from services.lyrics.model import Lyrics
from services.lyrics.sheets import LyricSheets
from services.lyrics.ttml import write_ttml
from services.lyrics.vtt import write_vtt
from services.viewer import Viewer
from storage.records import Song


class LyricsFile(Enum):
    """The notations that lyrics are handed out in, by the suffix of their address."""

    LRC = "lrc"
    VTT = "vtt"
    TTML = "ttml"


@dataclass(frozen=True, slots=True)
class WrittenLyrics:
    """A file of lyrics in UTF-8. `etag` is strong and made of the bytes."""

    body: bytes
    content_type: str
    etag: str


class SongLyrics:
    """Lyrics of songs, for viewers."""

    def __init__(self, songs: Songs, sheets: LyricSheets) -> None:
        self._songs = songs
        self._sheets = sheets

    async def of_song(self, song: Song) -> Lyrics | None:
        """The lyrics of a song that the viewer was given, None when it has none."""
        return await self._sheets.of_song(song)

    async def written(self, viewer: Viewer, song_id: str, form: LyricsFile) -> WrittenLyrics:
        """A song's timed lyrics as a file. NotFound when it is absent or invisible, or its lyrics have no times."""
        song = await self._songs.get(viewer, song_id)
        lyrics = await self._sheets.of_song(song)
        if lyrics is None or not lyrics.is_synced:
            raise NotFound("This song has no timed lyrics.")
        return await asyncio.to_thread(_write, form, lyrics, song)


def _write(form: LyricsFile, lyrics: Lyrics, song: Song) -> WrittenLyrics:
    content_type, write = _WRITERS[form]
    body = write(lyrics, song).encode("utf-8", "replace")
    etag = hashlib.blake2b(body, digest_size=16, person=b"tutti.lyrics").hexdigest()
    return WrittenLyrics(body, content_type, f'"{etag}"')


def _lrc(lyrics: Lyrics, song: Song) -> str:
    lines = [line for line in lyrics.lines if not line.is_background]
    return write_lrc(lines or lyrics.lines, _headers(lyrics, song)) + "\n"


def _vtt(lyrics: Lyrics, song: Song) -> str:
    return write_vtt(lyrics, duration_ms=song.duration_ms)


def _ttml(lyrics: Lyrics, song: Song) -> str:
    return write_ttml(lyrics, _headers(lyrics, song))


def _headers(lyrics: Lyrics, song: Song) -> dict[str, str]:
    seconds = (song.duration_ms + 500) // 1000
    return {
        "ti": song.title,
        "ar": song.artist_credit,
        "al": song.album_title or "",
        "la": lyrics.language or "",
        "length": f"{seconds // 60:02}:{seconds % 60:02}" if seconds else "",
    }


_WRITERS: dict[LyricsFile, tuple[str, Callable[[Lyrics, Song], str]]] = {
    # LRC has no registered type; as text every browser shows it.
    LyricsFile.LRC: ("text/plain; charset=utf-8", _lrc),
    LyricsFile.VTT: ("text/vtt; charset=utf-8", _vtt),
    LyricsFile.TTML: ("application/ttml+xml; charset=utf-8", _ttml),
}
