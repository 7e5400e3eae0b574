"""The best rows of a query of the embedded index, or those that come first in an order.

Owns which column is sorted by, and how one reads far into a list that is sorted by name. Refuses to make queries of
questions.
"""

from __future__ import annotations

from typing import Any

import tantivy
from tantivy import Occur, Query

from storage.search_index.index import Order
from storage.search_index.tantivy_schema import BY_NAME, HEAD, falling, rising

NEAR = 50
"""So many rows of a list by name may lie before a page until it is worth passing them over by their first letters."""


class Cut:
    """One part of what fits: its rows as (what it is sorted by, address), and how much there is in all."""

    __slots__ = ("rows", "total")

    def __init__(self, found: Any, total: int | None = None) -> None:
        self.rows: list[tuple[Any, Any]] = found.hits
        self.total = int(found.count or 0) if total is None else total


def cut(searcher: Any, schema: tantivy.Schema, query: Query, order: Order | None, limit: int, offset: int) -> Cut:
    """`limit` rows after the first `offset`, by points times weight without an order."""
    if order is None:
        return Cut(searcher.search(query, limit, True, offset=offset, weight_by_field="weight"))
    if order.field == "name" and offset > NEAR:
        return _cut_far(searcher, schema, query, order, limit, offset)
    return Cut(searcher.search(query, limit, True, offset=offset, **_sorting(order)))


def _cut_far(searcher: Any, schema: tantivy.Schema, query: Query, order: Order, limit: int, offset: int) -> Cut:
    """Each name is looked up in a dictionary, a fifth of a millisecond: too long for thousands before the page.

    Their first letters are numbers in the same order: those of the first row tell what comes before for certain.
    """
    way = _way(order)
    found = searcher.search(query, 1, True, offset=offset, order_by_field=HEAD, order=way)
    if not found.hits:
        return Cut(found)
    head = found.hits[0][0]
    ends: tuple[int | None, int | None] = (None, head) if order.descending else (head, None)
    rest = Query.range_query(schema, HEAD, tantivy.FieldType.Integer, *ends)
    query = Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(rest, 0.0))])
    left = int(searcher.search(query, 1, True).count or 0)
    passed = int(found.count) - left
    return Cut(searcher.search(query, limit, False, offset=offset - passed, **_sorting(order)), int(found.count))


def _sorting(order: Order) -> dict[str, Any]:
    if order.field == "name":
        column = BY_NAME
    else:
        column = falling(order.field) if order.descending else rising(order.field)
    return {"order_by_field": column, "order": _way(order)}


def _way(order: Order) -> Any:
    return tantivy.Order.Desc if order.descending else tantivy.Order.Asc
