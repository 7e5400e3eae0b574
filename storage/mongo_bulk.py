"""Bulk writes on MongoDB: one command where the server does them right, one write at a time where it does not.

Owns the counting of what was done and the report of what a unique index refused. Refuses to know connections.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from storage.engine import (
    BulkResult,
    Change,
    Delete,
    Document,
    DuplicateKey,
    Engine,
    EngineAway,
    Insert,
    Replace,
    Unsupported,
    Write,
)
from storage.filters import parse_filter
from storage.index_rules import IndexRules, parse_edit
from storage.mongo_driver import duplicate, translated
from storage.values import check_id, check_value

Namer = Callable[[DuplicateKey, Document | None], Awaitable[DuplicateKey]]
"""The same refusal with its index named, where the server did not name it."""

_COUNTED = (
    ("nInserted", "inserted"),
    ("nMatched", "matched"),
    ("nModified", "modified"),
    ("nRemoved", "deleted"),
    ("nUpserted", "upserted"),
)


def check_document(rules: IndexRules, document: Document) -> None:
    """Unsupported for a document that not every engine could keep alike."""
    check_id(document)
    check_value(document)
    rules.check_document(document)


class MongoBulk:
    """One bulk on one collection; `kept` is the driver's collection."""

    def __init__(self, collection: str, kept: Any, rules: IndexRules, named: Namer) -> None:
        self._collection = collection
        self._kept = kept
        self._rules = rules
        self._named = named
        self._totals = dict.fromkeys((ours for _, ours in _COUNTED), 0)
        self._duplicates: list[tuple[int, str]] = []

    async def send(self, writes: Sequence[Write]) -> BulkResult:
        """All writes, in as few commands as the refusals allow."""
        operations = [self._operation(write) for write in writes]
        ids = [write.document["_id"] for write in writes if isinstance(write, (Insert, Replace))]
        # Writes that cannot touch one another may go in any order, and then one refusal stops nothing.
        apart = len(ids) == len(writes) and len(set(ids)) == len(ids)
        begin = 0
        while begin < len(operations):
            refused, stopped = await self._send(operations[begin:], ordered=not apart)
            for position, refusal in refused:
                named = await self._named(refusal, _document_of(writes[begin + position]))
                self._duplicates.append((begin + position, named.index))
            begin = len(operations) if stopped is None else begin + stopped + 1
        return self._result()

    async def send_singly(self, writes: Sequence[Write], engine: Engine) -> BulkResult:
        """Each write by itself through `engine`, which does right what the server's bulk would not."""
        for write in writes:
            self._operation(write)
        for position, write in enumerate(writes):
            try:
                await self._apply(write, engine)
            except DuplicateKey as error:
                self._duplicates.append((position, error.index))
        return self._result()

    def _result(self) -> BulkResult:
        return BulkResult(**self._totals, duplicates=tuple(self._duplicates))

    def _operation(self, write: Write) -> Any:
        if isinstance(write, Insert):
            check_document(self._rules, write.document)
            return InsertOne(dict(write.document))
        if isinstance(write, Replace):
            check_document(self._rules, write.document)
            return ReplaceOne({"_id": write.document["_id"]}, write.document, upsert=True)
        if isinstance(write, Delete):
            parse_filter(write.filter)
            return DeleteOne(write.filter)
        parse_edit(self._rules, write.filter, write.update, write.upsert)
        return UpdateOne(write.filter, write.update, upsert=write.upsert)

    async def _send(self, operations: list[Any], *, ordered: bool) -> tuple[list[tuple[int, DuplicateKey]], int | None]:
        """Send one command; the refusals, and where an ordered one stopped."""
        refused: list[tuple[int, DuplicateKey]] = []
        with translated(self._collection):
            try:
                result = await self._kept.bulk_write(operations, ordered=ordered)
                details = result.bulk_api_result
            except BulkWriteError as error:
                details = error.details or {}
                for failure in details.get("writeErrors", []):
                    if failure.get("code") != 11000:
                        raise Unsupported(f"MongoDB refused: {failure.get('errmsg')}") from error
                    refused.append((failure["index"], duplicate(self._collection, failure)))
                if details.get("writeConcernErrors"):
                    raise EngineAway("MongoDB could not get a majority to keep the bulk") from error
        for theirs, ours in _COUNTED:
            self._totals[ours] += details.get(theirs, 0)
        return refused, refused[-1][0] if refused and ordered else None

    async def _apply(self, write: Write, engine: Engine) -> None:
        if isinstance(write, Insert):
            await engine.insert(self._collection, write.document)
            self._totals["inserted"] += 1
        elif isinstance(write, Delete):
            self._totals["deleted"] += await engine.delete(self._collection, write.filter)
        elif isinstance(write, Change):
            changed = await engine.update(self._collection, write.filter, write.update, upsert=write.upsert)
            self._totals["matched"] += changed.matched
            self._totals["modified"] += changed.modified
            self._totals["upserted"] += changed.upserted_id is not None
        else:
            await self._replace(write.document)

    async def _replace(self, document: Document) -> None:
        try:
            with translated(self._collection):
                result = await self._kept.replace_one({"_id": document["_id"]}, document, upsert=True)
        except DuplicateKey as error:
            raise await self._named(error, document) from error
        self._totals["matched"] += result.matched_count
        self._totals["modified"] += result.modified_count
        self._totals["upserted"] += result.upserted_id is not None


def _document_of(write: Write) -> Document | None:
    return write.document if isinstance(write, (Insert, Replace)) else None
