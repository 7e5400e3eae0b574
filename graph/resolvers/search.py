"""Search, suggestions and the history of searches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.paging import slice_of
from services.search.asking import SearchFilters
from services.search.entries import Kind
from services.search.search import Found
from storage.records import SearchQuery
from storage.records.search_trends import SearchTrend


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
    "SearchHistoryEntry": SearchQuery,
    "TrendingSearch": SearchTrend,
    "Autocomplete": Autocomplete,
    "ClearSearchHistory": Forgotten,
    "RemoveFromSearchHistory": Forgotten,
}
ENUMS = {"SearchType": Kind}


@resolves("Query.searchSongs")
def search_songs(_: None, info: Info, query: str, filters: SearchFilters | None = None, **part: Any) -> Any:
    """A page of songs."""
    return info.context.house.search.songs(info.context.viewer, query, slice_of(**part), filters)


@resolves("Query.searchArtists")
def search_artists(_: None, info: Info, query: str, **part: Any) -> Any:
    """A page of artists."""
    return info.context.house.search.artists(info.context.viewer, query, slice_of(**part))


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
