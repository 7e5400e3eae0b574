"""The figures of one artist, for their owner."""

from __future__ import annotations

from datetime import date
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.analytics.artist_analytics import ArtistDay, ArtistFigures, ArtistListening, PlaylistPlays
from services.analytics.faces import SourceFigures, of_sources
from services.analytics.tops import TopRow

RECORDS = {
    "ArtistAnalytics": ArtistFigures,
    "ArtistListening": ArtistListening,
    "ArtistDayFigures": ArtistDay,
    "PlaylistPlays": PlaylistPlays,
}


@resolves("Query.artistAnalytics")
async def artist_analytics(_: None, info: Info, artist_id: str, to: date | None = None, **begin: Any) -> ArtistFigures:
    """One artist's range."""
    return await info.context.house.artist_analytics.read(info.context.viewer, artist_id, begin.get("from"), to)


@resolves("ArtistAnalytics.from")
def first(figures: ArtistFigures, _info: Info) -> date:
    """The first day."""
    return figures.span.first


@resolves("ArtistAnalytics.to")
def last(figures: ArtistFigures, _info: Info) -> date:
    """The last day."""
    return figures.span.last


@resolves("ArtistAnalytics.listeningBefore")
async def listening_before(figures: ArtistFigures, info: Info) -> ArtistListening | None:
    """The range before."""
    return (await info.context.house.artist_analytics.before(figures)).listening


@resolves("ArtistAnalytics.sources")
def sources(figures: ArtistFigures, _info: Info) -> list[SourceFigures]:
    """By source."""
    return [] if figures.sum is None else of_sources(figures.sum)


@resolves("ArtistAnalytics.newLikes")
async def new_likes(figures: ArtistFigures, info: Info) -> int | None:
    """Of songs."""
    return await info.context.house.artist_analytics.likes(figures)


@resolves("ArtistAnalytics.newSaves")
async def new_saves(figures: ArtistFigures, info: Info) -> int | None:
    """Of albums."""
    return await info.context.house.artist_analytics.saves(figures)


@resolves("ArtistAnalytics.newFollowers")
async def new_followers(figures: ArtistFigures, info: Info) -> int | None:
    """Of the artist."""
    return await info.context.house.artist_analytics.followers(figures)


@resolves("ArtistAnalytics.topSongs")
async def top_songs(figures: ArtistFigures, info: Info, limit: int) -> list[TopRow]:
    """The most played."""
    return await info.context.house.artist_analytics.top_songs(figures, limit)


@resolves("ArtistAnalytics.playlists")
async def playlists(figures: ArtistFigures, info: Info, limit: int) -> list[PlaylistPlays]:
    """Where songs were played from."""
    return await info.context.house.artist_analytics.playlists(figures, limit)


@resolves("PlaylistPlays.playlist")
def playlist(row: PlaylistPlays, info: Info) -> Any:
    """Which."""
    return info.context.loaders.playlists.load(row.playlist_id)
