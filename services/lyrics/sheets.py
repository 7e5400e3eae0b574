"""Lyric sheets kept beside songs: written before a song names one, forgotten when no song does any more.

Owns what a sheet's id is made of. Refuses to know notations, and who may see or change a song.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

import orjson

from services.clock import Clock
from services.lyrics.model import Lyrics
from storage.collections.record_codec import RecordCodec
from storage.collections.store import Store
from storage.engine import Replace
from storage.records import LyricSheet, SheetAgent, SheetLine, Song

KEPT_AT_LEAST = timedelta(days=1)
"""How long a sheet that no song names is kept: far longer than the two writes of an import or an edit are apart."""
_BATCH = 100
_SHARERS_LIMIT = 10_000

log = logging.getLogger("tutti.lyrics")
_line_codec = RecordCodec(SheetLine)
_agent_codec = RecordCodec(SheetAgent)


def sheet_id(lyrics: Lyrics) -> str | None:
    """The id of the sheet these lyrics need: 32 hex digits of their content; None where a song's row can hold them."""
    if not lyrics.is_rich:
        return None
    lines = [_line_codec.encode(line) for line in lyrics.lines]
    agents = [_agent_codec.encode(agent) for agent in lyrics.agents]
    content = orjson.dumps([lyrics.language, agents, lines])
    return hashlib.blake2b(content, digest_size=16, person=b"tutti.lyrics").hexdigest()


class LyricSheets:
    """The sheets of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def keep(self, several: Iterable[Lyrics]) -> None:
        """Write the sheets that these lyrics need, before a song names them; the same one twice is one."""
        codec, now = self._store.lyric_sheets.codec, self._clock.now()
        sheets = {
            id: LyricSheet(id, now, lyrics.language, lyrics.agents, lyrics.lines)
            for lyrics in several
            if (id := sheet_id(lyrics)) is not None
        }
        if sheets:
            await self._store.lyric_sheets.bulk([Replace(codec.encode(sheet)) for sheet in sheets.values()])

    async def of_song(self, song: Song) -> Lyrics | None:
        """All that is known of a song's lyrics, None when it has none."""
        sheet = None if song.lyrics_id is None else await self._store.lyric_sheets.get(song.lyrics_id)
        return _lyrics(song, sheet)

    async def of_songs(self, songs: Sequence[Song]) -> list[Lyrics | None]:
        """The lyrics of several, in their order; one store command, none when no song needs a sheet."""
        sheets = await self._store.lyric_sheets.get_many([song.lyrics_id for song in songs if song.lyrics_id])
        return [_lyrics(song, sheets.get(song.lyrics_id or "")) for song in songs]

    async def sweep(self) -> int:
        """Forget the sheets that no song has named for a day; how many. Safe beside edits and imports, and twice."""
        engine, before = self._store.engine, self._clock.now() - KEPT_AT_LEAST
        forgotten, after = 0, None
        while True:
            old = await engine.find(
                "lyric_sheets",
                {"kept_at": {"$lt": before}},
                sort=[("_id", 1)],
                limit=_BATCH,
                after=after,
                fields=("kept_at",),
            )
            ids = [document["_id"] for document in old]
            naming = await engine.find(
                "songs", {"lyrics_id": {"$in": ids}}, limit=_SHARERS_LIMIT, fields=("lyrics_id",)
            )
            free = sorted(set(ids) - {document["lyrics_id"] for document in naming})
            if free and len(naming) < _SHARERS_LIMIT:
                # One that was taken in again meanwhile has a new time, and stays.
                filter = {"_id": {"$in": free}, "kept_at": {"$lt": before}}
                forgotten += await self._store.lyric_sheets.delete(filter, many=True)
            if len(ids) < _BATCH:
                break
            after = [ids[-1]]
        if forgotten:
            log.info("lyric sheets forgotten", extra={"sheets": forgotten})
        return forgotten


def _lyrics(song: Song, sheet: LyricSheet | None) -> Lyrics | None:
    if sheet is not None:
        lines = sheet.lines
    else:
        lines = [SheetLine(line.at_ms, line.text) for line in song.synced_lyrics]
    plain = song.lyrics or "\n".join(line.text for line in lines if not line.is_background).strip("\n")
    if not lines and not plain:
        return None
    language = (sheet.language if sheet is not None else None) or song.language
    return Lyrics(lines, plain, language, sheet.agents if sheet is not None else [])
