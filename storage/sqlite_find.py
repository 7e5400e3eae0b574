"""Whole statements for the embedded engine: find with pages, count, group.

Owns the order of rows, keyset pages as index ranges, and the choice of a list index to walk. Refuses to run anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.engine import Document, Index, Sort
from storage.filters import Equal, Exists, Node, Path, parse_filter, parse_sort
from storage.index_rules import IndexRules
from storage.language import check_group
from storage.matching import after_values
from storage.sqlite_json import DOCUMENT_MARK, LIST_MARK, encode_scalar
from storage.sqlite_sql import Conditions, flattened, json_path, value_at
from storage.values import check_scalar, split_path

# Minus infinity: below every number that may be stored, above null. List tables hold it where a document has null.
LEAST = "-9e999"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with named parameters."""

    text: str
    parameters: dict[str, Any]


ListEntry = tuple[str, tuple[Any, ...]]


class Shelf:
    """One collection as SQLite keeps it: its table, its list tables, and what its indexes promise."""

    def __init__(self, collection: str, indexes: Sequence[Index] = ()) -> None:
        self.collection = collection
        self.rules = IndexRules(collection, indexes)
        self.table = f'"{collection}"'
        self.list_indexes = [index for index in indexes if index.array]
        self.side_tables = {split_path(index.keys[0][0]): side_table(collection, index) for index in self.list_indexes}
        self._list_paths = [
            (side_table(collection, index), [split_path(field) for field, _ in index.keys])
            for index in self.list_indexes
        ]
        self._partial = {part for index in indexes for part in flattened(parse_filter(index.where)) if index.where}

    def list_entries(self, document: Document) -> set[ListEntry]:
        """The rows that list tables hold for a document: the table, then a row of element, other keys and id."""
        entries: set[ListEntry] = set()
        for table, (path, *others) in self._list_paths:
            elements = _plain_at(document, path)
            if elements:
                carried = [_entry_value(_plain_at(document, other)) for other in others]
                id = encode_scalar(document["_id"])
                entries.update((table, (_entry_value(element), *carried, id)) for element in elements)
        return entries

    def conditions(self) -> Conditions:
        """A fresh compiler for one statement."""
        return Conditions(self.rules, self.side_tables)

    def where(self, conditions: Conditions, parts: Sequence[Node]) -> str:
        """All parts together; those that a partial index states are written as it states them."""
        texts = [conditions.literally(part) if part in self._partial else conditions.where(part) for part in parts]
        return " AND ".join(texts) or "1"


def _plain_at(document: Document, path: Path) -> Any:
    value: Any = document
    for segment in path:
        value = value.get(segment) if isinstance(value, dict) else None
    return value


def _entry_value(value: Any) -> Any:
    return -math.inf if value is None else encode_scalar(value)


def side_table(collection: str, index: Index) -> str:
    """The quoted name of the table that holds a list index."""
    return f'"{collection}__{index.name}"'


def find_statement(
    shelf: Shelf,
    node: Node,
    *,
    sort: Sort = (),
    limit: int,
    skip: int = 0,
    after: Sequence[Any] | None = None,
    columns: str = "t.doc,t.kinds",
) -> Statement:
    """Matching rows in order, at most `limit`, beyond the row whose sort values and `_id` `after` holds."""
    keys = parse_sort(sort)
    conditions = shelf.conditions()
    parts = flattened(node)
    source = f"{shelf.table} t"
    expressions = [conditions.sort_value(path) for path, _ in keys]
    walked = _walked_index(shelf, parts, keys)
    if walked is None:
        where = shelf.where(conditions, parts)
    else:
        part, index = walked
        rest = shelf.where(conditions, [other for other in parts if other is not part])
        source = f"{side_table(shelf.collection, index)} s CROSS JOIN {shelf.table} t"
        where = f"s.value={conditions.bind(encode_scalar(part.value))} AND t.id=s.id AND {rest}"
        expressions = [f"s.k{i}" for i in range(1, len(index.keys))] + ["s.id"]
    directions = [direction for _, direction in keys]
    head = f"SELECT {columns} FROM {source} WHERE {where}"
    page = conditions.bind(limit)
    tail = f" LIMIT {page} OFFSET {conditions.bind(skip)}" if skip else f" LIMIT {page}"
    if after is None:
        return Statement(f"{head} ORDER BY {_order(expressions, directions)}{tail}", conditions.parameters)
    marks = [_mark(conditions, value, nullable=walked is None) for value in after_values(keys, after)]
    nullable = [walked is None and path != ("_id",) for path, _ in keys]
    ranges = _ranges([*zip(expressions, directions, marks, nullable, strict=True)])
    pieces = [f"{head} AND {beyond} ORDER BY {order}" for beyond, order in ranges]
    if len(pieces) == 1:
        return Statement(pieces[0] + tail, conditions.parameters)
    whole = conditions.bind(limit + skip)
    text = " UNION ALL ".join(f"SELECT * FROM ({piece} LIMIT {whole})" for piece in pieces)
    return Statement(text + tail, conditions.parameters)


def columns_of(fields: Sequence[str] | None) -> str:
    """What is selected for whole documents, or for these top-level fields as one list with `_id` first.

    SQLite picks them out in one pass, so that a long list in a document costs little to those who do not want it.
    """
    if fields is None:
        return "t.doc,t.kinds"
    # Asked for one path alone, json_extract would answer with a bare value.
    paths = ",".join(json_path((name,)) for name in ("_id", *(fields or ("_id",))))
    return f"json_extract(t.doc,{paths}),t.kinds"


def _order(expressions: Sequence[str], directions: Sequence[int]) -> str:
    return ",".join(f"{e} DESC" if d < 0 else e for e, d in zip(expressions, directions, strict=True))


def first_statement(shelf: Shelf, node: Node) -> Statement:
    """Some one match, for a change of one: whichever is found first."""
    conditions = shelf.conditions()
    where = shelf.where(conditions, flattened(node))
    return Statement(f"SELECT t.id,t.doc,t.kinds FROM {shelf.table} t WHERE {where} LIMIT 1", conditions.parameters)


def count_statement(shelf: Shelf, node: Node, limit: int | None) -> Statement:
    """How many rows match, counting no further than `limit`."""
    conditions = shelf.conditions()
    where = shelf.where(conditions, flattened(node))
    if limit is None:
        return Statement(f"SELECT count(*) FROM {shelf.table} t WHERE {where}", conditions.parameters)
    inner = f"SELECT 1 FROM {shelf.table} t WHERE {where} LIMIT {conditions.bind(limit)}"
    return Statement(f"SELECT count(*) FROM ({inner})", conditions.parameters)


def group_statement(
    shelf: Shelf, node: Node, by: Sequence[str], sums: Mapping[str, str | int], sort: Sort, limit: int
) -> Statement:
    """Rows of the `by` values, the sums, and last whether a `by` field held a list or a document anywhere."""
    check_group(by, sums, sort)
    conditions = shelf.conditions()
    paths = [split_path(field) for field in by]
    outputs = [value_at(path) for path in paths]
    for summed in sums.values():
        outputs.append(f"sum({_number(split_path(summed))})" if isinstance(summed, str) else "count(*)")
    complex = [_complexity(path) for path in paths if path not in shelf.rules.plain]
    outputs.append(f"max({' OR '.join(complex)})" if complex else "0")
    names = [*by, *sums]
    ordered = [(names.index(name) + 1, direction) for name, direction in sort]
    ordered += [(n, 1) for n in range(1, len(by) + 1) if n not in [position for position, _ in ordered]]
    order = ",".join(f"{position} DESC" if direction < 0 else str(position) for position, direction in ordered)
    where = shelf.where(conditions, flattened(node))
    grouping = f" GROUP BY {','.join(outputs[: len(by)])}" if by else " HAVING count(*)>0"
    text = f"SELECT {','.join(outputs)} FROM {shelf.table} t WHERE {where}{grouping}"
    text += (f" ORDER BY {order}" if order else "") + f" LIMIT {conditions.bind(limit)}"
    return Statement(text, conditions.parameters)


def _number(path: Path) -> str:
    value = value_at(path)
    return f"CASE WHEN {value}<'' THEN {value} ELSE 0 END"


def _complexity(path: Path) -> str:
    leaf = f"ifnull(json_type(t.doc,{json_path(path)}),'') IN ('array','object')"
    through = [f"ifnull(json_type(t.doc,{json_path(path[:n])}),'')='array'" for n in range(1, len(path))]
    return " OR ".join([leaf, *through])


def _walked_index(shelf: Shelf, parts: Sequence[Node], keys: Sequence[tuple[Path, int]]) -> tuple[Equal, Index] | None:
    """A membership test and the list index that gives its rows already in the order wanted."""
    for part in parts:
        if not isinstance(part, Equal) or part.value is None or part.path not in shelf.side_tables:
            continue
        for index in shelf.list_indexes:
            order = [(split_path(field), direction) for field, direction in index.keys]
            if order[0][0] == part.path and [*order[1:], (("_id",), 1)] == list(keys):
                return part, index
    return None


# An expression, its direction, the SQL of the value to go beyond (None for null), and whether it may be null.
_Key = tuple[str, int, str | None, bool]


def _ranges(keys: Sequence[_Key]) -> list[tuple[str, str]]:
    """The rows beyond a mark, as ranges of the first key in their order, so that an index can start where they do.

    Each range comes with its ORDER BY: where the first key is null throughout it is left out, or SQLite would sort.
    """
    first, direction, mark, nullable = keys[0]
    order = _order([key[0] for key in keys], [key[1] for key in keys])
    if len(keys) == 1:
        return [(_strictly(keys[0]), order)]
    rest = _beyond(keys[1:])
    order_rest = _order([key[0] for key in keys[1:]], [key[1] for key in keys[1:]])
    if mark is None:
        here = (f"({first} IS NULL AND {rest})", order_rest)
        return [here] if direction < 0 else [here, (f"{first}>={LEAST}", order)]
    if direction > 0:
        return [(f"({first}>={mark} AND ({first}>{mark} OR {rest}))", order)]
    below = (f"({first}<={mark} AND ({first}<{mark} OR {rest}))", order)
    return [below, (f"{first} IS NULL", order_rest)] if nullable else [below]


def _beyond(keys: Sequence[_Key]) -> str:
    first, _, mark, _ = keys[0]
    if len(keys) == 1:
        return _strictly(keys[0])
    equal = f"{first} IS NULL" if mark is None else f"{first}={mark}"
    return f"({_strictly(keys[0])} OR ({equal} AND {_beyond(keys[1:])}))"


def _strictly(key: _Key) -> str:
    expression, direction, mark, nullable = key
    if mark is None:
        return "0" if direction < 0 else f"{expression} IS NOT NULL"
    if direction > 0:
        return f"{expression}>{mark}"
    return f"({expression}<{mark} OR {expression} IS NULL)" if nullable else f"{expression}<{mark}"


def _mark(conditions: Conditions, value: Any, *, nullable: bool) -> str | None:
    if value is None:
        return None if nullable else LEAST
    if isinstance(value, (list, dict)):
        return conditions.bind(LIST_MARK if isinstance(value, list) else DOCUMENT_MARK)
    check_scalar(value)
    return conditions.bind(encode_scalar(value))


def partial_clause(shelf: Shelf, index: Index, *, exactly: bool = False) -> str:
    """The WHERE of a partial index, with unqualified columns as CREATE INDEX wants them.

    Unless `exactly`, "the key exists" is narrowed to "is not null", which SQLite knows to follow from a comparison.
    """
    if not index.where:
        return ""
    conditions = Conditions(shelf.rules, {}, row="")
    keys = {split_path(field) for field, _ in index.keys}
    texts = []
    for part in flattened(parse_filter(index.where)):
        if isinstance(part, Exists) and part.path in keys and not exactly:
            texts.append(f"{value_at(part.path, '')} IS NOT NULL")
        else:
            texts.append(conditions.literally(part))
    return " WHERE " + " AND ".join(texts)


def absent_clause(index: Index) -> str:
    """The condition that some key of a unique index is null."""
    return " OR ".join(f"{value_at(split_path(field), '')} IS NULL" for field, _ in index.keys)


__all__ = [
    "Shelf",
    "Statement",
    "absent_clause",
    "count_statement",
    "find_statement",
    "first_statement",
    "group_statement",
    "partial_clause",
    "side_table",
]
