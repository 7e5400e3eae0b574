"""The same part of many lists at once: the first reviews of each of a hundred songs, asked for together.

Owns how that stays one store command while the lists are short, and bounded while they are long. Refuses to know what
the lists hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

from services.catalogue.access import Condition, all_of
from services.catalogue.listing import Order, page_of
from services.paging import Page, Slice, write_cursor
from storage.collections.collection import Collection

Record = TypeVar("Record")
TOGETHER = 2000
"""As many rows as one command may bring for several lists together."""


async def windows(
    collection: Collection[Record],
    field: str,
    wanted: Sequence[tuple[str, Slice]],
    order: Order,
    conditions: Sequence[Condition] = (),
) -> dict[tuple[str, Slice], Page[Record]]:
    """For each (value of `field`, part): that part of the records with the value, in `order`; `total` stays 0.

    One store command for all lists that are asked for the same part, as long as they hold less than 2,000 rows
    together; beyond that the longer ones are asked for one by one. A part after a cursor is asked for alone.
    """
    same: dict[Slice, list[str]] = {}
    for value, part in dict.fromkeys(wanted):
        same.setdefault(part, []).append(value)

    async def alone(value: str, part: Slice) -> dict[tuple[str, Slice], Page[Record]]:
        page = await page_of(collection, [{field: value}, *conditions], order, part, counted=False)
        return {(value, part): page}

    async def together(values: list[str], part: Slice) -> dict[tuple[str, Slice], Page[Record]]:
        values = sorted(values)
        sort: list[tuple[str, Literal[1, -1]]] = [(field, 1), (order.field, order.direction)]
        filter = all_of([{field: {"$in": values}}, *conditions])
        rows = await collection.find(filter, sort=sort, limit=TOGETHER)
        # Where the command stopped, the last list may go on; it and those behind it are asked for by themselves.
        cut = getattr(rows[-1], field) if len(rows) == TOGETHER else None
        lists: dict[str, list[Record]] = {value: [] for value in values if cut is None or value < cut}
        for row in rows:
            if getattr(row, field) in lists:
                lists[getattr(row, field)].append(row)
        found = {(value, part): _part_of(rows, part, order) for value, rows in lists.items()}
        for more in await asyncio.gather(*(alone(value, part) for value in values if value not in lists)):
            found |= more
        return found

    asked = []
    for part, values in same.items():
        if part.cursor is None and len(values) > 1:
            asked.append(together(values, part))
        else:
            asked += [alone(value, part) for value in values]
    pages: dict[tuple[str, Slice], Page[Record]] = {}
    for found in await asyncio.gather(*asked):
        pages |= found
    return pages


def _part_of(rows: list[Any], part: Slice, order: Order) -> Page[Any]:
    end = part.offset + part.limit
    items = rows[part.offset : end]
    return Page(
        items=items,
        cursors=[write_cursor([getattr(row, order.field), row.id]) for row in items],
        has_next=len(rows) > end,
        has_previous=part.offset > 0,
    )
