"""Writes as they are handed to the embedded store, parsed and encoded into what its writer does.

Owns the step from the engine's words to `sqlite_jobs.py`'s. Refuses to run anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from storage.engine import Change, Delete, Filter, Insert, Update, Write
from storage.filters import parse_filter
from storage.index_rules import parse_edit
from storage.sqlite_find import Shelf, first_statement
from storage.sqlite_jobs import Edit, Operation, encode

_ENCODED_AT_ONCE = 20


def edit_of(shelf: Shelf, filter: Filter, update: Update, upsert: bool) -> Edit:
    """An update, held against the rules of the indexes."""
    node, steps = parse_edit(shelf.rules, filter, update, upsert)
    return Edit(node, first_statement(shelf, node), steps, upsert)


async def operations_of(shelf: Shelf, writes: Sequence[Write]) -> list[Operation]:
    """Many writes in their order."""
    operations: list[Operation] = []
    for position, write in enumerate(writes):
        operations.append(_operation(shelf, write))
        if position % _ENCODED_AT_ONCE == _ENCODED_AT_ONCE - 1:
            # Encoding happens here, in slices: on a thread it would fight every reader for the interpreter.
            await asyncio.sleep(0)
    return operations


def names_one(filter: Filter) -> bool:
    """Whether the filter names one document, so that finding it costs next to nothing."""
    return isinstance(filter.get("_id"), str)


def _operation(shelf: Shelf, write: Write) -> Operation:
    if isinstance(write, Insert):
        return "insert", encode(shelf, write.document)
    if isinstance(write, Change):
        return "change", edit_of(shelf, write.filter, write.update, write.upsert)
    if isinstance(write, Delete):
        return "delete", first_statement(shelf, parse_filter(write.filter))
    return "replace", encode(shelf, write.document)
