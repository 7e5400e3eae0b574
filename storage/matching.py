"""Filters, sorts and pages worked out in plain Python over plain documents.

The reference that both engines are tested against, and what decides `$pull`. Refuses to know any store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from storage.engine import Document, Filter, Sort, Unsupported
from storage.filters import (
    Both,
    Either,
    Element,
    Equal,
    Exists,
    Negated,
    Node,
    OneOf,
    Path,
    Prefix,
    Range,
    Size,
    parse_filter,
    parse_sort,
)
from storage.values import MISSING, NUMBER, TEXT, TIME, order, rank, same


def matches(node: Node, document: Any) -> bool:
    """Whether the document fulfils the parsed filter. Path () looks at `document` itself, as a plain element."""
    match node:
        case Both(parts):
            return all(matches(part, document) for part in parts)
        case Either(parts):
            return any(matches(part, document) for part in parts)
        case Negated(part):
            return not matches(part, document)
        case Exists(path):
            return any(value is not MISSING for value in reached(document, path))
        case Size(path, length):
            return any(isinstance(value, list) and len(value) == length for value in reached(document, path))
        case Element(path, inner, plain):
            return any(
                isinstance(value, list)
                and any(matches(inner, item) for item in value if plain or isinstance(item, dict))
                for value in reached(document, path)
            )
        case _:
            return any(_holds(node, value) for value in _candidates(document, node.path))


def reached(document: Any, path: Path) -> Iterator[Any]:
    """Every value the path leads to: lists on the way are entered, a plain dead end yields MISSING.

    A list on the way yields nothing for elements that are not documents, as in MongoDB.
    """
    if not path:
        yield document
        return
    if not isinstance(document, dict):
        yield MISSING
        return
    value = document.get(path[0], MISSING)
    if len(path) > 1 and isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield from reached(item, path[1:])
    elif value is MISSING or len(path) == 1:
        yield value
    else:
        yield from reached(value, path[1:])


def sort_key(document: Document, path: Path) -> tuple[int, Any]:
    """What a document is ordered by under one path. A path that passes through a list counts as missing."""
    value: Any = document
    for segment in path:
        value = value.get(segment, MISSING) if isinstance(value, dict) else MISSING
    return order(value)


def find_plainly(
    documents: Iterable[Document],
    filter: Filter,
    *,
    sort: Sort = (),
    limit: int = 100,
    skip: int = 0,
    after: Sequence[Any] | None = None,
) -> list[Document]:
    """What `Engine.find` must answer over these documents."""
    node, keys = parse_filter(filter), parse_sort(sort)
    found = [document for document in documents if matches(node, document)]
    for path, direction in reversed(keys):
        found.sort(key=lambda document, path=path: sort_key(document, path), reverse=direction < 0)  # type: ignore[misc]
    if after is not None:
        marks = [order(value) for value in after_values(keys, after)]
        found = [document for document in found if _is_beyond(document, keys, marks)]
    return found[skip : skip + limit]


def after_values(keys: Sequence[tuple[Path, int]], after: Sequence[Any]) -> list[Any]:
    """The values of `after`, one per sort key; Unsupported when there are too few or too many."""
    if isinstance(after, str) or len(after) != len(keys):
        raise Unsupported(f"after needs {len(keys)} values: those of the sort fields and the _id")
    return list(after)


def _is_beyond(document: Document, keys: Sequence[tuple[Path, int]], marks: Sequence[tuple[int, Any]]) -> bool:
    for (path, direction), mark in zip(keys, marks, strict=True):
        key = sort_key(document, path)
        if key != mark:
            return (key > mark) == (direction > 0)
    return False


def _candidates(document: Any, path: Path) -> Iterator[Any]:
    """The values a comparison looks at: what the path leads to, and the elements where that is a list."""
    for value in reached(document, path):
        if isinstance(value, list) and path:
            yield from value
        yield value


def _holds(node: Equal | OneOf | Range | Prefix, value: Any) -> bool:
    match node:
        case Equal(_, wanted):
            return same(value, wanted)
        case OneOf(_, values):
            return any(same(value, wanted) for wanted in values)
        case Prefix(_, text):
            return isinstance(value, str) and value.startswith(text)
        case Range(_, operator, limit):
            kind = rank(value)
            if kind != rank(limit) or kind not in (NUMBER, TEXT, TIME):
                return False
            if operator[0] == ">":
                return bool(value > limit or (operator == ">=" and value == limit))
            return bool(value < limit or (operator == "<=" and value == limit))
