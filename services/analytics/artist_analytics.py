"""The figures of one artist, for whoever owns the catalogue entry and for admins.

Owns that nothing is told about fewer than five people. Days are UTC's. Refuses to know how the rows come to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.analytics.crowds import size, unpack
from services.analytics.day_count import FROM_PLAYLIST
from services.analytics.spans import Span, read_span
from services.analytics.sums import Sum
from services.analytics.tops import TopKind, TopRow, check_limit, top, utc_days
from services.catalogue.access import may_edit_artist
from services.catalogue.artists import Artists
from services.clock import Clock
from services.errors import Denied
from services.viewer import Viewer
from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.records import Artist, Edge
from storage.records.figures import FigureRow

FEWEST = 5
"""Figures about fewer people are withheld."""
_SONGS = 10_000
_ROWS = 2_000
_CROWD_ROWS = 10_000


@dataclass(slots=True)
class ArtistDay:
    """One day; None for what fewer than five people are behind, save that nobody at all listened."""

    day: date
    plays: int | None = 0
    listeners: int | None = 0
    hours: float | None = 0.0


@dataclass(slots=True)
class ArtistListening:
    """What was listened to in a range, told because enough people did."""

    plays: int
    hours: float
    listeners: int
    skip_rate: float | None
    completion_rate: float | None


@dataclass(slots=True)
class ArtistFigures:
    """One artist in a range. `sum` and `listeners` are None when fewer than five people listened, but some did."""

    artist: Artist
    span: Span
    sum: Sum | None
    listeners: int | None
    days: list[ArtistDay] = field(default_factory=list)

    @property
    def is_withheld(self) -> bool:
        """Whether too few people listened to tell."""
        return self.sum is None

    @property
    def listening(self) -> ArtistListening | None:
        """All days together; None when it is withheld."""
        total, listeners = self.sum, self.listeners
        if total is None or listeners is None:
            return None
        return ArtistListening(total.plays, total.hours, listeners, total.skip_rate, total.completion_rate)


@dataclass(slots=True)
class PlaylistPlays:
    """A playlist that the artist's songs were played from."""

    playlist_id: str
    plays: int


class ArtistAnalytics:
    """Figures of artists. NotFound for one that the viewer may not see, Denied for one that is not theirs."""

    def __init__(self, store: Store, clock: Clock, artists: Artists, house_zone: str) -> None:
        self._store = store
        self._clock = clock
        self._artists = artists
        self._house_zone = house_zone

    async def read(self, viewer: Viewer, artist_id: str, first: date | None, last: date | None) -> ArtistFigures:
        """The figures of a range; one store command besides the artist's."""
        artist = await self._artists.get(viewer, artist_id)
        if not may_edit_artist(viewer, artist):
            raise Denied("These figures are for whoever owns the artist.")
        span = read_span(first, last, "UTC", now=self._clock.now(), house_zone=self._house_zone)
        return await self._figures(artist, span)

    async def before(self, figures: ArtistFigures) -> ArtistFigures:
        """The same of the range before."""
        return await self._figures(figures.artist, figures.span.before())

    async def likes(self, figures: ArtistFigures) -> int | None:
        """Likes of the artist's songs that came in the range and stand; None below five. Two store commands."""
        return await self._edges(figures, self._store.liked_songs, await self._songs_of(figures.artist.id))

    async def saves(self, figures: ArtistFigures) -> int | None:
        """Saves of the artist's albums, likewise."""
        albums = await self._store.engine.find(
            self._store.albums.name, {"artist_id": figures.artist.id}, limit=_SONGS, fields=["artist_id"]
        )
        return await self._edges(figures, self._store.saved_albums, [album["_id"] for album in albums])

    async def followers(self, figures: ArtistFigures) -> int | None:
        """Who began to follow the artist, likewise. One store command."""
        return await self._edges(figures, self._store.followed_artists, [figures.artist.id])

    async def _edges(self, figures: ArtistFigures, shelf: Collection[Edge], targets: list[str]) -> int | None:
        made = {"created_at": figures.span.moments, "target_id": {"$in": targets}}
        count = await shelf.count(made) if targets else 0
        if count < FEWEST:
            return _told(count)
        # One person may have liked five songs.
        people = await self._store.engine.group(shelf.name, made, by=["user_id"], sums={"n": 1}, limit=FEWEST)
        return count if len(people) == FEWEST else None

    async def _songs_of(self, artist_id: str) -> list[str]:
        songs = await self._store.engine.find(
            self._store.songs.name, {"artist_ids": artist_id}, limit=_SONGS, fields=["artist_id"]
        )
        return [song["_id"] for song in songs]

    async def top_songs(self, figures: ArtistFigures, limit: int = 20) -> list[TopRow]:
        """The artist's most played songs, those with at least five listeners; four commands."""
        check_limit(limit)
        among = [] if figures.is_withheld else await self._songs_of(figures.artist.id)
        if not among:
            return []
        rows = await top(self._store, figures.span, TopKind.SONG, limit, among=among)
        told = await self._with_many(figures.span, TopKind.SONG.value, [row.target_id for row in rows])
        return [row for row in rows if row.target_id in told]

    async def playlists(self, figures: ArtistFigures, limit: int = 20) -> list[PlaylistPlays]:
        """Public playlists that the artist's songs were played from, most plays first; three store commands.

        Those with at least five listeners.
        """
        if figures.is_withheld:
            return []
        id = figures.artist.id
        found = await self._store.engine.group(
            self._store.figures_by_day.name,
            {"kind": FROM_PLAYLIST, "target_id": {"$gte": f"{id}/", "$lt": f"{id}0"}, "day": utc_days(figures.span)},
            by=["target_id"],
            sums={"plays": "plays"},
            sort=[("plays", -1)],
            limit=check_limit(limit) * 5,
        )
        many = await self._with_many(figures.span, FROM_PLAYLIST, [row["target_id"] for row in found])
        told = {row["target_id"].split("/", 1)[1]: row["plays"] for row in found if row["target_id"] in many}
        known = await self._store.playlists.get_many(list(told)) if told else {}
        public = [id for id in told if id in known and known[id].is_public and not known[id].is_hidden]
        return [PlaylistPlays(id, told[id]) for id in public[:limit]]

    async def _with_many(self, span: Span, kind: str, ids: list[str]) -> set[str]:
        """Those of the things that five different people listened to, as far as their newest 10,000 days tell."""
        if not ids:
            return set()
        rows = await self._store.engine.find(
            self._store.figures_by_day.name,
            {"kind": kind, "target_id": {"$in": ids}, "day": utc_days(span)},
            sort=[("day", -1)],
            limit=_CROWD_ROWS,
            fields=("target_id", "crowd"),
        )
        crowds: dict[str, int] = {}
        for row in rows:
            crowds[row["target_id"]] = crowds.get(row["target_id"], 0) | unpack(row.get("crowd"))
        return {id for id, crowd in crowds.items() if size(crowd) >= FEWEST}

    async def _figures(self, artist: Artist, span: Span) -> ArtistFigures:
        filter = {"kind": TopKind.ARTIST.value, "target_id": artist.id, "day": utc_days(span)}
        rows = await self._store.figures_by_day.find(filter, sort=[("day", 1)], limit=_ROWS)
        crowd, total = 0, Sum()
        for row in rows:
            crowd |= unpack(row.crowd)
            total.join(
                {name: getattr(row, name) for name in ("plays", "ms_heard", "known", "completed", "skips", "sources")}
            )
        listeners = size(crowd)
        by_day = {row.day: row for row in rows}
        is_told = listeners >= FEWEST or not total.plays
        days = [_day(day, by_day.get(day.isoformat())) for day in span.days()] if is_told else []
        _hide_one_more(days)
        return ArtistFigures(artist, span, total if is_told else None, listeners if is_told else None, days)


def _told(count: int) -> int | None:
    return count if count == 0 or count >= FEWEST else None


def _day(day: date, row: FigureRow | None) -> ArtistDay:
    if row is None or not row.plays:
        return ArtistDay(day)
    if row.listeners < FEWEST:
        return ArtistDay(day, None, None, None)
    return ArtistDay(day, row.plays, row.listeners, row.ms_heard / 3_600_000)


def _hide_one_more(days: Sequence[ArtistDay]) -> None:
    """Where a single day is withheld, the smallest other goes too: else the total less the rest would tell it."""
    told = [day for day in days if day.plays]
    if sum(day.plays is None for day in days) == 1 and told:
        least = min(told, key=lambda day: (day.listeners or 0, day.day))
        least.plays = least.listeners = least.hours = None
