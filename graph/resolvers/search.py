"""Search, what a search tells about itself, suggestions and the history of searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import Edge
from services.paging import slice_of
from services.search.entries import Kind
from services.search.filtering import SearchFilters
from services.search.highlights import Fragment
from services.search.results import Found, Highlight, SearchPage, highlights
from services.search.sorting import SearchSort
from storage.records import SearchQuery
from storage.records.search_trends import SearchTrend


@dataclass(slots=True)
class FoundEdge(Edge):
    """One thing that was found, in the page it was found on."""

    page: SearchPage[Any]


@dataclass(slots=True)
class Facets:
    """Whose values are counted: all that a page is cut from."""

    page: SearchPage[Any]


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
class Autocomplete:
    """What somebody may be about to type."""

    suggestions: list[str]


@dataclass(slots=True)
class Forgotten:
    """What forgetting searches gives."""

    success: bool = True


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
    "Autocomplete": Autocomplete,
    "ClearSearchHistory": Forgotten,
    "RemoveFromSearchHistory": Forgotten,
}
ENUMS = {"SearchType": Kind, "SearchSort": SearchSort}


@resolves("Query.searchSongs")
def search_songs(
    _: None,
    info: Info,
    query: str,
    filters: SearchFilters | None = None,
    sort: SearchSort = SearchSort.RELEVANCE,
    **part: Any,
) -> Any:
    """A page of songs."""
    return info.context.house.search.songs(info.context.viewer, query, slice_of(**part), filters, sort)


@resolves("Query.searchArtists")
def search_artists(_: None, info: Info, query: str, **part: Any) -> Any:
    """A page of artists."""
    return info.context.house.search.artists(info.context.viewer, query, slice_of(**part))


@resolves("SongSearchConnection.edges", "ArtistSearchConnection.edges")
def found_edges(page: SearchPage[Any], _info: Info) -> list[FoundEdge]:
    """The rows with their cursors."""
    return [FoundEdge(node, cursor, page) for node, cursor in zip(page.items, page.cursors, strict=True)]


@resolves("SongSearchEdge.highlights", "ArtistSearchEdge.highlights")
def edge_highlights(edge: FoundEdge, _info: Info) -> list[Highlight]:
    """What of its names answers the question."""
    return highlights(edge.page.asked, edge.node)


@resolves("SongSearchConnection.didYouMean", "ArtistSearchConnection.didYouMean")
def page_did_you_mean(page: SearchPage[Any], _info: Info) -> str | None:
    """The question as it was perhaps meant."""
    return page.did_you_mean()


@resolves("SearchResults.didYouMean")
def found_did_you_mean(found: Found, _info: Info) -> str | None:
    """The question as it was perhaps meant."""
    return found.did_you_mean()


@resolves("SongSearchConnection.facets")
def facets(page: SearchPage[Any], _info: Info) -> Facets:
    """Whose values to count."""
    return Facets(page)


@resolves("SearchFacets.genres")
async def genre_counts(found: Facets, info: Info) -> list[GenreCount]:
    """The genres, those found most first."""
    counts = await info.context.house.search.counts(found.page, ["genre"])
    return [GenreCount(id, count) for id, count in counts["genre"]]


@resolves("GenreCount.genre")
def counted_genre(counted: GenreCount, info: Info) -> Any:
    """The genre."""
    return info.context.loaders.genres.load(counted.genre_id)


async def _values(found: Facets, info: Info, facet: str) -> list[FacetValue]:
    counts = await info.context.house.search.counts(found.page, [facet])
    return [FacetValue(value, count) for value, count in counts[facet]]


@resolves("SearchFacets.decades")
async def decades(found: Facets, info: Info) -> list[FacetValue]:
    """The decades."""
    return await _values(found, info, "decade")


@resolves("SearchFacets.moods")
async def moods(found: Facets, info: Info) -> list[FacetValue]:
    """The moods."""
    return await _values(found, info, "mood")


@resolves("SearchFacets.languages")
async def languages(found: Facets, info: Info) -> list[FacetValue]:
    """The languages."""
    return await _values(found, info, "language")


@resolves("SearchFacets.keys")
async def keys(found: Facets, info: Info) -> list[FacetValue]:
    """The musical keys."""
    return await _values(found, info, "key")


@resolves("SearchFacets.explicit")
async def explicit(found: Facets, info: Info) -> int:
    """How many are explicit."""
    counts = await info.context.house.search.counts(found.page, ["explicit"])
    return dict(counts["explicit"]).get("yes", 0)


@resolves("Query.search")
def search(_: None, info: Info, query: str, types: list[Kind] | None = None, limit: int | None = None) -> Any:
    """The best of each kind."""
    return info.context.house.search.everything(info.context.viewer, query, types, limit)


@resolves("Query.autocomplete")
async def autocomplete(_: None, info: Info, query: str, limit: int | None = None) -> Autocomplete:
    """Suggestions."""
    return Autocomplete(await info.context.house.search.autocomplete(info.context.viewer, query, limit))


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
