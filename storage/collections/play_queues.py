"""Queues on the shelf, and how a step from one revision to the next is written.

Refuses to decide what a step does.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from storage.collections.collection import Collection
from storage.engine import Engine
from storage.records.play_queue import PlayQueue

_NAMES = tuple(spec.name for spec in fields(PlayQueue) if spec.name != "id")


class PlayQueueShelf(Collection[PlayQueue]):
    """The queues, each under its owner's id."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "play_queues", PlayQueue)

    async def write_step(self, before: PlayQueue, after: PlayQueue) -> bool:
        """Write what differs, if the stored queue is still at `before.rev`; whether it was."""
        changed = [name for name in _NAMES if getattr(before, name) is not getattr(after, name)]
        # Only what changed is turned into documents: 2,000 songs are not, when one of them is paused.
        bare = {name: getattr(_BLANK, name) for name in _NAMES if name not in changed}
        document = self.codec.encode(replace(after, **bare))
        update: dict[str, Any] = {"$set": {name: document[name] for name in changed if name in document}}
        gone = {name: "" for name in changed if name not in document}
        if gone:
            update["$unset"] = gone
        written = await self.update({"_id": before.id, "rev": before.rev}, update)
        return written.matched == 1

    async def due(self, at_ms: float, *, limit: int) -> list[str]:
        """Whose device has been silent since before `at_ms`, the longest silent first."""
        found = await self.engine.find(
            self.name, {"due_ms": {"$lte": at_ms}}, sort=[("due_ms", 1)], limit=limit, fields=["due_ms"]
        )
        return [row["_id"] for row in found]

    async def ahead(self, of_ms: float, *, limit: int) -> list[str]:
        """Whose music plays from a moment after `of_ms` on, some of them."""
        query = {"anchor.at_ms": {"$gt": of_ms}, "anchor.playing": True}
        found = await self.engine.find(self.name, query, limit=limit, fields=["rev"])
        return [row["_id"] for row in found]

    async def recorded(self, queue: PlayQueue) -> bool:
        """What `queue` had on its way to the ledger is there: forget it, if the queue is still as it is given."""
        update: dict[str, Any] = {"$set": {"unrecorded": []}, "$unset": {"unrecorded_ms": ""}}
        return (await self.update({"_id": queue.id, "rev": queue.rev}, update)).matched == 1

    async def unrecorded(self, before_ms: float, *, limit: int) -> list[str]:
        """Whose playings have been on their way since before `before_ms`, the longest first."""
        found = await self.engine.find(
            self.name,
            {"unrecorded_ms": {"$lte": before_ms}},
            sort=[("unrecorded_ms", 1)],
            limit=limit,
            fields=["unrecorded_ms"],
        )
        return [row["_id"] for row in found]


_BLANK = PlayQueue(id="", updated_at=None)  # type: ignore[arg-type]
