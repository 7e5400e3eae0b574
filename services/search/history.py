"""What somebody searched for: theirs alone, the newest 200, each question once.

Refuses to know what was found. A private session records nothing.
"""

from __future__ import annotations

import hashlib

from services.clock import Clock
from services.errors import NotFound
from services.paging import slice_of
from services.search.folding import fold
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import SearchQuery

KEPT = 200


class SearchHistory:
    """Everybody's search history."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, viewer: Viewer, query: str) -> None:
        """The viewer searched for this. Nothing for nobody, and in a private session. Two or three store commands."""
        if viewer.user_id is None:
            return
        user = await self._store.users.get(viewer.user_id)
        if user is None or user.preferences.private_session:
            return
        digest = hashlib.blake2b(fold(query).encode(), digest_size=12).hexdigest()
        id = f"{viewer.user_id}:{digest}"
        change = {
            "$set": {"query": query, "searched_at": self._clock.now(), "user_id": viewer.user_id},
            "$inc": {"times": 1},
        }
        try:
            changed = await self._store.search_queries.update({"_id": id}, change, upsert=True)
        except DuplicateKey:
            # The same person asked the same in two places at once, and the other one is written.
            return
        if changed.upserted_id is not None:
            await self._trim(viewer.user_id)

    async def newest(self, viewer: Viewer, limit: int | None = None) -> list[SearchQuery]:
        """What the viewer searched for, the newest first (20 unless told). Invalid beyond 1 to 100."""
        user_id = viewer.require(Role.LISTENER)
        rows = slice_of(limit=limit).limit
        return await self._store.search_queries.find({"user_id": user_id}, sort=[("searched_at", -1)], limit=rows)

    async def clear(self, viewer: Viewer) -> None:
        """Forget all of it."""
        await self._store.search_queries.delete({"user_id": viewer.require(Role.LISTENER)}, many=True)

    async def remove(self, viewer: Viewer, id: str) -> None:
        """Forget one. NotFound when it is absent or somebody else's."""
        user_id = viewer.require(Role.LISTENER)
        # An id is whatever a client sent; ours begin with their owner.
        ours = id.startswith(f"{user_id}:") and id.isascii() and len(id) <= 100
        if not ours or not await self._store.search_queries.delete({"_id": id, "user_id": user_id}):
            raise NotFound("There is no such search.", field="searchId")

    async def _trim(self, user_id: str) -> None:
        old = await self._store.search_queries.find(
            {"user_id": user_id}, sort=[("searched_at", -1)], skip=KEPT, limit=100
        )
        if old:
            await self._store.search_queries.delete(
                {"user_id": user_id, "_id": {"$in": [row.id for row in old]}}, many=True
            )
