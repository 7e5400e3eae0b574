"""Albums: following their ids, and their lists."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import impersonal
from graph.resolvers.paging import asks_for
from services.catalogue.albums import AlbumFilters
from services.catalogue.orders import AlbumType, CatalogueOrder
from services.paging import Page, slice_of
from storage.records import Album

RECORDS = {"Album": Album, "AlbumFilters": AlbumFilters}
ENUMS = {"AlbumType": AlbumType, "CatalogueOrder": CatalogueOrder}


@resolves("Query.album")
def album(_: None, info: Info, id: str | None = None, slug: str | None = None) -> Any:
    """One album, None when absent or invisible."""
    if slug is not None:
        return info.context.house.albums.by_slug(info.context.viewer, slug)
    return info.context.loaders.albums.load(id)


@resolves("Query.albums")
async def albums(
    _: None,
    info: Info,
    order_by: CatalogueOrder,
    filters: AlbumFilters | None = None,
    **part: Any,
) -> Page[Album]:
    """A page of albums."""
    counted = asks_for(info, "totalCount")
    listing = info.context.house.albums.listing
    return await listing(info.context.viewer, slice_of(**part), filters, order_by, counted=counted)


@resolves("Query.newReleases")
def new_releases(_: None, info: Info, album_type: AlbumType | None = None, limit: int | None = None) -> Any:
    """What came out last."""
    return info.context.house.albums.new_releases(info.context.viewer, album_type, limit)


@resolves("Album.artist")
@impersonal
def artist(album: Album, info: Info) -> Any:
    """Whose album it is."""
    return info.context.loaders.artists.load(album.artist_id)


@resolves("Album.songs")
@impersonal
def songs(album: Album, info: Info) -> Any:
    """Its songs in order."""
    return info.context.loaders.album_songs.load(album.id)


@resolves("Album.totalDuration")
@impersonal
def total_duration(album: Album, _info: Info) -> int:
    """How long it is, in whole seconds."""
    return (album.total_duration_ms + 500) // 1000


@resolves("Album.coverImage", "Song.coverImage")
@impersonal
def cover_image(record: Any, info: Info, size: int | None = None) -> str | None:
    """Where the cover is."""
    return info.context.house.covers.url(record.cover_id, size)
