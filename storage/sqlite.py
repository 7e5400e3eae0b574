"""The embedded document engine: JSON documents in one SQLite file, with no server to run.

Owns the file, its threads and the shelves. Small reads are answered at once on the event loop, larger ones on reader
threads, all writes by one writer thread that shares commits. A write that was awaited survives `kill -9` of the
process; in `durable_collections` it survives the end of the machine too. Refuses to know time, ids and permissions.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from storage.engine import (
    BulkResult,
    Changed,
    Document,
    EngineAway,
    Filter,
    Index,
    Sort,
    Unsupported,
    Update,
    Write,
)
from storage.filters import parse_filter
from storage.language import check_limit
from storage.sqlite_documents import read_count, read_documents, read_groups, read_one
from storage.sqlite_file import SqliteFile
from storage.sqlite_find import (
    Shelf,
    Statement,
    columns_of,
    count_statement,
    find_statement,
    first_statement,
    group_statement,
)
from storage.sqlite_indexes import create_table, ensure_indexes, prepare
from storage.sqlite_jobs import bulk, delete_all, delete_first, edit_all, edit_first, encode, insert
from storage.sqlite_json import encode_text
from storage.sqlite_operations import edit_of, names_one, operations_of
from storage.sqlite_quick import QuickWriter
from storage.sqlite_reader import Reader
from storage.sqlite_writer import Job, Writer

_QUICK_CHARACTERS = 16_000
_LOWEST_SQLITE = (3, 38, 0)


class SqliteEngine:
    """Keeps the `Engine` protocol over the file at `path` (made when missing, with its folder).

    `cache_mb` is the page cache of each connection; a lock held by another process longer than `busy_timeout_s`
    means EngineAway. Several processes may open one file; each has its own writer, and they take turns.
    """

    name = "sqlite"

    def __init__(
        self,
        path: Path | str,
        *,
        durable_collections: Collection[str] = (),
        reader_threads: int = 2,
        cache_mb: int = 32,
        busy_timeout_s: float = 10.0,
    ) -> None:
        self._file = SqliteFile(Path(path), cache_mb=cache_mb, busy_timeout_s=busy_timeout_s)
        self._durable = frozenset(durable_collections)
        self._reader_threads = reader_threads
        self._shelves: dict[str, Shelf] = {}
        self._open_reader: Reader | None = None
        self._open_writer: Writer | None = None
        self._quick: QuickWriter | None = None

    async def start(self) -> None:
        """Open the file; EngineAway with a readable reason when that fails."""
        if sqlite3.sqlite_version_info < _LOWEST_SQLITE:
            raise EngineAway(f"SQLite {sqlite3.sqlite_version} is too old; 3.38 or newer is needed")
        try:
            connection = await asyncio.to_thread(self._file.for_writing)
        except (OSError, sqlite3.Error) as error:
            raise EngineAway(f"cannot open {self._file.path}: {error}") from error
        self._open_writer = Writer(connection)
        self._quick = QuickWriter(self._file.for_quick_writes(), self._open_writer)
        self._shelves = await self._open_writer.run(prepare)
        self._open_reader = Reader(self._file.for_reading, threads=self._reader_threads)

    async def stop(self) -> None:
        """Finish what was handed in and close. Safe to call twice."""
        quick, self._quick = self._quick, None
        if quick is not None:
            quick.close()
        writer, self._open_writer = self._open_writer, None
        if writer is not None:
            await writer.stop()
        reader, self._open_reader = self._open_reader, None
        if reader is not None:
            await reader.stop()

    async def ensure(self, collection: str, indexes: Sequence[Index]) -> None:
        """Create what is missing and drop what is no longer declared."""
        job = partial(ensure_indexes, collection=collection, indexes=tuple(indexes))
        self._shelves[collection] = await self._writer.run(job)

    async def insert(self, collection: str, document: Document) -> None:
        """Add one document with its own `_id`."""
        shelf = await self._made(collection)
        row = encode(shelf, document)
        small = len(row.text) <= _QUICK_CHARACTERS
        await self._write(collection, lambda connection: insert(connection, shelf, row), small=small)

    async def get(self, collection: str, id: str) -> Document | None:
        """The document with that `_id`."""
        text = f"SELECT doc,kinds FROM {self._shelf(collection).table} WHERE id=:id"
        return await read_one(self._reader, Statement(text, {"id": encode_text(id)}))

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        """Those that exist, by id."""
        shelf = self._shelf(collection)
        wanted = orjson.dumps([encode_text(id) for id in ids]).decode()
        # A join in this order looks each id up; `IN (SELECT …)` would first sort them into a table of its own.
        text = f"SELECT t.doc,t.kinds FROM json_each(:ids) wanted CROSS JOIN {shelf.table} t ON t.id=wanted.value"
        statement = Statement(text, {"ids": wanted})
        found = await read_documents(self._reader, statement)
        return {document["_id"]: document for document in found}

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
        """Matching documents in order."""
        check_limit(limit, skip)
        node = parse_filter(filter)
        statement = find_statement(
            self._shelf(collection), node, sort=sort, limit=limit, skip=skip, after=after, columns=columns_of(fields)
        )
        return await read_documents(self._reader, statement, fields=fields)

    async def scan(
        self, collection: str, filter: Filter, *, batch: int = 1000, fields: Sequence[str] | None = None
    ) -> AsyncIterator[list[Document]]:
        """All matching documents in `_id` order, in batches; each batch is as fresh as its moment."""
        check_limit(batch)
        node, last = parse_filter(filter), ""
        while True:
            statement = find_statement(
                self._shelf(collection), node, limit=batch, after=[last], columns=columns_of(fields)
            )
            found = await read_documents(self._reader, statement, at_once=False, fields=fields)
            if found:
                yield found
            if len(found) < batch:
                return
            last = found[-1]["_id"]

    async def update(
        self, collection: str, filter: Filter, update: Update, *, upsert: bool = False, many: bool = False
    ) -> Changed:
        """Change the first match, or all in chunks."""
        shelf = await self._made(collection)
        edit = edit_of(shelf, filter, update, upsert)
        changed: Changed
        if many:
            changed = await self._writer.run_long(
                lambda connection: edit_all(connection, shelf, edit), durable=collection in self._durable
            )
        else:
            changed, _ = await self._write(
                collection, lambda connection: edit_first(connection, shelf, edit), small=names_one(filter)
            )
        return changed

    async def update_and_get(
        self, collection: str, filter: Filter, update: Update, *, upsert: bool = False
    ) -> Document | None:
        """Change the first match; the document as it is afterwards."""
        shelf = await self._made(collection)
        edit = edit_of(shelf, filter, update, upsert)
        document: Document | None
        _, document = await self._write(
            collection, lambda connection: edit_first(connection, shelf, edit), small=names_one(filter)
        )
        return document

    async def delete(self, collection: str, filter: Filter, *, many: bool = False) -> int:
        """Remove the first match, or all in chunks."""
        shelf = await self._made(collection)
        node = parse_filter(filter)
        gone: int
        if many:
            gone = await self._writer.run_long(
                lambda connection: delete_all(connection, shelf, node), durable=collection in self._durable
            )
        else:
            first = first_statement(shelf, node)
            gone = await self._write(collection, lambda connection: delete_first(connection, shelf, first))
        return gone

    async def count(self, collection: str, filter: Filter, *, limit: int | None = None) -> int:
        """How many match, counting no further than `limit`."""
        if limit is not None and limit < 1:
            raise Unsupported(f"a count's limit must be at least 1, not {limit}")
        return await read_count(self._reader, count_statement(self._shelf(collection), parse_filter(filter), limit))

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
        """One row per distinct values of `by`, with sums."""
        check_limit(limit)
        statement = group_statement(self._shelf(collection), parse_filter(filter), by, sums, sort, limit)
        return await read_groups(self._reader, statement, by, sums)

    async def bulk(self, collection: str, writes: Sequence[Write]) -> BulkResult:
        """Many writes in order, in chunks; those a unique index refuses are reported."""
        shelf = await self._made(collection)
        operations = await operations_of(shelf, writes)
        result: BulkResult = await self._writer.run_long(
            lambda connection: bulk(connection, shelf, operations), durable=collection in self._durable
        )
        return result

    async def ping(self) -> dict[str, str]:
        """Product and version."""
        self._reader.rows(Statement("SELECT count(*) FROM tutti_indexes", {}))
        return {"product": "SQLite", "version": sqlite3.sqlite_version}

    async def explain(
        self,
        collection: str,
        filter: Filter,
        *,
        sort: Sort = (),
        limit: int = 100,
        after: Sequence[Any] | None = None,
    ) -> list[str]:
        """How SQLite would answer `find` with these arguments: its plan, one step a line."""
        statement = find_statement(self._shelf(collection), parse_filter(filter), sort=sort, limit=limit, after=after)
        plan = Statement(f"EXPLAIN QUERY PLAN {statement.text}", statement.parameters)
        return [row[3].decode() for row in await self._reader.on_thread(plan, list)]

    async def declared(self) -> list[dict[str, str]]:
        """The indexes that the file has, by collection and name."""
        statement = Statement("SELECT collection, name FROM tutti_indexes ORDER BY collection, name", {})
        rows = await self._reader.on_thread(statement, list)
        return [{"collection": collection.decode(), "name": name.decode()} for collection, name in rows]

    @property
    def _reader(self) -> Reader:
        if self._open_reader is None:
            raise EngineAway("the embedded store is not open")
        return self._open_reader

    @property
    def _writer(self) -> Writer:
        if self._open_writer is None:
            raise EngineAway("the embedded store is not open")
        return self._open_writer

    def _shelf(self, collection: str) -> Shelf:
        """For reading: a collection nobody has written to has no table yet, and is empty."""
        return self._shelves.get(collection) or Shelf(collection)

    async def _made(self, collection: str) -> Shelf:
        shelf = self._shelves.get(collection)
        if shelf is None:
            shelf = Shelf(collection)
            await self._writer.run(partial(create_table, collection=collection))
            shelf = self._shelves.setdefault(collection, shelf)
        return shelf

    async def _write(self, collection: str, job: Job, *, small: bool = False) -> Any:
        durable = collection in self._durable
        if small and not durable and self._quick is not None:
            done, result = self._quick.attempt(job)
            if done:
                return result
        return await self._writer.run(job, durable=durable)
