"""The room of search: the index that keeps itself, asking it, and what somebody asked before."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.catalogue.room import Catalogue
from services.ground import Ground
from services.playlists.playlists import Playlists
from services.search.history import SearchHistory
from services.search.indexing import Indexing
from services.search.search import Search
from services.search.trends import Trends


@dataclass
class SearchRoom:
    """What stands in `services/search`."""

    indexing: Indexing
    search: Search
    search_history: SearchHistory
    search_trends: Trends


def build_search(ground: Ground, catalogue: Catalogue, playlists: Playlists, undo: AsyncExitStack) -> SearchRoom:
    """The room, ready; `undo` stops the index, which the composition starts."""
    store, clock = ground.store, ground.clock
    indexing = Indexing(store, clock, ground.bus, ground.folder.root / "search")
    undo.push_async_callback(indexing.stop)
    history = SearchHistory(store, clock)
    search = Search(
        store,
        indexing,
        history,
        ground.search_rules,
        artists=catalogue.artists,
        albums=catalogue.albums,
        songs=catalogue.songs,
        genres=catalogue.genres,
        playlists=playlists.get_many,
        users=ground.accounts.users,
    )
    return SearchRoom(indexing, search, history, Trends(store, clock, ground.search_rules, search.finds))
