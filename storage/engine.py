"""The small protocol that every document engine keeps, and the errors it may raise.

A collection holds JSON-like documents with a string `_id`. Values: None, bool, int (64-bit), float (finite), str,
aware UTC datetime (milliseconds), list, dict with string keys. `storage/language.py` fixes the subset of MongoDB's
filter and update language that both engines speak; anything outside it raises `Unsupported`, in either engine alike.
The engines know no permission, no clock and no decision.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Document = dict[str, Any]
Filter = Mapping[str, Any]
Update = Mapping[str, Any]
Sort = Sequence[tuple[str, Literal[1, -1]]]


class StorageError(Exception):
    """Anything an engine can say went wrong."""


class Unsupported(StorageError):
    """Outside the documented subset of the filter or update language; names the operator."""


class DuplicateKey(StorageError):
    """A unique index refused a write; `index` is its name (`_id` for the primary key)."""

    def __init__(self, collection: str, index: str) -> None:
        super().__init__(f"duplicate key in {collection} on {index}")
        self.collection = collection
        self.index = index


class EngineAway(StorageError):
    """The engine does not answer; a later try may go through."""


@dataclass(frozen=True, slots=True)
class Index:
    """One declared index: key fields with direction, unique or not, and the filter a partial one applies to.

    `array=True` marks the single key field as holding a list, each element indexed.
    """

    name: str
    keys: tuple[tuple[str, Literal[1, -1]], ...]
    unique: bool = False
    where: Mapping[str, Any] = field(default_factory=dict)
    array: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What an update did: documents matched, documents really different afterwards, the id an upsert made."""

    matched: int
    modified: int
    upserted_id: str | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """Bulk: add one document."""

    document: Document


@dataclass(frozen=True, slots=True)
class Change:
    """Bulk: update the first document that matches, or upsert."""

    filter: Filter
    update: Update
    upsert: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """Bulk: put this document in place of the one with its `_id`, or add it."""

    document: Document


@dataclass(frozen=True, slots=True)
class Delete:
    """Bulk: remove the first document that matches."""

    filter: Filter


Write = Insert | Change | Replace | Delete


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a bulk did, and which operations (by position) a unique index refused: the rest went through."""

    inserted: int
    matched: int
    modified: int
    deleted: int
    upserted: int
    duplicates: tuple[tuple[int, str], ...] = ()


class Engine(Protocol):
    """One store of documents. All methods may raise EngineAway; an awaited write has been acknowledged as durable."""

    name: str

    async def start(self) -> None:
        """Open; EngineAway with a readable reason when that fails. `stop` undoes it from any half-started state."""

    async def stop(self) -> None:
        """Finish what was acknowledged and close. Safe to call twice."""

    async def ensure(self, collection: str, indexes: Sequence[Index]) -> None:
        """Create what is missing and drop indexes of ours that are no longer declared."""

    async def insert(self, collection: str, document: Document) -> None:
        """Add one document with its own `_id`. DuplicateKey names the index that refused."""

    async def get(self, collection: str, id: str) -> Document | None:
        """The document with that `_id`."""

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        """Those that exist, by id; one store command however many ids."""

    async def find(
        self,
        collection: str,
        filter: Filter,
        *,
        sort: Sort = (),
        limit: int = 100,
        skip: int = 0,
        after: Sequence[Any] | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Document]:
        """Matching documents in `sort` order (then by `_id`), at most `limit` (1 to 10,000).

        `after` holds a previous row's values of the sort fields and its `_id`: only rows beyond it come. `fields`
        keeps only these top-level fields and `_id`; one that holds null may be left out as if it were missing.
        """

    def scan(
        self, collection: str, filter: Filter, *, batch: int = 1000, fields: Sequence[str] | None = None
    ) -> AsyncIterator[list[Document]]:
        """All matching documents in `_id` order, in batches, with bounded memory: for jobs and rebuilds."""

    async def update(
        self, collection: str, filter: Filter, update: Update, *, upsert: bool = False, many: bool = False
    ) -> Changed:
        """Change the first match (or all with `many`) atomically, each document at once."""

    async def update_and_get(
        self, collection: str, filter: Filter, update: Update, *, upsert: bool = False
    ) -> Document | None:
        """Change the first match atomically; the document as it is afterwards, None when nothing matched."""

    async def delete(self, collection: str, filter: Filter, *, many: bool = False) -> int:
        """Remove the first match (or all with `many`); how many went."""

    async def count(self, collection: str, filter: Filter, *, limit: int | None = None) -> int:
        """How many match; counting stops at `limit`."""

    async def group(
        self,
        collection: str,
        filter: Filter,
        *,
        by: Sequence[str],
        sums: Mapping[str, str | int],
        sort: Sort = (),
        limit: int = 1000,
    ) -> list[Document]:
        """One row per distinct values of the `by` fields, with sums.

        `sums` names each output: the field to add up, or 1 to count rows. Rows carry the `by` fields (dots kept as
        written) and the sums, ordered by `sort` over those names, then by the `by` values.
        """

    async def bulk(self, collection: str, writes: Sequence[Write]) -> BulkResult:
        """Many writes in one go, in order; those a unique index refuses are reported, the others applied."""

    async def ping(self) -> dict[str, str]:
        """Proof of life: product and version. EngineAway when it does not answer."""
