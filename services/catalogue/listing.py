"""Pages of a collection: orders, keyset cursors, and finding a record by its slug.

Owns how a list is cut so that rows added meanwhile neither repeat nor push others out. Refuses to know who may see
what; the nouns hand in their conditions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from services.catalogue.access import Condition, all_of
from services.errors import Invalid
from services.paging import Page, Slice, write_cursor
from storage.collections.collection import Collection

Record = TypeVar("Record")
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Order:
    """A named way to sort: the field, its direction, and the type its values have in a cursor."""

    field: str
    direction: Literal[1, -1]
    kind: type


async def page_of(
    collection: Collection[Record],
    conditions: list[Condition],
    order: Order,
    part: Slice,
    *,
    counted: bool = True,
) -> Page[Record]:
    """One page in `order`, equals by id. `total` is 0 unless `counted`."""
    filter = all_of(conditions)
    sort: list[tuple[str, Literal[1, -1]]] = [(order.field, order.direction)]
    after = None if part.cursor is None else _checked(part.cursor, order)
    finding = collection.find(filter, sort=sort, limit=part.limit + 1, skip=part.offset, after=after)
    if counted:
        found, total = await asyncio.gather(finding, collection.count(filter))
    else:
        found, total = await finding, 0
    rows = found[: part.limit]
    return Page(
        items=rows,
        cursors=[write_cursor([getattr(row, order.field), row.id]) for row in rows],  # type: ignore[attr-defined]
        total=total,
        has_next=len(found) > part.limit,
        has_previous=after is not None or part.offset > 0,
    )


def _checked(cursor: Sequence[Any], order: Order) -> Sequence[Any]:
    value, id = cursor if len(cursor) == 2 else (None, None)
    fits = value is None or (isinstance(value, order.kind) and not isinstance(value, bool))
    if not isinstance(id, str) or not fits:
        raise Invalid("This cursor belongs to another list or another order.", field="after")
    return [value, id]


async def all_matching(
    collection: Collection[Record], filter: Condition, sort: Sequence[tuple[str, Literal[1, -1]]]
) -> list[Record]:
    """Every matching record in order, read in batches. For what is bounded by nature: the songs of a page of albums."""
    found = await collection.find(filter, sort=sort, limit=BATCH)
    rows = found
    while len(found) == BATCH:
        last: Any = found[-1]
        after = [*(getattr(last, field) for field, _ in sort), last.id]
        found = await collection.find(filter, sort=sort, limit=BATCH, after=after)
        rows += found
    return rows


async def by_slug(collection: Collection[Record], slug: str) -> Record | None:
    """The record with that slug now, else the one that had it before."""
    found = await collection.first({"slug": slug})
    return found if found is not None else await collection.first({"old_slugs": slug}, sort=[("_id", 1)])


BY_TITLE = Order("sort_title", 1, str)
BY_NAME = Order("sort_name", 1, str)
BY_RELEASE = Order("release_date", -1, str)
BY_PLAYS = Order("play_count", -1, int)
BY_LISTENERS = Order("monthly_listeners", -1, int)
BY_ARRIVAL = Order("created_at", -1, datetime)
