"""The audit log's shelf: lines are added and read. There is no way here to change or remove one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from storage.collections.record_codec import RecordCodec, codec_of
from storage.engine import Engine, Filter, Sort
from storage.records.audit_entry import AuditEntry


class AuditShelf:
    """Lines in the order of their numbers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = "audit_entries"
        self._codec: RecordCodec[AuditEntry] = codec_of(AuditEntry, "_id")

    async def append(self, entry: AuditEntry) -> None:
        """Add the next line. DuplicateKey when somebody else has written one of that number."""
        await self._engine.insert(self.name, self._codec.encode(entry))

    async def last(self) -> AuditEntry | None:
        """The newest line; None of an empty log."""
        found = await self.find({}, sort=[("number", -1)], limit=1)
        return found[0] if found else None

    async def get(self, id: str) -> AuditEntry | None:
        """The line with that id."""
        document = await self._engine.get(self.name, id)
        return None if document is None else self._codec.decode(document)

    async def find(
        self,
        filter: Filter,
        *,
        sort: Sort = (),
        limit: int = 100,
        skip: int = 0,
        after: Sequence[object] | None = None,
    ) -> list[AuditEntry]:
        """Matching lines in order, at most `limit`."""
        found = await self._engine.find(self.name, filter, sort=sort, limit=limit, skip=skip, after=after)
        return [self._codec.decode(document) for document in found]

    async def count(self, filter: Filter, *, limit: int | None = None) -> int:
        """How many match."""
        return await self._engine.count(self.name, filter, limit=limit)

    async def scan(self, *, batch: int) -> AsyncIterator[list[AuditEntry]]:
        """All lines by number, batch by batch."""
        async for documents in self._engine.scan(self.name, {}, batch=batch):
            yield [self._codec.decode(document) for document in documents]
