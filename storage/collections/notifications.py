"""Notifications on the shelf: per person, newest first by turn. Knows keys and marks, not who may read what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from storage.collections.collection import Collection
from storage.engine import Engine, Insert
from storage.records import Notification


class NotificationShelf(Collection[Notification]):
    """What each person was told; `(user_id, key)` and `slot` are unique."""

    def __init__(self, engine: Engine, name: str = "notifications") -> None:
        super().__init__(engine, name, Notification)

    async def add(self, made: Sequence[Notification]) -> dict[int, str]:
        """Write these; which of them (by position) were refused, by the index of that name. One store command."""
        if not made:
            return {}
        done = await self.bulk([Insert(self.codec.encode(each)) for each in made])
        return dict(done.duplicates)

    async def page(
        self, user_id: str, *, unread_only: bool, before: int | None, limit: int, skip: int = 0
    ) -> list[Notification]:
        """Somebody's newest, from the one before the turn `before` on, or after the first `skip`."""
        wanted: dict[str, Any] = dict(_of(user_id, unread_only))
        if before is not None:
            wanted["turn"] = {"$lt": before}
        return await self.find(wanted, sort=[("turn", -1), ("_id", -1)], limit=limit, skip=skip)

    async def since(self, user_id: str, turn: int, *, limit: int) -> list[Notification]:
        """Somebody's notifications after that turn, oldest first."""
        return await self.find({"user_id": user_id, "turn": {"$gt": turn}}, sort=[("turn", 1)], limit=limit)

    async def latest(self, user_id: str, *, limit: int) -> list[Notification]:
        """Somebody's newest by id, where nothing has turns."""
        return await self.find({"user_id": user_id}, sort=[("_id", -1)], limit=limit)

    async def number(self, user_id: str, *, unread_only: bool) -> int:
        """How many somebody has."""
        return await self.count(_of(user_id, unread_only))

    async def mark_read(self, id: str, user_id: str, at: datetime) -> Notification | None:
        """Mark one of somebody's as read, keeping when it was read first; None when they have none of that id."""
        # $min leaves an earlier time as it is, so that a repeated call changes nothing.
        return await self.update_and_get({"_id": id, "user_id": user_id}, {"$min": {"read_at": at}})

    async def mark_all_read(self, user_id: str, at: datetime) -> int:
        """Mark all that somebody has not read; how many those were."""
        changed = await self.update({"user_id": user_id, "read_at": None}, {"$set": {"read_at": at}}, many=True)
        return changed.modified

    async def keep_newest(self, user_id: str, keep: int) -> int:
        """Remove all but somebody's newest `keep`; how many went."""
        first_beyond = await self.find({"user_id": user_id}, sort=[("turn", -1), ("_id", -1)], skip=keep, limit=1)
        if not first_beyond:
            return 0
        return await self.delete({"user_id": user_id, "turn": {"$lte": first_beyond[0].turn}}, many=True)

    async def overfull(self, keep: int, *, limit: int = 1000) -> list[str]:
        """At most `limit` people who have more than `keep`, the fullest first."""
        rows = await self.engine.group(
            self.name, {"user_id": {"$gt": ""}}, by=["user_id"], sums={"number": 1}, sort=[("number", -1)], limit=limit
        )
        return [row["user_id"] for row in rows if row["number"] > keep]


def _of(user_id: str, unread_only: bool) -> dict[str, str | None]:
    return {"user_id": user_id, "read_at": None} if unread_only else {"user_id": user_id}
