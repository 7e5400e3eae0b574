"""Search, what a search tells about itself, suggestions and the history of searches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import Edge, asks_for
from services.paging import slice_of
from services.search.entries import Kind
from services.search.filtering import SearchFilters
from services.search.matches.highlights import Fragment
from services.search.results import Found, Highlight, SearchPage, Suggestions, highlights
from services.search.sorting import ArtistSearchSort, SearchSort
from storage.records import SearchQuery
from storage.records.search_trends import SearchTrend


@dataclass(slots=True)
class FoundEdge(Edge):
    """One thing that was found, and what of its names answers the question."""

    highlights: list[Highlight]


@dataclass(slots=True)
class Facets:
    """How many of all that a page is cut from have each value of the facets that are wanted."""

    counts: Mapping[str, Sequence[tuple[str, int]]]

    def values(self, facet: str) -> list[FacetValue]:
        """The values of one, the most frequent first."""
        return [FacetValue(value, count) for value, count in self.counts[facet]]


@dataclass(slots=True)
class FacetValue:
    """One value of a facet, and how many of what was found have it."""

    value: str
    count: int


@dataclass(slots=True)
class GenreCount:
    """One genre and how many of what was found have it."""

    genre_id: str
    count: int


@dataclass(slots=True)
class Forgotten:
    """What forgetting searches gives."""

    success: bool = True


Answer = TypeVar("Answer", bound=SearchPage[Any] | Found | Suggestions)

COUNTED = {
    "genres": "genre",
    "decades": "decade",
    "moods": "mood",
    "languages": "language",
    "keys": "key",
    "explicit": "explicit",
}

RECORDS = {
    "SearchFilters": SearchFilters,
    "SearchResults": Found,
    "SongSearchEdge": FoundEdge,
    "ArtistSearchEdge": FoundEdge,
    "Highlight": Highlight,
    "HighlightFragment": Fragment,
    "SearchFacets": Facets,
    "FacetValue": FacetValue,
    "GenreCount": GenreCount,
    "SearchHistoryEntry": SearchQuery,
    "TrendingSearch": SearchTrend,
    "Autocomplete": Suggestions,
    "ClearSearchHistory": Forgotten,
    "RemoveFromSearchHistory": Forgotten,
}
ENUMS = {"SearchType": Kind, "SearchSort": SearchSort, "ArtistSearchSort": ArtistSearchSort}


def _told(info: Info, found: Answer) -> Answer:
    """The answer; that the store gave it in the index's place is said beside the data."""
    if found.is_degraded:
        info.context.told["search"] = {"degraded": True, "reason": "SEARCH_AWAY"}
    return found


@resolves("Query.searchSongs")
async def search_songs(
    _: None,
    info: Info,
    query: str,
    filters: SearchFilters | None = None,
    sort: SearchSort = SearchSort.RELEVANCE,
    **part: Any,
) -> Any:
    """A page of songs."""
    found = await info.context.house.search.songs(info.context.viewer, query, slice_of(**part), filters, sort)
    return _told(info, found)


@resolves("Query.searchArtists")
async def search_artists(
    _: None, info: Info, query: str, sort: ArtistSearchSort = ArtistSearchSort.RELEVANCE, **part: Any
) -> Any:
    """A page of artists."""
    return _told(info, await info.context.house.search.artists(info.context.viewer, query, slice_of(**part), sort))


@resolves("SongSearchConnection.edges", "ArtistSearchConnection.edges")
async def found_edges(page: SearchPage[Any], info: Info) -> list[FoundEdge]:
    """The rows with their cursors, and what of their names answers the question where that is wanted."""
    marked: list[list[Highlight]] = [[] for _ in page.items]
    if asks_for(info, "highlights"):
        marked = await asyncio.to_thread(highlights, page.asked, page.items)
    return [FoundEdge(*row) for row in zip(page.items, page.cursors, marked, strict=True)]


@resolves("SongSearchConnection.didYouMean", "ArtistSearchConnection.didYouMean")
async def page_did_you_mean(page: SearchPage[Any], _info: Info) -> str | None:
    """The question as it was perhaps meant."""
    return await asyncio.to_thread(page.did_you_mean) if page.in_vain else None


@resolves("SearchResults.didYouMean")
async def found_did_you_mean(found: Found, _info: Info) -> str | None:
    """The question as it was perhaps meant."""
    return await asyncio.to_thread(found.did_you_mean) if found.best else None


@resolves("SongSearchConnection.facets")
async def facets(page: SearchPage[Any], info: Info) -> Facets:
    """The values of those that are asked for, counted at once."""
    wanted = [facet for field, facet in COUNTED.items() if asks_for(info, field)]
    return Facets(await info.context.house.search.counts(page, wanted) if wanted else {})


@resolves("SearchFacets.genres")
def genre_counts(found: Facets, _info: Info) -> list[GenreCount]:
    """The genres."""
    return [GenreCount(id, count) for id, count in found.counts["genre"]]


@resolves("GenreCount.genre")
def counted_genre(counted: GenreCount, info: Info) -> Any:
    """The genre."""
    return info.context.loaders.genres.load(counted.genre_id)


@resolves("SearchFacets.decades")
def decades(found: Facets, _info: Info) -> list[FacetValue]:
    """The decades."""
    return found.values("decade")


@resolves("SearchFacets.moods")
def moods(found: Facets, _info: Info) -> list[FacetValue]:
    """The moods."""
    return found.values("mood")


@resolves("SearchFacets.languages")
def languages(found: Facets, _info: Info) -> list[FacetValue]:
    """The languages."""
    return found.values("language")


@resolves("SearchFacets.keys")
def keys(found: Facets, _info: Info) -> list[FacetValue]:
    """The musical keys."""
    return found.values("key")


@resolves("SearchFacets.explicit")
def explicit(found: Facets, _info: Info) -> int:
    """How many are explicit."""
    return dict(found.counts["explicit"]).get("yes", 0)


@resolves("Query.search")
async def search(_: None, info: Info, query: str, types: list[Kind] | None = None, limit: int | None = None) -> Any:
    """The best of each kind."""
    return _told(info, await info.context.house.search.everything(info.context.viewer, query, types, limit))


@resolves("Query.autocomplete")
async def autocomplete(_: None, info: Info, query: str, limit: int | None = None) -> Suggestions:
    """Suggestions."""
    return _told(info, await info.context.house.search.autocomplete(info.context.viewer, query, limit))


@resolves("Query.searchHistory")
def search_history(_: None, info: Info, limit: int | None = None) -> Any:
    """The viewer's searches."""
    return info.context.house.search_history.newest(info.context.viewer, limit)


@resolves("Query.trendingSearches")
def trending_searches(_: None, info: Info, limit: int | None = None) -> Any:
    """What many people search for."""
    return info.context.house.search_trends.trending(info.context.viewer, limit)


@resolves("Mutation.clearSearchHistory")
async def clear_search_history(_: None, info: Info) -> Forgotten:
    """All of them forgotten."""
    await info.context.house.search_history.clear(info.context.viewer)
    return Forgotten()


@resolves("Mutation.removeFromSearchHistory")
async def remove_from_search_history(_: None, info: Info, search_id: str) -> Forgotten:
    """One of them forgotten."""
    await info.context.house.search_history.remove(info.context.viewer, search_id)
    return Forgotten()
