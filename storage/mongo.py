"""The MongoDB engine: any MongoDB from 6.0, through PyMongo's async client or Motor; FerretDB 1.24 with care.

Owns the translation of the protocol. Filters and updates are checked by storage/language.py first,
so that this engine refuses exactly what the embedded one refuses. Refuses to know time, ids and permissions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from pymongo import ReturnDocument

from storage.engine import (
    BulkResult,
    Changed,
    Document,
    DuplicateKey,
    Filter,
    Index,
    Insert,
    Sort,
    Unsupported,
    Update,
    Write,
)
from storage.ferretdb import Ferret
from storage.filters import Node, parse_filter
from storage.index_rules import IndexRules, parse_edit
from storage.language import check_group, check_limit
from storage.matching import find_plainly, matches
from storage.mongo_bulk import MongoBulk, check_document
from storage.mongo_driver import DriverName, translated
from storage.mongo_find import PlainGroups, group_pipeline, group_row, kept_of, page_filter, sort_keys
from storage.mongo_indexes import make_indexes
from storage.mongo_server import MongoServer
from storage.updates import apply_update, new_document


class MongoEngine:
    """Keeps the `Engine` protocol over the server at `uri`.

    `pool` is the most connections kept, `timeout_s` how long one command may take and a server may be looked for.
    Writes are acknowledged by a majority of the replica set; reads and writes are tried again once when a connection
    breaks.
    """

    name = "mongodb"

    def __init__(
        self,
        uri: str,
        *,
        database: str = "tutti",
        driver: DriverName = "pymongo",
        pool: int = 100,
        timeout_s: float = 10.0,
    ) -> None:
        self._server = MongoServer(uri, database, driver, pool, timeout_s)
        self._rules: dict[str, IndexRules] = {}
        self.ferret: Ferret | None = None

    async def start(self) -> None:
        """Connect and learn what the server is; EngineAway when it does not answer or is too old."""
        await self._server.start()
        self.ferret = Ferret() if self._server.product["product"] == "FerretDB" else None

    async def stop(self) -> None:
        """Close the connections. Safe to call twice."""
        await self._server.stop()

    async def ensure(self, collection: str, indexes: Sequence[Index]) -> None:
        """Create what is missing, drop those of ours that are no longer declared or were declared otherwise."""
        rules = IndexRules(collection, indexes)
        product = self._server.product.get("product")
        with translated(collection):
            await make_indexes(self._server.driver, self._collection(collection), indexes, product)
        self._rules[collection] = rules

    async def insert(self, collection: str, document: Document) -> None:
        """Add one document with its own `_id`."""
        check_document(self._rule(collection), document)
        try:
            with translated(collection):
                await self._collection(collection).insert_one(dict(document))
        except DuplicateKey as error:
            raise await self._named(error, document) from error

    async def get(self, collection: str, id: str) -> Document | None:
        """The document with that `_id`."""
        with translated(collection):
            found: Document | None = await self._collection(collection).find_one({"_id": id})
        return found

    async def get_many(self, collection: str, ids: Sequence[str]) -> dict[str, Document]:
        """Those that exist, by id."""
        with translated(collection):
            found = await self._collection(collection).find({"_id": {"$in": list(ids)}}).to_list(None)
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
        matching = await self._matching(collection, parse_filter(filter))
        if matching is not None:
            page = find_plainly(matching, {}, sort=sort, limit=limit, skip=skip, after=after)
            return [kept_of(document, fields) for document in page]
        keys, narrowed = sort_keys(sort), page_filter(filter, sort, after)
        projection = None if fields is None else dict.fromkeys(["_id", *fields], 1)
        with translated(collection):
            cursor = self._collection(collection).find(narrowed, projection, sort=keys, limit=limit, skip=skip)
            found: list[Document] = await cursor.to_list(limit)
        return found

    async def scan(
        self, collection: str, filter: Filter, *, batch: int = 1000, fields: Sequence[str] | None = None
    ) -> AsyncIterator[list[Document]]:
        """All matching documents in `_id` order, in batches; each batch is as fresh as its moment."""
        after: list[Any] | None = None
        while True:
            found = await self.find(collection, filter, limit=batch, after=after, fields=fields)
            if found:
                yield found
            if len(found) < batch:
                return
            after = [found[-1]["_id"]]

    async def update(
        self, collection: str, filter: Filter, update: Update, *, upsert: bool = False, many: bool = False
    ) -> Changed:
        """Change the first match, or all."""
        changed, _ = await self._update(collection, filter, update, upsert, many)
        return changed

    async def update_and_get(
        self, collection: str, filter: Filter, update: Update, *, upsert: bool = False
    ) -> Document | None:
        """Change the first match; the document as it is afterwards."""
        if self.ferret is not None:
            _, document = await self._update(collection, filter, update, upsert, False)
            return document
        parse_edit(self._rule(collection), filter, update, upsert)
        with translated(collection):
            found: Document | None = await self._collection(collection).find_one_and_update(
                filter, update, upsert=upsert, return_document=ReturnDocument.AFTER
            )
        return found

    async def delete(self, collection: str, filter: Filter, *, many: bool = False) -> int:
        """Remove the first match, or all."""
        kept = self._collection(collection)
        matching = await self._matching(collection, parse_filter(filter))
        if matching is not None:
            filter = _ids(matching if many else matching[:1])
        with translated(collection):
            result = await (kept.delete_many(filter) if many else kept.delete_one(filter))
        return int(result.deleted_count)

    async def count(self, collection: str, filter: Filter, *, limit: int | None = None) -> int:
        """How many match, counting no further than `limit`."""
        if limit is not None and limit < 1:
            raise Unsupported(f"a count's limit must be at least 1, not {limit}")
        matching = await self._matching(collection, parse_filter(filter))
        if matching is not None:
            return len(matching) if limit is None else min(limit, len(matching))
        options = {} if limit is None else {"limit": limit}
        with translated(collection):
            return int(await self._collection(collection).count_documents(filter, **options))

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
        check_group(by, sums, sort)
        parse_filter(filter)
        if self.ferret is not None:
            groups = PlainGroups(by, sums)
            async for documents in self.scan(collection, filter):
                groups.add(documents)
            return groups.rows(sort, limit)
        pipeline = group_pipeline(filter, by, sums, sort, limit)
        with translated(collection):
            rows = await self._server.driver.aggregate(self._collection(collection), pipeline)
        return [group_row(row, by, sums) for row in rows]

    async def bulk(self, collection: str, writes: Sequence[Write]) -> BulkResult:
        """Many writes in order; those a unique index refuses are reported."""
        bulk = MongoBulk(collection, self._collection(collection), self._rule(collection), self._named)
        if self.ferret is not None and not all(isinstance(write, Insert) for write in writes):
            return await bulk.send_singly(writes, self)
        return await bulk.send(writes)

    async def ping(self) -> dict[str, str]:
        """Product and version, and the MongoDB version it speaks as `server`."""
        return await self._server.ping()

    async def explain(self, collection: str, filter: Filter, *, sort: Sort = (), limit: int = 100) -> dict[str, Any]:
        """The server's plan for `find` with these arguments."""
        command = {"find": collection, "filter": filter, "sort": dict(sort_keys(sort)), "limit": limit}
        with translated(collection):
            plan: dict[str, Any] = await self._server.command("explain", command)
        return plan

    def _collection(self, name: str) -> Any:
        return self._server.collection(name)

    def _rule(self, collection: str) -> IndexRules:
        rules = self._rules.get(collection)
        if rules is None:
            rules = self._rules[collection] = IndexRules(collection)
        return rules

    async def _update(
        self, collection: str, filter: Filter, update: Update, upsert: bool, many: bool
    ) -> tuple[Changed, Document | None]:
        _, steps = parse_edit(self._rule(collection), filter, update, upsert)
        if self.ferret is not None:
            async with self.ferret.turns[collection]:
                return await self._take_turn(collection, filter, update, upsert, many, self.ferret.knows(steps))
        kept = self._collection(collection)
        with translated(collection):
            change = kept.update_many if many else kept.update_one
            result = await change(filter, update, upsert=upsert)
        return Changed(result.matched_count, result.modified_count, result.upserted_id), None

    async def _take_turn(
        self, collection: str, filter: Filter, update: Update, upsert: bool, many: bool, natively: bool
    ) -> tuple[Changed, Document | None]:
        """An update on FerretDB, while nobody else in this process changes the collection."""
        node, steps = parse_edit(self._rule(collection), filter, update, upsert)
        kept = self._collection(collection)
        matched = modified = 0
        changed: Document | None = None
        matching = await self._matching(collection, node)
        if matching is not None:
            filter = _ids(matching)
        with translated(collection):
            before = await kept.find(filter, sort=[("_id", 1)], limit=0 if many else 1).to_list(None)
        for document in before:
            changed = apply_update(steps, document)
            check_document(self._rule(collection), changed)
            matched += 1
            try:
                with translated(collection):
                    if natively:
                        result = await kept.update_one({"_id": document["_id"]}, update)
                        modified += result.modified_count
                    elif changed != document:
                        await kept.replace_one({"_id": document["_id"]}, changed)
                        modified += 1
            except DuplicateKey as error:
                raise await self._named(error, changed) from error
        if before or not upsert:
            return Changed(matched, modified), changed
        changed = new_document(node, steps)
        await self.insert(collection, changed)
        return Changed(0, 0, changed["_id"]), changed

    async def _matching(self, collection: str, node: Node) -> list[Document] | None:
        """On FerretDB, all documents that match a filter the server gets wrong; None when it may be asked."""
        if self.ferret is None or self.ferret.answers(node):
            return None
        found = []
        with translated(collection):
            async for document in self._collection(collection).find({}):
                if matches(node, document):
                    found.append(document)
        return found

    async def _named(self, error: DuplicateKey, document: Document | None) -> DuplicateKey:
        """The same refusal with its index named, where the server did not."""
        if self.ferret is None:
            return error
        kept = self._collection(error.collection)
        with translated(error.collection):
            return await self.ferret.refused(self._rule(error.collection), document, kept.find_one)


def _ids(documents: Sequence[Document]) -> Filter:
    return {"_id": {"$in": [document["_id"] for document in documents]}}
