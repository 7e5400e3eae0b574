"""One UTC day of the ledger, counted: the rows that the store should have for it.

Pure. Owns which rows a day has and what is in them. Refuses to know how plays are read and rows are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.analytics.crowds import crowd_of, pack
from services.analytics.sums import Sum
from storage.records import Song

SLOTS = 48
SLOT_MINUTES = 30
PLAY_FIELDS = (
    "user_id",
    "song_id",
    "album_id",
    "artist_ids",
    "started_at",
    "ms_played",
    "completed",
    "source",
    "source_id",
)
FROM_PLAYLIST = "from_playlist"
"""An artist's plays from one playlist; the target is `{artist}/{playlist}`."""
WITH_CROWD = frozenset({"artist", "song", FROM_PLAYLIST})
"""Kinds of which it is known who listened, over many days; of the others only how many on each day."""


@dataclass(slots=True)
class _Row:
    sum: Sum = field(default_factory=Sum)
    listeners: set[int] = field(default_factory=set)


class DayCount:
    """The count of one day; plays are given to it, in any order, each once."""

    def __init__(self, day: str) -> None:
        self.day = day
        self._slots: dict[int, _Row] = {}
        self._rows: dict[tuple[str, str], _Row] = {}

    def take(self, plays: Iterable[Mapping[str, Any]], numbers: Mapping[str, int], songs: Mapping[str, Song]) -> None:
        """Count plays of this day. Songs that are gone have no length and no genre."""
        for play in plays:
            song, number = songs.get(play["song_id"]), numbers[play["user_id"]]
            duration_ms = song.duration_ms if song is not None else 0
            began = play["started_at"]
            slot = (began.hour * 60 + began.minute) // SLOT_MINUTES
            rows = [self._slots.setdefault(slot, _Row())]
            rows += [self._rows.setdefault(each, _Row()) for each in _things(play, song)]
            for row in rows:
                row.sum.take(play, duration_ms)
                row.listeners.add(number)

    def house(self) -> dict[str, Any]:
        """The fields of the day's row, `made` aside."""
        everybody = set().union(*(row.listeners for row in self._slots.values()))
        return {
            "slots": {str(slot): row.sum.document() for slot, row in sorted(self._slots.items())},
            "crowds": {str(slot): pack(crowd_of(row.listeners)) for slot, row in sorted(self._slots.items())},
            "crowd": pack(crowd_of(everybody)),
        }

    def things(self) -> dict[str, dict[str, Any]]:
        """The rows of songs, albums, artists, genres and playlists by id, `made` aside."""
        return {
            f"{kind}:{target}:{self.day}": {
                "kind": kind,
                "target_id": target,
                "day": self.day,
                "plays": row.sum.plays,
                "ms_heard": row.sum.ms_heard,
                "known": row.sum.known,
                "completed": row.sum.completed,
                "skips": row.sum.skips,
                "listeners": len(row.listeners),
                "sources": dict(row.sum.sources),
                "crowd": pack(crowd_of(row.listeners)) if kind in WITH_CROWD else "",
            }
            for (kind, target), row in self._rows.items()
        }


def _things(play: Mapping[str, Any], song: Song | None) -> Iterable[tuple[str, str]]:
    yield "song", play["song_id"]
    if play.get("album_id"):
        yield "album", play["album_id"]
    for artist in dict.fromkeys(play.get("artist_ids") or ()):
        yield "artist", artist
    for genre in dict.fromkeys(song.genre_ids if song is not None else ()):
        yield "genre", genre
    if play.get("source") == "playlist" and play.get("source_id"):
        yield "playlist", play["source_id"]
        for artist in dict.fromkeys(play.get("artist_ids") or ()):
            yield FROM_PLAYLIST, f"{artist}/{play['source_id']}"
