"""Genres: following their ids, and the tree."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import impersonal
from storage.records import Genre

RECORDS = {"Genre": Genre}


@resolves("Query.genre")
def genre(_: None, info: Info, id: str | None = None, slug: str | None = None) -> Any:
    """One genre, None when absent."""
    if slug is not None:
        return info.context.house.genres.by_slug(info.context.viewer, slug)
    return info.context.loaders.genres.load(id)


@resolves("Query.genres")
def genres(_: None, info: Info, roots_only: bool, limit: int | None = None, offset: int | None = None) -> Any:
    """Genres by name."""
    listing = info.context.house.genres.listing
    return listing(info.context.viewer, roots_only=roots_only, limit=limit, offset=offset)


@resolves("Genre.parent")
def parent(genre: Genre, info: Info) -> Any:
    """The genre it belongs to."""
    return info.context.loaders.genres.load(genre.parent_id)


@resolves("Genre.children")
def children(genre: Genre, info: Info) -> Any:
    """The genres directly below it."""
    return info.context.loaders.child_genres.load(genre.id)


@resolves("Genre.ancestors")
def ancestors(genre: Genre, info: Info) -> Any:
    """The way down to its parent."""
    return info.context.loaders.genres.load_many(genre.ancestor_ids)


@resolves("Artist.genres", "Album.genres", "Song.genres")
@impersonal
def genres_of(record: Any, info: Info) -> Any:
    """The genres of an artist, album or song."""
    return info.context.loaders.genres.load_many(record.genre_ids)
