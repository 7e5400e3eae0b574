"""Filters, pages and groups in MongoDB's words.

Owns the translation of keyset pages, which MongoDB compares within one kind of value only, and of groups. Filters are
MongoDB's own already; they were parsed to refuse what is outside the subset. Refuses to talk to a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from storage.engine import Document, Sort, Unsupported
from storage.filters import Path, parse_sort
from storage.matching import after_values
from storage.values import check_scalar, order, rank

# MongoDB's names for the kinds of values, in `values.rank` order.
_KINDS = ("null", "number", "string", "object", "array", "bool", "date")
Keys = Sequence[tuple[Path, int]]


def sort_keys(sort: Sort) -> list[tuple[str, int]]:
    """The sort as the driver takes it, closed by `_id`."""
    return [(".".join(path), direction) for path, direction in parse_sort(sort)]


def page_filter(filter: Mapping[str, Any], sort: Sort, after: Sequence[Any] | None) -> Mapping[str, Any]:
    """The filter, narrowed to the rows beyond `after`."""
    if after is None:
        return filter
    keys = parse_sort(sort)
    values = after_values(keys, after)
    for value in values:
        if isinstance(value, (list, dict)):
            raise Unsupported("after a row whose sort field holds a list or a document")
        check_scalar(value)
    beyond = _beyond(keys, values)
    return {"$and": [filter, beyond]} if filter else beyond


def _beyond(keys: Keys, values: Sequence[Any]) -> dict[str, Any]:
    (path, direction), *more = keys
    field, value = ".".join(path), values[0]
    choices = _strictly(field, direction, value)
    if more:
        choices.append({"$and": [{field: value}, _beyond(more, values[1:])]})
    # Nothing lies beyond null downwards; no document is without an _id.
    return {"$or": choices} if choices else {"_id": {"$exists": False}}


def _strictly(field: str, direction: int, value: Any) -> list[dict[str, Any]]:
    kind = rank(value)
    if field == "_id":
        return [{field: {"$gt" if direction > 0 else "$lt": value}}]
    choices: list[dict[str, Any]] = []
    if kind:
        if isinstance(value, bool):
            if value != (direction > 0):
                choices.append({field: not value})
        else:
            choices.append({field: {"$gt" if direction > 0 else "$lt": value}})
    others = _KINDS[kind + 1 :] if direction > 0 else _KINDS[1:kind]
    if others:
        choices.append({field: {"$type": list(others)}})
    if direction < 0 and kind:
        choices.append({field: None})
    return choices


def group_pipeline(
    filter: Mapping[str, Any], by: Sequence[str], sums: Mapping[str, str | int], sort: Sort, limit: int
) -> list[dict[str, Any]]:
    """The aggregation for `Engine.group`; its rows are read by `group_row`."""
    id = {f"k{n}": {"$ifNull": [f"${field}", None]} for n, field in enumerate(by)} or None
    added = {f"s{n}": {"$sum": f"${what}" if isinstance(what, str) else 1} for n, what in enumerate(sums.values())}
    names = {name: f"_id.k{n}" for n, name in enumerate(by)} | {name: f"s{n}" for n, name in enumerate(sums)}
    ordered = {names[name]: direction for name, direction in sort}
    for name in by:
        ordered.setdefault(names[name], 1)
    pipeline: list[dict[str, Any]] = [{"$match": filter}, {"$group": {"_id": id, **added}}]
    return [*pipeline, *([{"$sort": ordered}] if ordered else []), {"$limit": limit}]


def group_row(row: Mapping[str, Any], by: Sequence[str], sums: Mapping[str, str | int]) -> Document:
    """A row of the aggregation under its outward names. Unsupported when a `by` field held a list or a document."""
    values = [row["_id"].get(f"k{n}") for n in range(len(by))] if by else []
    if any(isinstance(value, (list, dict)) for value in values):
        raise Unsupported("group by a field that holds a list or a document")
    return dict(zip(by, values, strict=True)) | {name: row[f"s{n}"] for n, name in enumerate(sums)}


class PlainGroups:
    """`Engine.group` worked out here, for a server that cannot; memory for one row per group."""

    def __init__(self, by: Sequence[str], sums: Mapping[str, str | int]) -> None:
        self._by = [field.split(".") for field in by]
        self._names = list(by)
        self._sums = dict(sums)
        self._rows: dict[tuple[Any, ...], Document] = {}

    def add(self, documents: Iterable[Document]) -> None:
        """Count these documents in."""
        for document in documents:
            values = [self._plain(document, path) for path in self._by]
            key = tuple(order(value) for value in values)
            row = self._rows.get(key)
            if row is None:
                row = dict(zip(self._names, values, strict=True)) | dict.fromkeys(self._sums, 0)
                self._rows[key] = row
            for name, what in self._sums.items():
                row[name] += 1 if isinstance(what, int) else self._number(document, what.split("."))
                if isinstance(row[name], int) and not -(2**63) <= row[name] < 2**63:
                    raise Unsupported("a sum beyond 64 bits")

    def rows(self, sort: Sort, limit: int) -> list[Document]:
        """The groups in order."""
        rows = list(self._rows.values())
        named = [name for name, _ in sort]
        whole = [*sort, *((name, 1) for name in self._names if name not in named)]
        for name, direction in reversed(whole):
            rows.sort(key=lambda row, name=name: order(row[name]), reverse=direction < 0)  # type: ignore[misc]
        return rows[:limit]

    def _plain(self, document: Document, path: Sequence[str]) -> Any:
        value: Any = document
        for segment in path:
            if isinstance(value, list):
                break
            value = value.get(segment) if isinstance(value, dict) else None
        if isinstance(value, (list, dict)):
            raise Unsupported("group by a field that holds a list or a document")
        return value

    def _number(self, document: Document, path: Sequence[str]) -> int | float:
        value: Any = document
        for segment in path:
            value = value.get(segment) if isinstance(value, dict) else None
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def kept_of(document: Document, fields: Sequence[str] | None) -> Document:
    """The document with these fields alone, and its id; all of it for None."""
    if fields is None:
        return document
    return {key: value for key, value in document.items() if key == "_id" or key in fields}
