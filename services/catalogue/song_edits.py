"""Rewriting songs: words, lyrics, genres, credits, their place on the album. Refuses to know their sound."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.catalogue.access import sight_beside
from services.catalogue.genre_names import GenreNames
from services.catalogue.naming import renamed
from services.catalogue.wording import (
    LYRICS_LIMIT,
    WORD_LIMIT,
    read_isrc,
    read_language,
    read_line,
    read_number,
    read_optional_line,
    read_text,
)
from services.catalogue.workbench import TRIES, Changes, Workbench, too_busy
from services.errors import Invalid, NotFound
from services.events import Bus, CatalogueChanged
from services.library.names import sort_name
from services.library.settling import Settling
from services.library.track import PERFORMING_ROLES
from services.lyrics.lyric_edits import written_changes
from services.lyrics.reading import LyricsFormat, read_lyrics
from services.lyrics.sheets import LyricSheets
from services.viewer import Viewer
from storage.collections.library import Library
from storage.records import Artist, Credit, Song

FEATURED_LIMIT = 20
TRACK_LIMIT = 9_999
DISC_LIMIT = 999
COPYRIGHT_LIMIT = 500
_COUNTED = ("genre_ids", "credits", "is_explicit", "disc_number")


class SongEdits:
    """Edits of songs by the artist's owner and admins."""

    def __init__(self, bench: Workbench, bus: Bus, genres: GenreNames) -> None:
        self._bench = bench
        self._songs = bench.store.songs
        self._bus = bus
        self._genres = genres
        self._sheets = LyricSheets(bench.store, bench.clock)

    async def update(self, viewer: Viewer, song_id: str, **words: Any) -> Song:
        """The song with what was given changed; null takes something away. An import leaves these fields from now on.

        `synced_lyrics` is LRC text, and gives the plain lyrics too where none come along. `genre` alone replaces all
        genres; `genres` does so in order, the first the foremost.
        """
        song, artist = await self._bench.song(viewer, song_id)
        changes = await self._read(words)
        if "featured_artist_ids" in words:
            changes |= await self._featured(viewer, song, artist, words["featured_artist_ids"] or [])
        if not changes:
            return song
        for _ in range(TRIES):
            address: Changes = {}
            if "title" in changes:
                address = await renamed(self._bench.store, self._songs, song, changes["title"], "song")
            changed = await self._bench.write(self._songs, song, changes | address, edited=changes)
            if changed is not None:
                if any(name in changes for name in _COUNTED):
                    await self._recount(song, changed)
                self._bus.publish(CatalogueChanged(song_ids=(song.id,)))
                return changed
            song, artist = await self._bench.song(viewer, song_id)
        raise too_busy()

    async def _read(self, words: Mapping[str, Any]) -> Changes:
        changes: Changes = {}
        if "title" in words:
            changes["title"] = read_line(words["title"], "title")
            changes["sort_title"] = sort_name(changes["title"])
        if "lyrics" in words:
            changes["lyrics"] = read_text(words["lyrics"], "lyrics", limit=LYRICS_LIMIT) or None
        if "synced_lyrics" in words:
            changes |= await self._synced(words["synced_lyrics"], plain_too="lyrics" not in words)
        if "mood" in words:
            changes["mood"] = read_optional_line(words["mood"], "mood", limit=WORD_LIMIT)
        if "language" in words:
            changes["language"] = read_language(words["language"])
        if "isrc" in words:
            changes["isrc"] = read_isrc(words["isrc"])
        if "copyright" in words:
            changes["copyright"] = read_optional_line(words["copyright"], "copyright", limit=COPYRIGHT_LIMIT)
        if "is_explicit" in words:
            if words["is_explicit"] is None:
                raise Invalid("isExplicit cannot be empty.", field="isExplicit")
            changes["is_explicit"] = words["is_explicit"]
        if "track_number" in words:
            changes["track_number"] = read_number(words["track_number"], "trackNumber", most=TRACK_LIMIT)
        if "disc_number" in words:
            changes["disc_number"] = read_number(words["disc_number"], "discNumber", most=DISC_LIMIT)
        if "genres" in words or "genre" in words:
            single = [words["genre"]] if words.get("genre") is not None else []
            ids = await self._genres.ids(
                [*single, *(words.get("genres") or [])], "genres" if "genres" in words else "genre"
            )
            changes["genre_ids"], changes["genre_id"] = ids, ids[0] if ids else None
        return changes

    async def _synced(self, text: str | None, *, plain_too: bool) -> Changes:
        if text is None or not text.strip():
            return {"synced_lyrics": [], "lyrics_id": None}
        whole = read_text(text, "syncedLyrics", limit=LYRICS_LIMIT)
        lyrics = await asyncio.to_thread(read_lyrics, whole, LyricsFormat.LRC, field="syncedLyrics")
        changes = await written_changes(self._sheets, lyrics, "syncedLyrics")
        if not plain_too:
            del changes["lyrics"]
        return changes

    async def _featured(self, viewer: Viewer, song: Song, artist: Artist, ids: Sequence[str]) -> Changes:
        """Credits with these artists featured, in this order, printed `A feat. B & C`; the other roles stay."""
        field = "featuredArtistIds"
        wanted = list(dict.fromkeys(ids))
        if len(wanted) > FEATURED_LIMIT:
            raise Invalid(f"{field} can hold at most {FEATURED_LIMIT}.", field=field)
        if song.artist_id in wanted:
            raise Invalid("Nobody features on their own song.", field=field)
        known = await self._bench.store.artists.get_many(wanted)
        visible = {id for id, each in known.items() if sight_beside(viewer, each).sees_artist(each)}
        if set(wanted) - visible:
            raise NotFound("There is no such artist.", field=field)
        main = [replace(credit) for credit in song.credits if credit.role == "main"] or [Credit(artist.id, artist.name)]
        for credit in main:
            if credit is main[-1] or "feat" in credit.join.lower():
                credit.join = ""
        others = [credit for credit in song.credits if credit.role not in ("main", "featured")]
        featured = [Credit(id, known[id].name, "featured") for id in wanted]
        if featured:
            main[-1].join = " feat. "
        for credit, join in zip(featured, [", "] * (len(featured) - 2) + [" & "] * (len(featured) > 1), strict=False):
            credit.join = join
        printed = [*main, *featured]
        credits = [*printed, *others]
        return {
            "credits": credits,
            "artist_ids": list(dict.fromkeys(each.artist_id for each in credits if each.role in PERFORMING_ROLES)),
            "artist_credit": "".join(credit.name + credit.join for credit in printed),
        }

    async def _recount(self, before: Song, after: Song) -> None:
        settling = Settling(Library(self._bench.store), self._bench.clock)
        settling.touch(before)
        settling.touch(after)
        await settling.recount_albums()
        await settling.recount_artists()
