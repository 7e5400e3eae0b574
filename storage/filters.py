"""The filter language: a subset of MongoDB's own, parsed once into a small tree that every engine understands.

Owns what may be asked and what is refused (Unsupported names the operator). Refuses to know how an engine answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.engine import Filter, Sort, Unsupported
from storage.values import check_scalar, split_path, to_milliseconds

Path = tuple[str, ...]
RangeOperator = Literal[">", ">=", "<", "<="]
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Equal:
    """The field, or an element of the list it holds, equals `value`; null also when the field is missing."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field, or an element of its list, equals one of `values`."""

    path: Path
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The field, or an element, is of the same kind as `value` (number, text, time) and lies on that side of it."""

    path: Path
    operator: RangeOperator
    value: Any


@dataclass(frozen=True, slots=True)
class Prefix:
    """The field, or an element, is text that begins so (case-sensitive)."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Exists:
    """The field is there, be it null."""

    path: Path


@dataclass(frozen=True, slots=True)
class Size:
    """The field is a list of exactly that length."""

    path: Path
    length: int


@dataclass(frozen=True, slots=True)
class Element:
    """The field is a list with an embedded document (`path` () inside `inner` means a plain element) that matches."""

    path: Path
    inner: Node
    plain: bool


@dataclass(frozen=True, slots=True)
class Both:
    """All of them; with none of them, everything."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """Not this: also true where the field is missing."""

    part: Node


Leaf = Equal | OneOf | Range | Prefix | Exists | Size | Element
Node = Leaf | Both | Either | Negated

_RANGES: dict[str, RangeOperator] = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_ESCAPED = re.compile(r"\\(.)|([^\\])", re.DOTALL)
_SPECIAL = frozenset(".^$*+?{}[]|()")


def prefix(text: str) -> dict[str, str]:
    """The condition for text that begins with `text`: `{"title": prefix("Blue")}`."""
    return {"$regex": "^" + "".join("\\" + c if c in _SPECIAL or c == "\\" else c for c in text)}


def parse_filter(filter: Filter) -> Node:
    """The tree of a filter. Unsupported names the first operator, path or value outside the subset."""
    return _parse_document(filter, 0)


def parse_sort(sort: Sort) -> tuple[tuple[Path, int], ...]:
    """The sort as paths and directions (1 or -1), closed by `_id` when it does not name it."""
    parsed: list[tuple[Path, int]] = []
    for path, direction in sort:
        check_direction(path, direction)
        parsed.append((split_path(path), direction))
    paths = [path for path, _ in parsed]
    if len(set(paths)) != len(paths):
        raise Unsupported("a sort names a field twice")
    if ("_id",) not in paths:
        parsed.append((("_id",), 1))
    return tuple(parsed)


def check_direction(field: str, direction: int) -> None:
    """Unsupported unless the direction is 1 or -1."""
    if direction not in (1, -1):
        raise Unsupported(f"sort direction of {field!r} must be 1 or -1, not {direction!r}")


def _parse_document(filter: Filter, depth: int) -> Node:
    if not isinstance(filter, Mapping):
        raise Unsupported(f"a filter must be a document, not {filter!r}")
    if depth > MAX_DEPTH:
        raise Unsupported(f"a filter nested deeper than {MAX_DEPTH} levels")
    parts: list[Node] = []
    for key, condition in filter.items():
        if isinstance(key, str) and key.startswith("$"):
            parts.append(_parse_logic(key, condition, depth))
        else:
            parts.extend(_parse_field(split_path(key), condition, depth))
    return parts[0] if len(parts) == 1 else Both(tuple(parts))


def _parse_logic(operator: str, condition: Any, depth: int) -> Node:
    if operator not in ("$and", "$or", "$nor"):
        raise Unsupported(f"filter operator {operator}")
    if not isinstance(condition, Sequence) or isinstance(condition, str) or not condition:
        raise Unsupported(f"{operator} needs a list of at least one filter")
    parts = tuple(_parse_document(part, depth + 1) for part in condition)
    if operator == "$and":
        return Both(parts)
    return Either(parts) if operator == "$or" else Negated(Either(parts))


def _parse_field(path: Path, condition: Any, depth: int) -> list[Node]:
    """One field's conditions; `path` () stands for the plain element of `$elemMatch`."""
    if not isinstance(condition, Mapping):
        return [Equal(path, _scalar("$eq", condition))]
    if not condition or not all(isinstance(key, str) and key.startswith("$") for key in condition):
        raise Unsupported("equality with an embedded document; ask for its fields by dotted paths")
    return [_parse_operator(path, operator, value, depth) for operator, value in condition.items()]


def _parse_operator(path: Path, operator: str, value: Any, depth: int) -> Node:
    if operator in _RANGES:
        if not isinstance(value, (int, float, str, datetime)) or isinstance(value, bool):
            raise Unsupported(f"{operator} compares numbers, text and times, not {value!r}")
        return Range(path, _RANGES[operator], _scalar(operator, value))
    parse = _OPERATORS.get(operator)
    if parse is None or (not path and operator not in _ELEMENT_OPERATORS):
        raise Unsupported(f"filter operator {operator}")
    return parse(path, value, depth)


def _parse_exists(path: Path, value: Any, depth: int) -> Node:
    if not isinstance(value, bool):
        raise Unsupported(f"$exists takes true or false, not {value!r}")
    return Exists(path) if value else Negated(Exists(path))


def _parse_size(path: Path, value: Any, depth: int) -> Node:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unsupported(f"$size takes a count, not {value!r}")
    return Size(path, value)


def _parse_all(path: Path, value: Any, depth: int) -> Node:
    values = _values("$all", value)
    # MongoDB: $all of nothing matches nothing.
    return Both(tuple(Equal(path, item) for item in values)) if values else Either(())


def _parse_not(path: Path, value: Any, depth: int) -> Node:
    if not isinstance(value, Mapping) or not value:
        raise Unsupported("$not takes a document of operators")
    if depth >= MAX_DEPTH:
        raise Unsupported(f"a filter nested deeper than {MAX_DEPTH} levels")
    parts = _parse_field(path, value, depth + 1)
    return Negated(parts[0] if len(parts) == 1 else Both(tuple(parts)))


def _parse_element(path: Path, value: Any, depth: int) -> Node:
    if not isinstance(value, Mapping) or not value:
        raise Unsupported("$elemMatch takes a document of conditions")
    operators = [key for key in value if isinstance(key, str) and key.startswith("$")]
    if operators and not any(key in ("$and", "$or", "$nor") for key in operators):
        if len(operators) != len(value):
            raise Unsupported("$elemMatch mixes operators and fields")
        parts = _parse_field((), value, depth + 1)
        return Element(path, parts[0] if len(parts) == 1 else Both(tuple(parts)), plain=True)
    return Element(path, _parse_document(value, depth + 1), plain=False)


def _parse_regex(path: Path, value: Any, depth: int) -> Node:
    if not isinstance(value, str) or not value.startswith("^"):
        raise Unsupported("$regex that is not an anchored prefix (^text)")
    text = []
    rest = value[1:]
    consumed = 0
    for match in _ESCAPED.finditer(rest):
        consumed += len(match.group(0))
        escaped, plain = match.groups()
        if (plain is not None and plain in _SPECIAL) or (escaped is not None and escaped.isalnum()):
            raise Unsupported("$regex that is more than a plain prefix (^text, special characters escaped)")
        text.append(escaped if plain is None else plain)
    if consumed != len(rest):
        raise Unsupported("$regex that ends in a backslash")
    return Prefix(path, _scalar("$regex", "".join(text)))


_OPERATORS: dict[str, Callable[[Path, Any, int], Node]] = {
    "$eq": lambda path, value, depth: Equal(path, _scalar("$eq", value)),
    "$ne": lambda path, value, depth: Negated(Equal(path, _scalar("$ne", value))),
    "$in": lambda path, value, depth: OneOf(path, _values("$in", value)),
    "$nin": lambda path, value, depth: Negated(OneOf(path, _values("$nin", value))),
    "$exists": _parse_exists,
    "$size": _parse_size,
    "$all": _parse_all,
    "$not": _parse_not,
    "$elemMatch": _parse_element,
    "$regex": _parse_regex,
}
_ELEMENT_OPERATORS = frozenset({"$eq", "$ne", "$in", "$nin", "$regex", "$not"})


def _values(operator: str, values: Any) -> tuple[Any, ...]:
    if not isinstance(values, (list, tuple)):
        raise Unsupported(f"{operator} takes a list, not {values!r}")
    return tuple(_scalar(operator, value) for value in values)


def _scalar(operator: str, value: Any) -> Any:
    if isinstance(value, (list, tuple, Mapping)):
        raise Unsupported(f"{operator} with a whole list or document")
    check_scalar(value)
    return to_milliseconds(value) if isinstance(value, datetime) else value
