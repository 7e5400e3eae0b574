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

_GROWING = ("chat", "changes", "done", "items")
"""Lists to whose end is added: only what is new travels, not the whole list."""
_NAMES = tuple(spec.name for spec in fields(Room) if spec.name != "id")


class RoomShelf(Collection[Room]):
    """The rooms."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "rooms", Room)

    async def write_step(self, before: Room, after: Room) -> bool:
        """Write what differs, if the stored room is still at `before.rev`; whether it was."""
        written = await self.update({"_id": before.id, "rev": before.rev}, self.update_between(before, after))
        return written.matched == 1

    def update_between(self, before: Room, after: Room) -> dict[str, Any]:
        """What of a room's document has to be written."""
        changed = [name for name in _NAMES if getattr(before, name) is not getattr(after, name)]
        grown = {name: more for name in _GROWING if name in changed and (more := _appended(before, after, name))}
        # Only what changed is turned into documents: a queue of 1,000 songs is not, when somebody says a word.
        bare = {name: getattr(_BLANK, name) for name in _NAMES if name not in changed}
        document = self.codec.encode(replace(after, **{**bare, **grown}))
        update: dict[str, Any] = {
            "$set": {name: document[name] for name in changed if name in document and name not in grown}
        }
        if grown:
            update["$push"] = {name: {"$each": document[name], "$slice": -len(getattr(after, name))} for name in grown}
        gone = {name: "" for name in changed if name not in document}
        if gone:
            update["$unset"] = gone
        return {operator: fields for operator, fields in update.items() if fields}

    async def open_of(self, user_id: str, *, limit: int) -> list[Room]:
        """Open rooms that have this member, the last changed first."""
        return await self.find({"member_ids": user_id, "closed": False}, sort=[("updated_at", -1)], limit=limit)

    async def open_frames(self, *, limit: int, after: Sequence[Any] | None = None) -> list[Room]:
        """Open rooms as far as `WATCHED` goes, the longest unchanged first; `after`: `updated_at` and id of a row."""
        found = await self.engine.find(
            self.name, {"closed": False}, sort=[("updated_at", 1)], limit=limit, after=after, fields=WATCHED
        )
        return [self.codec.decode(document) for document in found]


def _appended(before: Room, after: Room, name: str) -> list[Any]:
    """What was added to the end of a list that is otherwise as it was, but for what went from its front; else empty."""
    old, new = getattr(before, name), getattr(after, name)
    if not old or not new:
        return []
    last = next((at for at in range(len(new) - 1, -1, -1) if new[at] is old[-1]), None)
    if last is None or last == len(new) - 1 or last >= len(old):
        return []
    kept = old[len(old) - 1 - last :]
    return list(new[last + 1 :]) if all(one is other for one, other in zip(kept, new, strict=False)) else []


_BLANK = Room(id="", name="", epoch="", created_at=None, updated_at=None)  # type: ignore[arg-type]
