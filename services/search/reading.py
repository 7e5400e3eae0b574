"""What the search index reads from the store: everything, some things by id, and what changed since a moment.

Owns the following by time: how far each kind was read, and which of the newest rows were seen already. Refuses to
know when it is called and where the index is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.search.entries import SHAPES, Kind, entries_of, stamp_of
from storage.collections.store import Store
from storage.search_index.index import SearchIndex

BATCH = 500
BULK_BATCH = 2_000
SEEN_LIMIT = 100_000
LEFT_BATCH = 1_000
# A row may change twice within a millisecond: one that was read so fresh is read again.
SETTLED = timedelta(seconds=1)
LONGEST_OVERLAP = timedelta(seconds=60)

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Documents = list[dict[str, Any]]


class Reading:
    """The store as the index reads it."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine
        self._marks: dict[Kind, datetime] = {}
        self._seen: dict[Kind, dict[str, datetime]] = {kind: {} for kind in Kind}

    def begin(self, marks: dict[str, str]) -> None:
        """Go on from kept marks where nothing has been read yet."""
        for kind, mark in marks.items():
            if kind in SHAPES:
                self._marks.setdefault(Kind(kind), datetime.fromisoformat(mark))

    def marks(self) -> dict[str, str]:
        """How far each kind was read."""
        return {kind.value: mark.isoformat() for kind, mark in self._marks.items()}

    def restart(self, now: datetime) -> None:
        """Everything is about to be read: follow what changes from this moment on."""
        self._marks = dict.fromkeys(Kind, now)
        for seen in self._seen.values():
            seen.clear()

    async def total(self) -> int:
        """How many things there are to find."""
        return sum([await self._engine.count(shape.collection, {}) for shape in SHAPES.values()])

    async def everything(self, kind: Kind, batch: int = BULK_BATCH) -> AsyncIterator[Documents]:
        """Every thing of a kind, in batches."""
        shape = SHAPES[kind]
        async for documents in self._engine.scan(shape.collection, {}, batch=batch, fields=shape.fields):
            yield documents

    async def some(self, kind: Kind, ids: Sequence[str]) -> AsyncIterator[tuple[Documents, list[str]]]:
        """These things as they are now, and those of them that are gone."""
        shape = SHAPES[kind]
        for at in range(0, len(ids), BATCH):
            piece = list(ids[at : at + BATCH])
            documents = await self._engine.find(
                shape.collection, {"_id": {"$in": piece}}, limit=BATCH, fields=shape.fields
            )
            there = {document["_id"] for document in documents}
            yield documents, [id for id in piece if id not in there]

    async def changed(self, kind: Kind, now: datetime, overlap: timedelta) -> AsyncIterator[Documents]:
        """What changed since the last time, in batches. Rows within `overlap` before the mark are looked at again."""
        shape, seen = SHAPES[kind], self._seen[kind]
        # A row from a clock that ran ahead must not carry the mark past what is still to come.
        since = min(self._marks.get(kind, _BEGINNING), now) - overlap
        after: list[Any] | None = None
        while True:
            rows = await self._engine.find(
                shape.collection,
                {"updated_at": {"$gte": since}},
                sort=[("updated_at", 1)],
                limit=BATCH,
                after=after,
                fields=shape.fields,
            )
            fresh = [row for row in rows if seen.get(row["_id"]) != row["updated_at"]]
            if fresh:
                yield fresh
            for row in fresh:
                if now - row["updated_at"] > SETTLED:
                    seen[row["_id"]] = row["updated_at"]
                self._advance(kind, row["updated_at"])
            if len(rows) < BATCH:
                break
            after = [rows[-1]["updated_at"], rows[-1]["_id"]]
        self._trim(kind)

    def put(self, index: SearchIndex, kind: Kind, documents: Documents, *, new: bool = False) -> None:
        """Write their entries; `new` when the index has none of them. In a worker."""
        index.put(entries_of(kind, documents), new=new)

    def stale(self, index: SearchIndex, kind: Kind, documents: Documents) -> Documents:
        """Those whose entry is missing or of another state. In a worker."""
        shape = SHAPES[kind]
        known = index.stamps(kind, [document["_id"] for document in documents])
        return [document for document in documents if known.get(document["_id"]) != stamp_of(shape, document)]

    async def left_over(
        self, index: SearchIndex, kind: Kind, work: Callable[[Callable[[], Any]], Awaitable[Any]]
    ) -> list[str]:
        """Entries whose thing is gone from the store; asked one by one only when there are too many."""
        shape = SHAPES[kind]
        if await work(lambda: index.count(kind)) == await self._engine.count(shape.collection, {}):
            return []
        ids: list[str] = await work(lambda: list(index.ids(kind)))
        left: list[str] = []
        for at in range(0, len(ids), LEFT_BATCH):
            piece = ids[at : at + LEFT_BATCH]
            there = await self._engine.find(
                shape.collection, {"_id": {"$in": piece}}, limit=LEFT_BATCH, fields=("updated_at",)
            )
            left += set(piece) - {document["_id"] for document in there}
        return left

    def _advance(self, kind: Kind, moment: datetime) -> None:
        mark = self._marks.get(kind)
        if mark is None or moment > mark:
            self._marks[kind] = moment

    def _trim(self, kind: Kind) -> None:
        """Forget seen rows that no overlap reaches any more; beyond the bound all, which costs writing some again."""
        mark, seen = self._marks.get(kind), self._seen[kind]
        if len(seen) > SEEN_LIMIT:
            seen.clear()
        elif mark is not None and len(seen) > BATCH:
            reach = mark - LONGEST_OVERLAP
            self._seen[kind] = {id: moment for id, moment in seen.items() if moment >= reach}
