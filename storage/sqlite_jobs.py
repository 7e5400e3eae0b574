"""What the embedded store's writer does: the changes themselves, each inside the writer's transaction.

Owns read, change and write back. Refuses to know threads and to decide anything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from storage.engine import BulkResult, Changed, Document, DuplicateKey
from storage.filters import Node
from storage.sqlite_find import Shelf, Statement, find_statement
from storage.sqlite_indexes import refused_index
from storage.sqlite_json import decode_document, encode_document
from storage.updates import Steps, apply_update, new_document

CHUNK = 100


class Encoded(NamedTuple):
    """A document as it is stored."""

    id: str
    text: str
    kinds: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One update, parsed: what it finds and what it does."""

    node: Node
    first: Statement
    steps: Steps
    upsert: bool


Operation = tuple[str, Encoded | Edit | Statement]


def encode(shelf: Shelf, document: Document) -> Encoded:
    """The document as it is stored, held against the rules of the indexes."""
    shelf.rules.check_document(document)
    return Encoded(*encode_document(document))


def insert(connection: sqlite3.Connection, shelf: Shelf, row: Encoded) -> None:
    """Add one; DuplicateKey names the index that refused."""
    try:
        connection.execute(f"INSERT INTO {shelf.table}(id,doc,kinds) VALUES(?,?,?)", row)
    except sqlite3.IntegrityError as error:
        raise refused_index(shelf.collection, error) from error


def edit_first(connection: sqlite3.Connection, shelf: Shelf, edit: Edit) -> tuple[Changed, Document | None]:
    """Change the first match, or add what an upsert makes; with the document as it is afterwards."""
    row = connection.execute(edit.first.text, edit.first.parameters).fetchone()
    if row is not None:
        modified, document = _edit_row(connection, shelf, row, edit.steps)
        return Changed(1, modified), document
    if not edit.upsert:
        return Changed(0, 0), None
    document = new_document(edit.node, edit.steps)
    insert(connection, shelf, encode(shelf, document))
    return Changed(0, 0, document["_id"]), document


def edit_all(connection: sqlite3.Connection, shelf: Shelf, edit: Edit) -> Generator[None, None, Changed]:
    """Change every match, chunk by chunk in id order; each document is met once."""
    matched = modified = 0
    last = ""
    while True:
        page = find_statement(shelf, edit.node, limit=CHUNK, after=[last], columns="t.id,t.doc,t.kinds")
        rows = connection.execute(page.text, page.parameters).fetchall()
        for row in rows:
            modified += _edit_row(connection, shelf, row, edit.steps)[0]
        matched += len(rows)
        if len(rows) < CHUNK:
            break
        last = decode_document(rows[-1][1], rows[-1][2])["_id"]
        yield
    if matched or not edit.upsert:
        return Changed(matched, modified)
    return edit_first(connection, shelf, edit)[0]


def delete_first(connection: sqlite3.Connection, shelf: Shelf, first: Statement) -> int:
    """Remove the first match; how many went."""
    row = connection.execute(first.text, first.parameters).fetchone()
    if row is None:
        return 0
    return connection.execute(f"DELETE FROM {shelf.table} WHERE id=?", (row[0],)).rowcount


def delete_all(connection: sqlite3.Connection, shelf: Shelf, node: Node) -> Generator[None, None, int]:
    """Remove every match, chunk by chunk."""
    page = find_statement(shelf, node, limit=CHUNK * 5, columns="t.id")
    removed = 0
    while True:
        ids = connection.execute(page.text, page.parameters).fetchall()
        connection.executemany(f"DELETE FROM {shelf.table} WHERE id=?", ids)
        removed += len(ids)
        if len(ids) < CHUNK * 5:
            return removed
        yield


def bulk(
    connection: sqlite3.Connection, shelf: Shelf, operations: Sequence[Operation]
) -> Generator[None, None, BulkResult]:
    """Apply the operations in order; those a unique index refuses are reported by position."""
    totals = dict.fromkeys(("inserted", "matched", "modified", "deleted", "upserted"), 0)
    duplicates: list[tuple[int, str]] = []
    for position, (kind, what) in enumerate(operations):
        if position and position % CHUNK == 0:
            yield
        try:
            _bulk_one(connection, shelf, kind, what, totals)
        except DuplicateKey as error:
            duplicates.append((position, error.index))
    return BulkResult(**totals, duplicates=tuple(duplicates))


def _bulk_one(connection: sqlite3.Connection, shelf: Shelf, kind: str, what: Any, totals: dict[str, int]) -> None:
    if kind == "insert":
        insert(connection, shelf, what)
        totals["inserted"] += 1
    elif kind == "change":
        changed, _ = edit_first(connection, shelf, what)
        totals["matched"] += changed.matched
        totals["modified"] += changed.modified
        totals["upserted"] += changed.upserted_id is not None
    elif kind == "delete":
        totals["deleted"] += delete_first(connection, shelf, what)
    else:
        _replace(connection, shelf, what, totals)


def _replace(connection: sqlite3.Connection, shelf: Shelf, row: Encoded, totals: dict[str, int]) -> None:
    old = connection.execute(f"SELECT doc,kinds FROM {shelf.table} WHERE id=?", (row.id,)).fetchone()
    if old is None:
        insert(connection, shelf, row)
        totals["upserted"] += 1
        return
    totals["matched"] += 1
    if old != (row.text, row.kinds):
        _write_back(connection, shelf, row)
        totals["modified"] += 1


def _edit_row(
    connection: sqlite3.Connection, shelf: Shelf, row: tuple[str, str, str], steps: Steps
) -> tuple[int, Document]:
    id, text, kinds = row
    document = apply_update(steps, decode_document(text, kinds))
    encoded = encode(shelf, document)
    if encoded == (id, text, kinds):
        return 0, document
    _write_back(connection, shelf, encoded)
    return 1, document


def _write_back(connection: sqlite3.Connection, shelf: Shelf, row: Encoded) -> None:
    try:
        connection.execute(f"UPDATE {shelf.table} SET doc=?, kinds=? WHERE id=?", (row.text, row.kinds, row.id))
    except sqlite3.IntegrityError as error:
        raise refused_index(shelf.collection, error) from error
