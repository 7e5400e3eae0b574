"""Downloads on the shelf: with all their songs, or the frame around them alone. Refuses to decide anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from storage.collections.collection import Collection
from storage.engine import Engine, Filter, Sort
from storage.records.download import Download

SONG_LISTS = frozenset(
    {
        "wanted_ids", "order", "song_ids", "revisions", "added", "renditions", "sizes", "stamps", "facts", "failures",
        "gone_ids", "gone_revisions", "gone_reasons",
    }
)  # fmt: skip
"""The fields that are as long as the download."""
FRAME = tuple(spec.name for spec in fields(Download) if spec.name != "id" and spec.name not in SONG_LISTS)


class DownloadShelf(Collection[Download]):
    """The downloads. A frame is a `Download` whose songs were not read; its counts still tell of them."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "downloads", Download)

    async def frames(self, ids: Sequence[str]) -> dict[str, Download]:
        """The frames of those that exist, by id; one store command for up to 1,000."""
        distinct = list(dict.fromkeys(ids))
        if not distinct:
            return {}
        found = await self.find({"_id": {"$in": distinct}}, limit=len(distinct))
        return {download.id: download for download in found}

    async def find(
        self,
        filter: Filter,
        *,
        sort: Sort = (),
        limit: int = 100,
        skip: int = 0,
        after: Sequence[Any] | None = None,
    ) -> list[Download]:
        """The frames of matching downloads in order; `get` reads one with its songs."""
        found = await self.engine.find(self.name, filter, sort=sort, limit=limit, skip=skip, after=after, fields=FRAME)
        return [self.codec.decode(document) for document in found]

    async def replace_songs(self, known: Download, changed: Download) -> bool:
        """Put the songs and counts of `changed` in place of `known`'s; False when somebody changed them meanwhile."""
        document = self.codec.encode(changed)
        names = [*SONG_LISTS, "revision", "order_revision", "floor_revision", "song_count", "ready_count"]
        names += ["failed_count", "total_bytes", "updated_at"]
        written = {name: document[name] for name in names if name in document}
        filter = {"_id": known.id, "revision": known.revision, "state": {"$ne": "revoked"}}
        if changed.state != known.state:
            written["state"] = changed.state
        change: dict[str, Any] = {"$set": written}
        if changed.due_at is not None:
            written["due_at"] = changed.due_at
        else:
            change["$unset"] = {"due_at": ""}
        return (await self.update(filter, change)).matched == 1
