"""Documents read from the embedded store: at once where that is quick, on a thread where decoding takes long.

Owns that choice and decoding in slices. Refuses to know collections and how a statement came about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from storage.engine import Document, Unsupported
from storage.sqlite_find import Statement
from storage.sqlite_json import decode_document, decode_fields, decode_rows, decode_scalar
from storage.sqlite_reader import Reader, Row, breathe

_DECODED_AT_ONCE = 50
# What is longer than this takes the loop more than a millisecond or two to decode.
_INLINE_BYTES = 200_000


async def read_one(reader: Reader, statement: Statement) -> Document | None:
    """The first document that the statement finds."""
    rows = reader.rows(statement)
    if rows is None:
        rows = await reader.on_thread(statement, list)
    if rows and len(rows[0][0]) > _INLINE_BYTES:
        return await asyncio.to_thread(decode_document, *rows[0])
    return decode_document(*rows[0]) if rows else None


async def read_documents(
    reader: Reader, statement: Statement, *, at_once: bool = True, fields: Sequence[str] | None = None
) -> list[Document]:
    """All that the statement finds, `fields` of each; `at_once` tries it here and now, unless they are many."""

    def decoded(rows: list[Row]) -> list[Document]:
        return decode_rows(rows) if fields is None else decode_fields(rows, fields)

    def decode(rows: list[Row]) -> list[Document]:
        documents: list[Document] = []
        for at in range(0, len(rows), _DECODED_AT_ONCE):
            documents += decoded(rows[at : at + _DECODED_AT_ONCE])
            breathe()
        return documents

    if at_once:
        read = reader.rows(statement)
        if read is not None and sum([len(row[0]) for row in read]) <= _INLINE_BYTES:
            return decoded(read)
        if read is not None:
            # Long ones: what was read need not be read again.
            return await asyncio.to_thread(decode, read)

    return await reader.on_thread(statement, decode)


async def read_count(reader: Reader, statement: Statement) -> int:
    """The number that a `count_statement` finds."""
    rows = reader.rows(statement)
    if rows is None:
        rows = await reader.on_thread(statement, list)
    return int(rows[0][0]) if rows else 0


async def read_groups(
    reader: Reader, statement: Statement, by: Sequence[str], sums: Mapping[str, str | int]
) -> list[Document]:
    """The rows of a `group_statement`. Unsupported where a `by` field held a list or a document."""
    rows = reader.rows(statement)
    if rows is None:
        rows = await reader.on_thread(statement, list)
    if any(row[-1] for row in rows):
        raise Unsupported("group by a field that holds a list or a document")
    names = [*by, *sums]
    width = len(by)
    return [dict(zip(names, [*map(decode_scalar, row[:width]), *row[width:-1]], strict=True)) for row in rows]
