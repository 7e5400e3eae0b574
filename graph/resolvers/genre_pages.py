"""What a genre's page shows."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.paging import slice_of
from storage.records import Genre


@resolves("Genre.topSongs")
def top_songs(genre: Genre, info: Info, limit: int | None = None) -> Any:
    """Its most played songs."""
    return info.context.loaders.genre_songs.load((genre.id, _rows(limit)))


@resolves("Genre.topArtists")
def top_artists(genre: Genre, info: Info, limit: int | None = None) -> Any:
    """Its artists with the most listeners."""
    return info.context.loaders.genre_artists.load((genre.id, _rows(limit)))


@resolves("Genre.newReleases")
def new_releases(genre: Genre, info: Info, limit: int | None = None) -> Any:
    """What came out last."""
    return info.context.loaders.genre_releases.load((genre.id, _rows(limit)))


@resolves("Genre.relatedGenres")
def related_genres(genre: Genre, info: Info, limit: int | None = None) -> Any:
    """The genres near it."""
    return info.context.loaders.related_genres.load((genre.id, _rows(limit)))


@resolves("Genre.playlists")
def playlists(genre: Genre, info: Info, limit: int | None = None) -> Any:
    """Its playlists."""
    return info.context.loaders.genre_playlists.load((genre.id, _rows(limit)))


def _rows(limit: int | None) -> int:
    return slice_of(limit=limit, default=10).limit
