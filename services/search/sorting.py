"""The orders in which search results can be read."""

from __future__ import annotations

from enum import StrEnum

from storage.search_index.index import Order


class SearchSort(StrEnum):
    """How found songs are sorted. Songs without what is sorted by come last."""

    RELEVANCE = "relevance"
    POPULARITY = "popularity"
    NEWEST = "newest"
    OLDEST = "oldest"
    RECENTLY_ADDED = "recently_added"
    TITLE = "title"
    SHORTEST = "shortest"
    LONGEST = "longest"
    SLOWEST = "slowest"
    FASTEST = "fastest"


class ArtistSearchSort(StrEnum):
    """How found artists are sorted."""

    RELEVANCE = "relevance"
    POPULARITY = "popularity"
    NAME = "name"


ORDERS: dict[str, Order | None] = {
    ArtistSearchSort.NAME: Order("name"),
    SearchSort.RELEVANCE: None,
    SearchSort.POPULARITY: Order("popularity", descending=True),
    SearchSort.NEWEST: Order("year", descending=True),
    SearchSort.OLDEST: Order("year"),
    SearchSort.RECENTLY_ADDED: Order("added_ms", descending=True),
    SearchSort.TITLE: Order("name"),
    SearchSort.SHORTEST: Order("duration_ms"),
    SearchSort.LONGEST: Order("duration_ms", descending=True),
    SearchSort.SLOWEST: Order("tempo_centi"),
    SearchSort.FASTEST: Order("tempo_centi", descending=True),
}
