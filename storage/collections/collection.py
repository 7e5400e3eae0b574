"""Records to documents and back, for every noun alike.

Owns the mapping: a record's `id` is the document's `_id`, a field that is None is left out (both engines treat null
and missing alike), dates become ISO text, nested records become nested documents. Refuses to know any noun.
"""

from __future__ import annotations

import types
import typing
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from storage.engine import BulkResult, Changed, Document, Engine, Filter, Sort, Update, Write

Record = TypeVar("Record")
Conversion = Callable[[Any], Any]


def _inner(hint: Any) -> Any:
    """The type inside `X | None`."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inside = [part for part in typing.get_args(hint) if part is not type(None)]
        return inside[0] if len(inside) == 1 else hint
    return hint


def _is_date(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, date) and not issubclass(hint, datetime)


def _decoder(hint: Any) -> Conversion | None:
    """How a stored value becomes a field of this type; None when it already is one."""
    hint = _inner(hint)
    if is_dataclass(hint):
        return codec_of(typing.cast(type, hint)).decode
    if _is_date(hint):
        return date.fromisoformat
    if typing.get_origin(hint) is list:
        each = _decoder(typing.get_args(hint)[0])
        return None if each is None else lambda values: [each(value) for value in values]
    return None


def _encoder(hint: Any) -> Conversion | None:
    """How a field of this type becomes a storable value; None when it already is one."""
    hint = _inner(hint)
    if is_dataclass(hint):
        return codec_of(typing.cast(type, hint)).encode
    if _is_date(hint):
        return lambda value: value.isoformat()
    if typing.get_origin(hint) is list:
        each = _encoder(typing.get_args(hint)[0])
        return None if each is None else lambda values: [each(value) for value in values]
    return None


def _is_whole(id: str) -> bool:
    """Whether a store could hold the id: one with half a surrogate pair names nothing, whoever sent it."""
    return id.isascii() or not any("\ud800" <= character <= "\udfff" for character in id)


class RecordCodec(Generic[Record]):
    """Turns records of one dataclass into documents and back. `id_key` renames `id` (top-level records only)."""

    def __init__(self, record: type[Record], id_key: str = "id") -> None:
        self.record = record
        hints = typing.get_type_hints(record)
        self._fields: list[tuple[str, str, Conversion | None, Conversion | None]] = []
        self._required: set[str] = set()
        for spec in fields(record):  # type: ignore[arg-type]
            key = id_key if spec.name == "id" else spec.name
            self._fields.append((spec.name, key, _encoder(hints[spec.name]), _decoder(hints[spec.name])))
            if spec.default is MISSING and spec.default_factory is MISSING:
                self._required.add(key)

    def encode(self, record: Record) -> Document:
        """The document to store; None fields are left out."""
        document: Document = {}
        for name, key, encode, _ in self._fields:
            value = getattr(record, name)
            if value is not None:
                document[key] = value if encode is None else encode(value)
        return document

    def decode(self, document: Mapping[str, Any]) -> Record:
        """The record; fields the document lacks take their defaults, fields it has too many are passed over."""
        values: dict[str, Any] = {}
        for name, key, _, decode in self._fields:
            value = document.get(key)
            if value is not None:
                values[name] = value if decode is None else decode(value)
            elif key in self._required:
                values[name] = None
        return self.record(**values)


@cache
def codec_of(record: Any, id_key: str = "id") -> RecordCodec[Any]:
    """The codec of a record, made once: reading the hints of every record takes longer than opening a store."""
    return RecordCodec(record, id_key)


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
