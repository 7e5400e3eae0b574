"""Filters compiled to SQL over the JSON text of documents: one parameterised condition for a whole filter.

Owns the two forms of a comparison. A field that an index declares holds a plain value, so the condition is the bare
expression its index is built on; any other field may hold a list, or lie behind one, and is asked about with
`json_type` and `json_each`. SQL's unknown counts as false, and `Negated` turns it round. Refuses to know threads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

import orjson

from storage.filters import Both, Either, Element, Equal, Exists, Leaf, Negated, Node, OneOf, Path, Prefix, Range, Size
from storage.index_rules import IndexRules
from storage.sqlite_json import (
    DOCUMENT_MARK,
    LIST_MARK,
    TEXT_BELOW,
    TIMES_BELOW,
    TIMES_FROM,
    encode_scalar,
    encode_text,
)
from storage.values import NUMBER, TEXT, rank

_PLAIN_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCALARS: Final = "('integer','real','text')"


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=4096)
def json_path(path: Path) -> str:
    """The path as an SQL literal in SQLite's JSON path form."""
    return quoted("$" + "".join(f".{s}" if _PLAIN_SEGMENT.fullmatch(s) else f'."{s}"' for s in path))


@lru_cache(maxsize=4096)
def value_at(path: Path, row: str = "t.") -> str:
    """The plain value at a path of the row: what expression indexes are built on."""
    return f"{row}id" if path == ("_id",) else f"{row}doc->>{json_path(path)}"


def flattened(node: Node) -> list[Node]:
    """The conditions that must all hold."""
    if isinstance(node, Both):
        return [part for inner in node.parts for part in flattened(inner)]
    return [node]


class Conditions:
    """Compiles filters of one collection, collecting the parameters. `row` is how the table is called, with a dot."""

    def __init__(self, rules: IndexRules, side_tables: dict[Path, str], row: str = "t.") -> None:
        self.parameters: dict[str, Any] = {}
        self._rules = rules
        self._side_tables = side_tables
        self._row = row
        self._aliases = 0
        self._literal = False

    def bind(self, value: Any) -> str:
        """A placeholder for an encoded value. SQLite itself reads fractions, as it reads the stored ones."""
        if self._literal:
            return quoted(value) if isinstance(value, str) else repr(value)
        name = f"p{len(self.parameters)}"
        if isinstance(value, float):
            self.parameters[name] = repr(value)
            return f"(:{name}->>'$')"
        self.parameters[name] = value
        return f":{name}"

    def literally(self, node: Node) -> str:
        """The condition without parameters, as a partial index states it and as a query must to be answered by it."""
        self._literal = True
        try:
            return self.where(node)
        finally:
            self._literal = False

    def where(self, node: Node) -> str:
        """The condition on a row."""
        match node:
            case Both(parts):
                return _joined(" AND ", (self.where(part) for part in parts)) or "1"
            case Either(parts):
                return _joined(" OR ", (self.where(part) for part in parts)) or "0"
            case Negated(part):
                return f"(({self.where(part)}) IS NOT TRUE)"
            case leaf:
                return self._asked(leaf)

    def _asked(self, node: Leaf) -> str:
        path = node.path
        if path in self._rules.plain:
            return self._plain(node)
        table = self._side_tables.get(path)
        if table is not None:
            if isinstance(node, Equal) and node.value is not None:
                return f"{self._row}id IN (SELECT id FROM {table} WHERE value={self.bind(encode_scalar(node.value))})"
            if isinstance(node, OneOf) and None not in node.values:
                values = self._list(node.values)
                return f"{self._row}id IN (SELECT id FROM {table} WHERE value IN {values})"
        return self._anywhere(node, f"{self._row}doc", (), path)

    def sort_value(self, path: Path) -> str:
        """What rows are ordered by under a path: as `values.order` has it."""
        value = value_at(path, self._row)
        if path in self._rules.plain:
            return value
        kind = f"json_type({self._row}doc,{json_path(path)})"
        marks = f"WHEN 'object' THEN {quoted(DOCUMENT_MARK)} WHEN 'array' THEN {quoted(LIST_MARK)}"
        return f"CASE {kind} {marks} ELSE {value} END"

    def _plain(self, node: Leaf) -> str:
        """A comparison with a field that holds no list and no document."""
        value = value_at(node.path, self._row)
        match node:
            case Equal(_, wanted):
                return f"{value} IS NULL" if wanted is None else f"{value}={self.bind(encode_scalar(wanted))}"
            case OneOf(_, values):
                condition = f"{value} IN {self._list(values)}"
                return f"({condition} OR {value} IS NULL)" if None in values else condition
            case Range() | Prefix():
                return self._bounded(value, node)
            case Exists(path):
                return "1" if path == ("_id",) else f"json_type({self._row}doc,{json_path(path)}) IS NOT NULL"
        return "0"

    def _anywhere(self, node: Leaf, base: str, done: Path, rest: Path) -> str:
        """A condition on every value the path leads to from `base`, entering lists on the way."""
        if len(rest) <= 1:
            return self._leaf(node, base, json_path(done + rest))
        done, rest = (*done, rest[0]), rest[1:]
        alias = self._alias()
        here = json_path(done)
        through = self._anywhere(node, f"{alias}.value", (), rest)
        return (
            f"CASE json_type({base},{here}) WHEN 'array' THEN EXISTS(SELECT 1 FROM json_each({base},{here}) {alias} "
            f"WHERE {alias}.type='object' AND {through}) ELSE {self._anywhere(node, base, done, rest)} END"
        )

    def _leaf(self, node: Leaf, base: str, path: str) -> str:
        kind = f"json_type({base},{path})"
        match node:
            case Exists():
                return f"{kind} IS NOT NULL"
            case Size(_, length):
                return f"({kind}='array' AND json_array_length({base},{path})={self.bind(length)})"
            case Element(_, inner, plain):
                alias = self._alias()
                if plain:
                    condition = self._element(inner, f"{alias}.type", f"{alias}.value")
                else:
                    condition = f"{alias}.type='object' AND {self._inside(inner, f'{alias}.value')}"
                return f"({kind}='array' AND EXISTS(SELECT 1 FROM json_each({base},{path}) {alias} WHERE {condition}))"
        alias = self._alias()
        elements = self._compared(node, f"{alias}.type", f"{alias}.value")
        itself = self._compared(node, kind, f"{base}->>{path}")
        listed = f"EXISTS(SELECT 1 FROM json_each({base},{path}) {alias} WHERE {elements})"
        return f"({itself} OR ({kind}='array' AND {listed}))"

    def _inside(self, node: Node, base: str) -> str:
        """A filter on an embedded document."""
        return self._nested(node, lambda part: self._anywhere(part, base, (), part.path))

    def _element(self, node: Node, kind: str, value: str) -> str:
        """A condition on a plain element."""
        return self._nested(node, lambda part: self._compared(part, kind, value))

    def _nested(self, node: Node, compile: Callable[[Leaf], str]) -> str:
        match node:
            case Both(parts):
                return _joined(" AND ", (self._nested(part, compile) for part in parts)) or "1"
            case Either(parts):
                return _joined(" OR ", (self._nested(part, compile) for part in parts)) or "0"
            case Negated(part):
                return f"(({self._nested(part, compile)}) IS NOT TRUE)"
            case leaf:
                return compile(leaf)

    def _compared(self, node: Leaf, kind: str, value: str) -> str:
        """A comparison with one value whose JSON type is at hand."""
        match node:
            case Equal(_, None):
                return f"({kind} IS NULL OR {kind}='null')"
            case Equal(_, wanted):
                encoded = encode_scalar(wanted)
                condition = f"{value}={self.bind(encoded)}"
                # Only text that looks like JSON could be the rendering of a list or a document.
                doubtful = isinstance(encoded, str) and encoded[:1] in ("[", "{")
                return f"({kind}='text' AND {condition})" if doubtful else condition
            case OneOf(_, values):
                condition = f"({kind} IN {_SCALARS} AND {value} IN {self._list(values)})"
                return f"({condition} OR {kind} IS NULL OR {kind}='null')" if None in values else condition
            case Range(_, _, limit) if rank(limit) == NUMBER:
                return self._bounded(value, node)
            case Range() | Prefix():
                return f"({kind}='text' AND {self._bounded(value, node)})"
        raise AssertionError(node)

    def _bounded(self, value: str, node: Range | Prefix) -> str:
        """A comparison kept within the kind of its limit, as two bounds an index can use."""
        if isinstance(node, Prefix):
            text = encode_text(node.text)
            below = TEXT_BELOW if not text else _next_text(text)
            return f"({value}>={self.bind(text)} AND {value}<{self.bind(below)})"
        first = f"{value}{node.operator}{self.bind(encode_scalar(node.value))}"
        kind, upwards = rank(node.value), node.operator[0] == ">"
        if kind == NUMBER:
            return f"({first} AND {value}<'')" if upwards else first
        low, high = ("", TEXT_BELOW) if kind == TEXT else (TIMES_FROM, TIMES_BELOW)
        return f"({first} AND {value}<{quoted(high)})" if upwards else f"({first} AND {value}>={quoted(low)})"

    def _list(self, values: Iterable[Any]) -> str:
        encoded = [encode_scalar(value) for value in values if value is not None]
        return f"(SELECT value FROM json_each({self.bind(orjson.dumps(encoded).decode())}))"

    def _alias(self) -> str:
        self._aliases += 1
        return f"e{self._aliases}"


def _joined(word: str, parts: Iterable[str]) -> str:
    conditions = list(parts)
    return conditions[0] if len(conditions) == 1 else f"({word.join(conditions)})" if conditions else ""


def _next_text(text: str) -> str:
    """The least text above everything that begins with `text`."""
    last = ord(text[-1])
    if last == 0x10FFFF:
        return _next_text(text[:-1]) if len(text) > 1 else TEXT_BELOW
    return text[:-1] + chr(0xE000 if last == 0xD7FF else last + 1)
