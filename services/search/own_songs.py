"""Which songs are somebody's own, as conditions: those they like, and those of albums they saved.

Owns the bounds. Refuses to know what else is asked.
"""

from __future__ import annotations

from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.search_index.index import Filter

LIKED_LIMIT = 10_000
SAVED_LIMIT = 1_000
"""So many of the newest likes and saved albums count."""

Ways = tuple[tuple[Filter, ...], ...]


class OwnSongs:
    """Likes and saved albums, as filters of a question."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def liked(self, viewer: Viewer) -> Ways:
        """Songs the viewer likes; one store command. Unauthenticated for nobody."""
        return ((await self._liked(viewer.require(Role.LISTENER)),),)

    async def in_library(self, viewer: Viewer) -> Ways:
        """Songs the viewer likes and songs of albums they saved, either is enough; two store commands."""
        user_id = viewer.require(Role.LISTENER)
        saved = await self._store.saved_albums.find({"user_id": user_id}, sort=[("created_at", -1)], limit=SAVED_LIMIT)
        return ((await self._liked(user_id),), (Filter("on", "in", tuple(edge.target_id for edge in saved)),))

    async def _liked(self, user_id: str) -> Filter:
        likes = await self._store.liked_songs.find({"user_id": user_id}, sort=[("created_at", -1)], limit=LIKED_LIMIT)
        return Filter("id", "in", tuple(edge.target_id for edge in likes))


def both(one: Ways, other: Ways) -> Ways:
    """What passes a way of each; no ways at all let everything pass."""
    return tuple((*first, *second) for first in one or ((),) for second in other or ((),)) if one or other else ()
