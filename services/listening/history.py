"""What somebody listened to, the newest first; nobody sees it but themselves.

Owns what is shown of the ledger and what its listener took out of sight. A removed entry stays in the ledger and in
every count, for counts must equal their rows. Refuses to know how plays get there.
"""

from __future__ import annotations

from datetime import datetime

from services.catalogue.access import Condition
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import NotFound
from services.listening.time_ranges import TimeRange, since
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import Play

_NEWEST = Order("started_at", -1, datetime)
_LONGEST_ID = 200


class History:
    """Everybody's own listening history."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(
        self, viewer: Viewer, part: Slice, range: TimeRange = TimeRange.ALL_TIME, *, counted: bool = True
    ) -> Page[Play]:
        """One page of the viewer's plays that began within `range`, the newest first."""
        conditions: list[Condition] = [{"user_id": viewer.require(Role.LISTENER)}, {"is_removed": False}]
        begin = since(range, self._clock.now())
        if begin is not None:
            conditions.append({"started_at": {"$gte": begin}})
        return await page_of(self._store.plays, conditions, _NEWEST, part, counted=counted)

    async def remove(self, viewer: Viewer, play_id: str) -> None:
        """Take one play out of sight: its history id, or the player's own id of it. NotFound for none of the viewer's.

        Removing it again is fine. It stays counted.
        """
        user_id = viewer.require(Role.LISTENER)
        if not 1 <= len(play_id) <= _LONGEST_ID or not play_id.isascii():
            raise NotFound("There is no such play.")
        ids = [f"{user_id}:{play_id}", *([play_id] if play_id.startswith(f"{user_id}:") else [])]
        changed = await self._store.plays.update(
            {"_id": {"$in": ids}, "user_id": user_id}, {"$set": {"is_removed": True}}
        )
        if changed.matched == 0:
            raise NotFound("There is no such play.")

    async def clear(self, viewer: Viewer) -> int:
        """Take all of the viewer's plays out of sight; how many. They stay counted."""
        mine = {"user_id": viewer.require(Role.LISTENER), "is_removed": False}
        changed = await self._store.plays.update(mine, {"$set": {"is_removed": True}}, many=True)
        return changed.modified
