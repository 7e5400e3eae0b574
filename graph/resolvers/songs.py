"""Songs: following their ids, their lists, and where they can be played."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import impersonal
from graph.resolvers.paging import asks_for
from services.catalogue.orders import CatalogueOrder
from services.catalogue.songs import SongFilters
from services.paging import Page, slice_of
from storage.records import AudioFeatures, Credit, LyricLine, Song

RECORDS = {
    "Song": Song,
    "Credit": Credit,
    "LyricLine": LyricLine,
    "AudioFeatures": AudioFeatures,
    "SongFilters": SongFilters,
}


@resolves("Query.song")
def song(_: None, info: Info, id: str | None = None, slug: str | None = None) -> Any:
    """One song, None when absent or invisible."""
    if slug is not None:
        return info.context.house.songs.by_slug(info.context.viewer, slug)
    return info.context.loaders.songs.load(id)


@resolves("Query.songs")
async def songs(
    _: None,
    info: Info,
    order_by: CatalogueOrder,
    filters: SongFilters | None = None,
    **part: Any,
) -> Page[Song]:
    """A page of songs."""
    counted = asks_for(info, "totalCount")
    listing = info.context.house.songs.listing
    return await listing(info.context.viewer, slice_of(**part), filters, order_by, counted=counted)


@resolves("Song.artist")
@impersonal
def artist(song: Song, info: Info) -> Any:
    """Whose song it is."""
    return info.context.loaders.artists.load(song.artist_id)


@resolves("Credit.artist")
@impersonal
def credited_artist(credit: Credit, info: Info) -> Any:
    """The artist behind a printed name."""
    return info.context.loaders.artists.load(credit.artist_id)


@resolves("Song.featuredArtists")
@impersonal
def featured_artists(song: Song, info: Info) -> Any:
    """The artists who feature on it, in the order printed."""
    featured = [credit.artist_id for credit in song.credits if credit.role == "featured"]
    return info.context.loaders.artists.load_many(featured)


@resolves("Song.album")
@impersonal
def album(song: Song, info: Info) -> Any:
    """The album it is on."""
    return info.context.loaders.albums.load(song.album_id)


@resolves("Song.genre")
@impersonal
def genre(song: Song, info: Info) -> Any:
    """Its foremost genre."""
    return info.context.loaders.genres.load(song.genre_id)


@resolves("Song.duration")
@impersonal
def duration(song: Song, _info: Info) -> int:
    """How long it is, in whole seconds."""
    return (song.duration_ms + 500) // 1000


@resolves("Song.audioFeatures")
@impersonal
def audio_features(song: Song, _info: Info) -> AudioFeatures:
    """How it sounds."""
    return song.features


@resolves("Song.audioUrl")
def audio_url(song: Song, info: Info) -> str | None:
    """Where the viewer can play it; the ticket in it stands for them. None for nobody."""
    viewer = info.context.viewer
    return None if viewer.user_id is None else info.context.house.playback.address(viewer, song)
