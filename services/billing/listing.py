"""Pages of rows that are told newest first: payments, deliveries, subscriptions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from services.errors import Invalid
from services.paging import Page, Slice, write_cursor
from storage.collections.collection import Collection

Row = TypeVar("Row")


async def newest_first(
    shelf: Collection[Row], filter: dict[str, Any], by: str, part: Slice, *, counted: bool
) -> Page[Row]:
    """One page of the rows in falling order of the time `by`. Invalid for a cursor of another list."""
    cursor = part.cursor
    if cursor is not None and not (len(cursor) == 2 and isinstance(cursor[0], datetime) and isinstance(cursor[1], str)):
        raise Invalid("This cursor is not one of ours.", field="after")
    found = await shelf.find(filter, sort=[(by, -1)], limit=part.limit + 1, skip=part.offset, after=cursor)
    rows = found[: part.limit]
    return Page(
        items=rows,
        cursors=[write_cursor([getattr(row, by), getattr(row, "id")]) for row in rows],  # noqa: B009 - any record has one
        total=await shelf.count(filter) if counted else 0,
        has_next=len(found) > part.limit,
        has_previous=cursor is not None or part.offset > 0,
    )
