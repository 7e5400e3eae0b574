"""The room of search: the index that keeps itself, asking it, and what somebody asked before."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.catalogue.room import Catalogue
from services.ground import Ground
from services.leases import Leases
from services.playlists.playlists import Playlists
from services.search.history import SearchHistory
from services.search.indexing import Indexing
from services.search.search import Search
from services.search.trends import Trends
from services.search.writing_hold import WritingHold
from storage.search_index.folder_generations import FolderGenerations
from storage.search_index.generations import Generations


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
    indexing = Indexing(store, clock, ground.bus, _generations(ground))
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


def _generations(ground: Ground) -> Generations:
    """Where the index is kept: in the server that the settings name, else in the data folder."""
    server = ground.search_rules.server
    if server is None:
        return FolderGenerations(ground.folder.root / "search")
    # Imported only when configured: the client brings a library of its own for every request.
    from storage.search_index.typesense_client import open_client
    from storage.search_index.typesense_generations import TypesenseGenerations

    hold = WritingHold(Leases(ground.store, ground.clock), ground.clock)
    client = open_client(server.url, server.api_key, patience_s=server.patience_s)
    return TypesenseGenerations(client, server.prefix, hold)
