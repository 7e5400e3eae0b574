"""Playlists, as far as a search shows them."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from storage.records import Playlist

RECORDS = {"Playlist": Playlist}


@resolves("Playlist.user")
def user(playlist: Playlist, info: Info) -> Any:
    """Whose playlist it is."""
    return info.context.loaders.users.load(playlist.user_id)
