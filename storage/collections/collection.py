"""One noun's documents as records.

Owns what every collection can be asked. How a record lies in a document is `record_codec.py`'s; filters stay in this
room. Refuses to know any noun.
"""

from __future__ import annotations

import typing
from collections.abc import AsyncIterator, Sequence
from typing import Any, Generic

from storage.collections.record_codec import Record, RecordCodec, codec_of
from storage.engine import BulkResult, Changed, Engine, Filter, Sort, Update, Write


def _is_whole(id: str) -> bool:
    """Whether a store could hold the id: one with half a surrogate pair names nothing, whoever sent it."""
    return id.isascii() or not any("\ud800" <= character <= "\udfff" for character in id)


class Collection(Generic[Record]):
    """One noun's documents as records. Subclasses add the noun's own questions; filters stay in this room."""

    def __init__(self, engine: Engine, name: str, record: type[Record]) -> None:
        self.engine = engine
        self.name = name
        self.codec: RecordCodec[Record] = codec_of(typing.cast(Any, record), "_id")

    async def get(self, id: str) -> Record | None:
        """The record with that id."""
        document = await self.engine.get(self.name, id) if _is_whole(id) else None
        return None if document is None else self.codec.decode(document)

    async def get_many(self, ids: Sequence[str]) -> dict[str, Record]:
        """Those that exist, by id; one store command."""
        whole = [id for id in dict.fromkeys(ids) if _is_whole(id)]
        found = await self.engine.get_many(self.name, whole) if whole else {}
        return {id: self.codec.decode(document) for id, document in found.items()}

    async def insert(self, record: Record) -> None:
        """Add one; DuplicateKey names the unique index that refused."""
        await self.engine.insert(self.name, self.codec.encode(record))

    async def find(
        self,
        filter: Filter,
        *,
        sort: Sort = (),
        limit: int = 100,
        skip: int = 0,
        after: Sequence[Any] | None = None,
    ) -> list[Record]:
        """Matching records in order, at most `limit`."""
        found = await self.engine.find(self.name, filter, sort=sort, limit=limit, skip=skip, after=after)
        return [self.codec.decode(document) for document in found]

    async def first(self, filter: Filter, *, sort: Sort = ()) -> Record | None:
        """The first matching record."""
        found = await self.find(filter, sort=sort, limit=1)
        return found[0] if found else None

    async def scan(self, filter: Filter, *, batch: int = 1000) -> AsyncIterator[list[Record]]:
        """All matching records in id order, batch by batch."""
        async for documents in self.engine.scan(self.name, filter, batch=batch):
            yield [self.codec.decode(document) for document in documents]

    async def update(self, filter: Filter, update: Update, *, upsert: bool = False, many: bool = False) -> Changed:
        """Change what matches atomically."""
        return await self.engine.update(self.name, filter, update, upsert=upsert, many=many)

    async def update_and_get(self, filter: Filter, update: Update, *, upsert: bool = False) -> Record | None:
        """Change the first match; the record as it is afterwards."""
        document = await self.engine.update_and_get(self.name, filter, update, upsert=upsert)
        return None if document is None else self.codec.decode(document)

    async def delete(self, filter: Filter, *, many: bool = False) -> int:
        """Remove what matches; how many went."""
        return await self.engine.delete(self.name, filter, many=many)

    async def count(self, filter: Filter, *, limit: int | None = None) -> int:
        """How many match."""
        return await self.engine.count(self.name, filter, limit=limit)

    async def bulk(self, writes: Sequence[Write]) -> BulkResult:
        """Many writes in one go."""
        return await self.engine.bulk(self.name, writes)
