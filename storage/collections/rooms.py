"""Rooms on the shelf: whole, or the little of them that is looked at every few seconds.

Owns how a step from one revision to the next is written. Refuses to decide what a step does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from storage.collections.collection import Collection
from storage.engine import Engine
from storage.records.room import Room

WATCHED = ("members", "due_ms", "stepped_ms", "updated_at", "rev", "closed", "name", "epoch", "created_at")
"""What tells whether a room has to be looked after: all but its songs, lines and changes."""

_NAMES = tuple(spec.name for spec in fields(Room) if spec.name != "id")


class RoomShelf(Collection[Room]):
    """The rooms."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "rooms", Room)

    async def write_step(self, before: Room, after: Room) -> bool:
        """Write what differs, if the stored room is still at `before.rev`; whether it was."""
        changed = [name for name in _NAMES if getattr(before, name) is not getattr(after, name)]
        # Only what changed is turned into documents: a queue of 1,000 songs is not, when somebody says a word.
        bare = {name: getattr(_BLANK, name) for name in _NAMES if name not in changed}
        document = self.codec.encode(replace(after, **bare))
        update: dict[str, Any] = {"$set": {name: document[name] for name in changed if name in document}}
        gone = {name: "" for name in changed if name not in document}
        if gone:
            update["$unset"] = gone
        written = await self.update({"_id": before.id, "rev": before.rev}, update)
        return written.matched == 1

    async def open_of(self, user_id: str, *, limit: int) -> list[Room]:
        """Open rooms that have this member, the last changed first."""
        return await self.find({"member_ids": user_id, "closed": False}, sort=[("updated_at", -1)], limit=limit)

    async def open_frames(self, *, limit: int, after: Sequence[Any] | None = None) -> list[Room]:
        """Open rooms as far as `WATCHED` goes, the longest unchanged first; `after`: `updated_at` and id of a row."""
        found = await self.engine.find(
            self.name, {"closed": False}, sort=[("updated_at", 1)], limit=limit, after=after, fields=WATCHED
        )
        return [self.codec.decode(document) for document in found]


_BLANK = Room(id="", name="", epoch="", created_at=None, updated_at=None)  # type: ignore[arg-type]
