"""Finding the songs that a playlist's file means: by our own id, by ISRC, then by artist and title.

Everything is asked in batches, so that ten thousand tracks cost a few dozen store commands. Refuses to know how files
are written and what becomes of the songs.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import islice

from services.catalogue.access import all_of, sight_of
from services.library.credits import split_credit
from services.library.names import fold, name_key
from services.playlists.exchange import Track
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import Song

DURATION_SLACK_MS = 3000
SPLITS_LIMIT = 3
_BATCH = 1000
_ROWS = 10_000
_FIELDS = ("isrc", "name_key", "album_title", "duration_ms", "play_count")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_SEVERAL = re.compile(r"\s*[,;/&]\s*|\s+(?:and|x|vs\.?)\s+", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d{1,3}(?:\s*[-.)]\s+|\s*[-.)](?=\D)|\s+)(?=\S)")


class Matching:
    """Looks up tracks among the songs that a viewer may see."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def match(self, viewer: Viewer, tracks: Sequence[Track]) -> list[Song | None]:
        """For each track the song it means, of which id and length are known; None when there is none to be seen.

        An id outranks an ISRC, an ISRC the names. By names the length, where it is told, lies within 3 seconds; among
        several the one on the album told wins, then the nearest in length, then the most played.
        """
        conditions = (await sight_of(self._store, viewer)).songs()
        found: list[Song | None] = [None] * len(tracks)
        ids = {track.song_id for track in tracks if track.song_id and is_id(track.song_id)}
        by_id = {song.id: song for song in await self._among("_id", ids, conditions)}
        for number, track in enumerate(tracks):
            found[number] = by_id.get(track.song_id or "")
        isrcs = {number: isrc for number in _left(found) if (isrc := _plain_isrc(tracks[number].isrc)) is not None}
        by_isrc: dict[str, list[Song]] = defaultdict(list)
        for song in await self._among("isrc", set(isrcs.values()), conditions):
            by_isrc[song.isrc or ""].append(song)
        for number, isrc in isrcs.items():
            found[number] = _best(tracks[number], by_isrc.get(isrc, ()))
        left = _left(found)
        # Folding names is work for a thread: some ten thousand of them take a second.
        keys = await asyncio.to_thread(lambda: {number: keys_of(tracks[number]) for number in left})
        wanted = {key for each in keys.values() for key in each}
        by_name: dict[str, list[Song]] = defaultdict(list)
        for song in await self._among("name_key", wanted, conditions):
            by_name[song.name_key or ""].append(song)

        def choose() -> None:
            for number, own in keys.items():
                choices = [song for key in own for song in by_name.get(key, ()) if _fits(tracks[number], song)]
                found[number] = _best(tracks[number], choices)

        await asyncio.to_thread(choose)
        return found

    async def _among(self, field: str, values: Collection[str], conditions: list[dict[str, object]]) -> list[Song]:
        songs, ordered = self._store.songs, sorted(values)
        found: list[Song] = []
        for start in range(0, len(ordered), _BATCH):
            filter = all_of([{field: {"$in": ordered[start : start + _BATCH]}}, *conditions])
            rows = await songs.engine.find(songs.name, filter, limit=_ROWS, fields=_FIELDS)
            found += [songs.codec.decode(row) for row in rows]
        return found


def _left(found: Sequence[Song | None]) -> list[int]:
    return [number for number, song in enumerate(found) if song is None]


def _plain_isrc(text: str | None) -> str | None:
    """The ISRC without hyphens and spaces; None for what is none."""
    plain = re.sub(r"[-\s]", "", text or "").upper()
    return plain if _ISRC.fullmatch(plain) else None


def keys_of(track: Track) -> list[str]:
    """The name keys a track may be found under, the likeliest first.

    Without a title the file's name tells (`03 - Artist - Title.mp3`). ` - ` may be part of either name, and a credit
    of several artists is looked for under the first one too.
    """
    artist, title = track.artist, track.title
    if not title:
        artist, title = "", _NUMBERED.sub("", track.file_name)
    readings = [(artist, title)] if artist else []
    whole = f"{artist} - {title}" if artist else title
    places = islice(re.finditer(r" - ", whole), SPLITS_LIMIT)
    readings += [(whole[: place.start()].strip(), whole[place.end() :].strip()) for place in places]
    keys: dict[str, None] = {}
    for by, called in readings:
        if not by or not called:
            continue
        keys[name_key(by, called)] = None
        _, credits = split_credit(by, [], [])
        first = credits[0].name if credits else by
        for alone in (first, _SEVERAL.split(first)[0]):
            if alone:
                keys[name_key(alone, called)] = None
    return list(keys)


def _fits(track: Track, song: Song) -> bool:
    if track.duration_ms is None or not song.duration_ms:
        return True
    return abs(track.duration_ms - song.duration_ms) <= DURATION_SLACK_MS


def _best(track: Track, songs: Sequence[Song]) -> Song | None:
    def rank(song: Song) -> tuple[bool, int, int, str]:
        elsewhere = bool(track.album) and fold(song.album_title or "") != fold(track.album)
        apart = abs((track.duration_ms or song.duration_ms) - song.duration_ms)
        return elsewhere, apart, -song.play_count, song.id

    return min(songs, key=rank, default=None)
