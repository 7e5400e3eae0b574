"""The words of the catalogue's lists: how they may be ordered, and what kinds of album there are."""

from __future__ import annotations

from enum import StrEnum

from services.catalogue.listing import BY_ARRIVAL, BY_LISTENERS, BY_NAME, BY_PLAYS, BY_RELEASE, BY_TITLE, Order


class CatalogueOrder(StrEnum):
    """How albums and songs may be ordered."""

    TITLE = "title"
    NEWEST = "newest"
    MOST_PLAYED = "most_played"
    RECENTLY_ADDED = "recently_added"


class ArtistOrder(StrEnum):
    """How artists may be ordered."""

    NAME = "name"
    NEWEST = "newest"
    MOST_PLAYED = "most_played"


class AlbumType(StrEnum):
    """What kind of release an album is."""

    ALBUM = "album"
    SINGLE = "single"
    EP = "ep"
    COMPILATION = "compilation"


CATALOGUE_ORDERS: dict[CatalogueOrder, Order] = {
    CatalogueOrder.TITLE: BY_TITLE,
    CatalogueOrder.NEWEST: BY_RELEASE,
    CatalogueOrder.MOST_PLAYED: BY_PLAYS,
    CatalogueOrder.RECENTLY_ADDED: BY_ARRIVAL,
}

ARTIST_ORDERS: dict[ArtistOrder, Order] = {
    ArtistOrder.NAME: BY_NAME,
    ArtistOrder.NEWEST: BY_ARRIVAL,
    ArtistOrder.MOST_PLAYED: BY_LISTENERS,
}
