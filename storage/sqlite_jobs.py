"""What the embedded store's writer does: the changes themselves, each inside the writer's transaction.

Owns read, change and write back. Refuses to know threads and to decide anything.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from storage.engine import BulkResult, Changed, Document, DuplicateKey
from storage.filters import Node
from storage.sqlite_find import ListEntry, Shelf, Statement, find_statement
from storage.sqlite_indexes import refused_index
from storage.sqlite_json import decode_document, encode_document
from storage.updates import Steps, apply_update, new_document

CHUNK = 100
# How long a chunk of a bulk keeps other writes waiting.
CHUNK_S = 0.015


class Encoded(NamedTuple):
    """A document as it is stored: its row, and its rows in list tables."""

    id: str
    text: str
    kinds: str
    entries: Set[ListEntry]


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
    return Encoded(*encode_document(document), shelf.list_entries(document))


def insert(connection: sqlite3.Connection, shelf: Shelf, row: Encoded, later: list[ListEntry] | None = None) -> None:
    """Add one; DuplicateKey names the index that refused. Its rows in list tables may be left for `later`."""
    try:
        connection.execute(f"INSERT INTO {shelf.table}(id,doc,kinds) VALUES(?,?,?)", row[:3])
    except sqlite3.IntegrityError as error:
        raise refused_index(shelf.collection, error) from error
    if later is not None:
        later.extend(row.entries)
    elif row.entries:
        add_entries(connection, row.entries)


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
    return _delete(connection, shelf, connection.execute(first.text, first.parameters).fetchall())


def delete_all(connection: sqlite3.Connection, shelf: Shelf, node: Node) -> Generator[None, None, int]:
    """Remove every match, chunk by chunk."""
    page = find_statement(shelf, node, limit=CHUNK, columns="t.id,t.doc,t.kinds")
    removed = 0
    while True:
        rows = connection.execute(page.text, page.parameters).fetchall()
        removed += _delete(connection, shelf, rows)
        if len(rows) < CHUNK:
            return removed
        yield


def _delete(connection: sqlite3.Connection, shelf: Shelf, rows: Sequence[tuple[str, str, str]]) -> int:
    connection.executemany(f"DELETE FROM {shelf.table} WHERE id=?", [row[:1] for row in rows])
    if shelf.list_indexes:
        for _, text, kinds in rows:
            remove_entries(connection, shelf.list_entries(decode_document(text, kinds)))
    return len(rows)


def bulk(
    connection: sqlite3.Connection, shelf: Shelf, operations: Sequence[Operation]
) -> Generator[None, None, BulkResult]:
    """Apply the operations in order; those a unique index refuses are reported by position."""
    totals = dict.fromkeys(("inserted", "matched", "modified", "deleted", "upserted"), 0)
    duplicates: list[tuple[int, str]] = []
    later: list[ListEntry] = []
    until = time.monotonic() + CHUNK_S
    for position, (kind, what) in enumerate(operations):
        if later and (kind != "insert" or time.monotonic() > until):
            add_entries(connection, later)
            later.clear()
        if time.monotonic() > until:
            yield
            until = time.monotonic() + CHUNK_S
        try:
            _bulk_one(connection, shelf, kind, what, totals, later)
        except DuplicateKey as error:
            duplicates.append((position, error.index))
    add_entries(connection, later)
    return BulkResult(**totals, duplicates=tuple(duplicates))


def _bulk_one(
    connection: sqlite3.Connection,
    shelf: Shelf,
    kind: str,
    what: Any,
    totals: dict[str, int],
    later: list[ListEntry],
) -> None:
    if kind == "insert":
        insert(connection, shelf, what, later)
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
    differs = old != (row.text, row.kinds)
    if differs:
        _write_back(connection, shelf, decode_document(*old), row)
    totals["matched"] += 1
    totals["modified"] += differs


def _edit_row(
    connection: sqlite3.Connection, shelf: Shelf, row: tuple[str, str, str], steps: Steps
) -> tuple[int, Document]:
    id, text, kinds = row
    before = decode_document(text, kinds)
    document = apply_update(steps, before)
    encoded = encode(shelf, document)
    if encoded[:3] == (id, text, kinds):
        return 0, document
    _write_back(connection, shelf, before, encoded)
    return 1, document


def _write_back(connection: sqlite3.Connection, shelf: Shelf, before: Document, row: Encoded) -> None:
    try:
        connection.execute(f"UPDATE {shelf.table} SET doc=?, kinds=? WHERE id=?", (row.text, row.kinds, row.id))
    except sqlite3.IntegrityError as error:
        raise refused_index(shelf.collection, error) from error
    if shelf.list_indexes:
        entries = shelf.list_entries(before)
        remove_entries(connection, entries - row.entries)
        add_entries(connection, row.entries - entries)


def add_entries(connection: sqlite3.Connection, entries: Iterable[ListEntry]) -> None:
    """Put rows into list tables."""
    tables: dict[str, list[tuple[Any, ...]]] = {}
    for table, values in entries:
        tables.setdefault(table, []).append(values)
    for table, rows in tables.items():
        places = ",".join("?" * len(rows[0]))
        connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES({places})", rows)


def remove_entries(connection: sqlite3.Connection, entries: Iterable[ListEntry]) -> None:
    """Take rows out of list tables."""
    for table, values in entries:
        columns = ["value", *(f"k{n}" for n in range(1, len(values) - 1)), "id"]
        condition = " AND ".join(f"{column}=?" for column in columns)
        connection.execute(f"DELETE FROM {table} WHERE {condition}", values)
