"""Pictures that moderators took out of sight: shown nowhere, and not taken in again.

Owns the list and a copy of it in memory, for every address of a picture asks. Another process knows within ten seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.clock import Clock
from storage.collections.store import Store

MOST_BLOCKED = 100_000
"""So many of the newest are known; beyond them the oldest are shown again."""
_READ_AT_ONCE = 10_000


class BlockedPictures:
    """The image ids that are blocked: `id in blocked`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._ids: frozenset[str] = frozenset()

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._ids

    async def look(self) -> None:
        """Read the list anew: at the start, and now and then for what other processes did."""
        found: list[str] = []
        after = None
        while len(found) < MOST_BLOCKED:
            rows = await self._store.blocked_pictures.find(
                {}, sort=[("blocked_at", -1)], limit=_READ_AT_ONCE, after=after
            )
            found += [row.id for row in rows]
            if len(rows) < _READ_AT_ONCE:
                break
            after = [rows[-1].blocked_at, rows[-1].id]
        self._ids = frozenset(found)

    async def block(self, image_ids: Iterable[str]) -> None:
        """Show these no more."""
        for image_id in image_ids:
            put = {"$setOnInsert": {"blocked_at": self._clock.now()}}
            await self._store.blocked_pictures.update({"_id": image_id}, put, upsert=True)
            self._ids |= {image_id}

    async def unblock(self, image_ids: Iterable[str]) -> None:
        """Show these again."""
        for image_id in image_ids:
            await self._store.blocked_pictures.delete({"_id": image_id})
            self._ids -= {image_id}
