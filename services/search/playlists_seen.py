"""Which playlists a search may show, until playlists have a service of their own: public ones, and one's own.

The only thing here is the seam that `Search` is handed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Playlist


def seen_playlists(store: Store) -> Callable[[Viewer, Sequence[str]], Awaitable[dict[str, Playlist]]]:
    """A reader of playlists by id, as a viewer may see them; one store command."""

    async def get_many(viewer: Viewer, ids: Sequence[str]) -> dict[str, Playlist]:
        found = await store.playlists.get_many(ids)
        return {id: playlist for id, playlist in found.items() if _may_see(viewer, playlist)}

    return get_many


def _may_see(viewer: Viewer, playlist: Playlist) -> bool:
    if viewer.has(Role.ADMIN) or (viewer.user_id is not None and playlist.user_id == viewer.user_id):
        return True
    if playlist.is_hidden:
        return False
    return playlist.is_public or (viewer.user_id is not None and viewer.user_id in playlist.collaborator_ids)
