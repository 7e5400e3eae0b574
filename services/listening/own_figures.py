"""What somebody listened to over some days, in figures: for themselves alone.

Reads the ledger, so it is true to the moment and holds what its listener took out of sight as little as the history
does. Owns what is counted and the bound on how much is read. Refuses to know who may see songs and artists.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.accounts.time_zones import zone_named
from services.analytics.spans import Span, read_span
from services.clock import Clock
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import Document

MOST_PLAYS = 20_000
"""How many plays are read at most, the newest: a year of eighteen hours a day."""
_AT_ONCE = 10_000
_SONGS_AT_ONCE = 1_000
_PLAY_FIELDS = ("song_id", "artist_ids", "started_at", "ms_played", "completed")


@dataclass(frozen=True, slots=True)
class OwnDay:
    """One day of the range: how many plays began on it, and for how long they were heard."""

    day: date
    plays: int
    ms: int


@dataclass(frozen=True, slots=True)
class OwnHour:
    """One hour of the clock, 0 to 23 in the listener's zone, over all days of the range."""

    hour: int
    plays: int
    ms: int


@dataclass(frozen=True, slots=True)
class OwnGenre:
    """A genre, and how many plays were of songs in it."""

    genre_id: str
    plays: int


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """The figures of a range. `streak` is the most days in a row with a play; `is_cut` says that older plays were left
    out because there were more than `MOST_PLAYS`."""

    span: Span
    plays: int
    ms: int
    songs: int
    artists: int
    streak: int
    days: tuple[OwnDay, ...]
    hours: tuple[OwnHour, ...]
    genres: tuple[OwnGenre, ...]
    is_cut: bool


class OwnListening:
    """Everybody's own figures."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def figures(self, viewer: Viewer, first: date | None, last: date | None, time_zone: str | None) -> OwnFigures:
        """The figures from `first` to `last`, both in the range (the last 28 days unless told), UTC unless told.

        At most two store commands for the plays and one for every 1,000 songs. Invalid as `read_span` says.
        """
        user_id = viewer.require(Role.LISTENER)
        now = self._clock.now()
        span = read_span(first, last, time_zone, now=now, house_zone="UTC", by_half_hours=False)
        plays = await self._newest(user_id, span)
        songs = await self._songs({play["song_id"] for play in plays})
        return count_own(span, plays, songs, is_cut=len(plays) == MOST_PLAYS)

    async def _newest(self, user_id: str, span: Span) -> list[Document]:
        found: list[Document] = []
        after: tuple[Any, str] | None = None
        while len(found) < MOST_PLAYS:
            rows = await self._store.engine.find(
                self._store.plays.name,
                {"user_id": user_id, "is_removed": False, "started_at": span.moments},
                sort=[("started_at", -1)],
                limit=_AT_ONCE,
                after=after,
                fields=_PLAY_FIELDS,
            )
            found += rows
            if len(rows) < _AT_ONCE:
                break
            after = (rows[-1]["started_at"], rows[-1]["_id"])
        return found

    async def _songs(self, ids: set[str]) -> dict[str, Document]:
        found: dict[str, Document] = {}
        ordered = sorted(ids)
        for begin in range(0, len(ordered), _SONGS_AT_ONCE):
            some = ordered[begin : begin + _SONGS_AT_ONCE]
            rows = await self._store.engine.find(
                self._store.songs.name, {"_id": {"$in": some}}, limit=len(some), fields=("duration_ms", "genre_ids")
            )
            found |= {row["_id"]: row for row in rows}
        return found


def count_own(span: Span, plays: Iterable[Document], songs: dict[str, Document], *, is_cut: bool = False) -> OwnFigures:
    """The figures of these rows of the ledger. A play that is only said to be complete lasted as long as its song."""
    zone = zone_named(span.time_zone)
    by_day: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0])
    by_hour: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    genres: Counter[str] = Counter()
    heard: set[str] = set()
    artists: set[str] = set()
    total = [0, 0]
    for play in plays:
        song = songs.get(play["song_id"], {})
        ms = play.get("ms_played")
        if ms is None:
            ms = song.get("duration_ms", 0) if play.get("completed") else 0
        local = _local(play["started_at"], zone)
        for sums in (by_day[local.date()], by_hour[local.hour], total):
            sums[0] += 1
            sums[1] += ms
        heard.add(play["song_id"])
        artists.update(play.get("artist_ids") or ())
        genres.update(song.get("genre_ids") or ())
    return OwnFigures(
        span=span,
        plays=total[0],
        ms=total[1],
        songs=len(heard),
        artists=len(artists),
        streak=longest_streak(by_day),
        days=tuple(OwnDay(day, *by_day.get(day, (0, 0))) for day in span.days()),
        hours=tuple(OwnHour(hour, *by_hour.get(hour, (0, 0))) for hour in range(24)),
        genres=tuple(
            OwnGenre(id, number) for id, number in sorted(genres.items(), key=lambda each: (-each[1], each[0]))
        ),
        is_cut=is_cut,
    )


def longest_streak(days: Iterable[date]) -> int:
    """How many days there are in the longest run without a gap."""
    there, longest = set(days), 0
    for day in there:
        if day - timedelta(days=1) in there:
            continue
        length = 1
        while day + timedelta(days=length) in there:
            length += 1
        longest = max(longest, length)
    return longest


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone)
