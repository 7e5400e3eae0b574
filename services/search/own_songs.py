"""Which songs are somebody's own, as conditions: those they like, and those of albums they saved.

Owns the bounds. Refuses to know what else is asked.
"""

from __future__ import annotations

from services.viewer import Role, Viewer
from storage.collections.collection import Collection
from storage.collections.store import Store
from storage.records import Edge
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
        saved = await self._targets(self._store.saved_albums, user_id, SAVED_LIMIT)
        return ((await self._liked(user_id),), (Filter("on", "in", saved),))

    async def _liked(self, user_id: str) -> Filter:
        return Filter("id", "in", await self._targets(self._store.liked_songs, user_id, LIKED_LIMIT))

    async def _targets(self, edges: Collection[Edge], user_id: str, limit: int) -> tuple[str, ...]:
        # Their ids alone: thousands of whole records would hold the loop up.
        rows = await edges.engine.find(
            edges.name, {"user_id": user_id}, sort=[("created_at", -1)], limit=limit, fields=("target_id",)
        )
        return tuple(row["target_id"] for row in rows)


def both(one: Ways, other: Ways) -> Ways:
    """What passes a way of each; no ways at all let everything pass."""
    return tuple((*first, *second) for first in one or ((),) for second in other or ((),)) if one or other else ()
