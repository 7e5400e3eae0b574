"""Artists: following their ids, and their lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.impersonal import impersonal
from graph.resolvers.paging import asks_for
from services.catalogue.artists import ArtistFilters
from services.catalogue.orders import ArtistOrder
from services.paging import Page, slice_of
from storage.records import Artist, ArtistMember


@dataclass(slots=True)
class SocialLinks:
    """An artist's places elsewhere."""

    website: str | None
    spotify: str | None
    instagram: str | None
    twitter: str | None


RECORDS = {"Artist": Artist, "ArtistMember": ArtistMember, "SocialLinks": SocialLinks, "ArtistFilters": ArtistFilters}
ENUMS = {"ArtistOrder": ArtistOrder}


@resolves("Query.artist")
def artist(_: None, info: Info, id: str | None = None, slug: str | None = None) -> Any:
    """One artist, None when absent or invisible."""
    if slug is not None:
        return info.context.house.artists.by_slug(info.context.viewer, slug)
    return info.context.loaders.artists.load(id)


@resolves("Query.artists")
async def artists(
    _: None,
    info: Info,
    order_by: ArtistOrder,
    filters: ArtistFilters | None = None,
    **part: Any,
) -> Page[Artist]:
    """A page of artists."""
    counted = asks_for(info, "totalCount")
    listing = info.context.house.artists.listing
    return await listing(info.context.viewer, slice_of(**part), filters, order_by, counted=counted)


@resolves("Artist.profileImage")
@impersonal
def profile_image(artist: Artist, info: Info, size: int | None = None) -> str | None:
    """Where the portrait is."""
    return info.context.house.covers.url(artist.profile_image_id, size)


@resolves("Artist.coverImage")
@impersonal
def cover_image(artist: Artist, info: Info, size: int | None = None) -> str | None:
    """Where the wide picture is."""
    return info.context.house.covers.url(artist.cover_image_id, size)


@resolves("ArtistMember.image")
def member_image(member: ArtistMember, info: Info, size: int | None = None) -> str | None:
    """Where the member's portrait is."""
    return info.context.house.covers.url(member.image_id, size)


@resolves("Artist.albums")
@impersonal
def albums(artist: Artist, info: Info) -> Any:
    """Their albums, the newest first."""
    return info.context.loaders.artist_albums.load(artist.id)


@resolves("Artist.topSongs")
@impersonal
def top_songs(artist: Artist, info: Info, limit: int | None = None) -> Any:
    """Their most played songs."""
    return info.context.loaders.top_songs.load((artist.id, slice_of(limit=limit, default=10).limit))


@resolves("Artist.socialLinks")
def social_links(artist: Artist, _info: Info) -> SocialLinks:
    """Their places elsewhere."""
    links = artist.social_links
    return SocialLinks(artist.website, links.get("spotify"), links.get("instagram"), links.get("twitter"))
