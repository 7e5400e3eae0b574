"""Operations over a schema, by chance: nested selections, fragments, aliases, conditions, variables, abstract types."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

Draw = Callable[[int], int]
"""A number below another."""
FLAGS = ("a", "b", "c")
SCALARS: dict[str, tuple[Any, ...]] = {
    "Int": (0, 1, 20), "Float": (0.5, 2), "Boolean": (True, False), "ID": ("x", 3), "String": ("", "words"),
    "DateTime": ("2026-03-14T09:26:53Z",), "Date": ("2026-03-14",),
}  # fmt: skip


class Operation:
    """One operation being written. `draw` decides everything."""

    def __init__(self, schema: GraphQLSchema, draw: Draw, kind: str = "query") -> None:
        self.variables: dict[str, Any] = {}
        self._schema = schema
        self._draw = draw
        self._definitions: dict[str, str] = {}
        self._fragments: list[tuple[str, str, str]] = []
        self._arguments: dict[tuple[str, str], str] = {}
        self._fields_left = 60
        root = {"query": schema.query_type, "mutation": schema.mutation_type}[kind]
        body = self._selections(root, 0)
        told = ", ".join(f"${name}: {given}" for name, given in self._definitions.items())
        head = f"{kind} Asked({told})" if told else f"{kind} Asked"
        self.text = "\n".join([f"{head} {body}", *(f"fragment {n} on {t} {b}" for n, t, b in self._fragments)])

    def _chance(self, of: int) -> bool:
        return self._draw(of) == 0

    def _pick(self, things: Any) -> Any:
        return things[self._draw(len(things))]

    def _selections(self, kind: Any, depth: int) -> str:
        parts = [self._selection(kind, depth) for _ in range(1 + self._draw(5 if depth else 3))]
        found = [part for part in parts if part]
        # A type that is too deep to be asked for anything still has a name.
        return "{ " + " ".join(found or ["__typename"]) + " }"

    def _selection(self, kind: Any, depth: int) -> str:
        way = self._draw(10)
        if way == 0 and depth:
            return f"__typename{self._condition()}"
        if is_abstract_type(kind) or way == 1:
            return self._fragment(kind, depth)
        return self._field(kind, depth)

    def _fragment(self, kind: Any, depth: int) -> str:
        members = self._schema.get_possible_types(kind) if is_abstract_type(kind) else [kind]
        inner = self._pick([*members, kind])
        usable = [each for each in self._fragments if each[1] == inner.name]
        if usable and self._chance(3):
            return f"...{self._pick(usable)[0]}{self._condition()}"
        body = self._selections(inner, depth) if depth or inner is kind else "{ __typename }"
        if self._chance(2):
            name = f"Part{len(self._fragments)}"
            self._fragments.append((name, inner.name, body))
            return f"...{name}{self._condition()}"
        condition = "" if inner is kind and self._chance(2) else f" on {inner.name}"
        return f"...{condition}{self._condition()} {body}"

    def _field(self, kind: Any, depth: int) -> str:
        fields = getattr(kind, "fields", {})
        names = [name for name, field in fields.items() if depth < 5 or is_leaf_type(get_named_type(field.type))]
        self._fields_left -= 1
        if not names or self._fields_left < 0:
            return ""
        name = self._pick(sorted(names))
        field = fields[name]
        arguments = self._arguments_of(kind, name, field)
        if arguments is None:
            return ""
        alias = f"{self._pick(('one', 'other', kind.name))}_{name}: " if self._chance(3) else ""
        inner = get_named_type(field.type)
        body = "" if is_leaf_type(inner) else f" {self._selections(inner, depth + 1)}"
        return f"{alias}{name}{arguments}{self._condition()}{body}"

    def _condition(self) -> str:
        if not self._chance(10):
            return ""
        name = self._pick(("include", "skip"))
        if self._chance(3):
            return f" @{name}(if: {self._pick(('true', 'false'))})"
        flag = self._pick(FLAGS)
        if flag not in self._definitions:
            self._definitions[flag] = "Boolean!"
            self.variables[flag] = self._chance(2)
        return f" @{name}(if: ${flag})"

    def _arguments_of(self, kind: GraphQLObjectType, name: str, field: Any) -> str | None:
        # The same for a field wherever it is asked, so that answers can be merged.
        known = self._arguments.get((kind.name, name))
        if known is not None:
            return known
        given = []
        for argument, spec in field.args.items():
            if not is_required_argument(spec) and not self._chance(3):
                continue
            value = self._input(spec.type)
            if value is None:
                return None
            variable = f"v{len(self._definitions)}"
            self._definitions[variable] = str(spec.type)
            self.variables[variable] = value
            given.append(f"{argument}: ${variable}")
        self._arguments[kind.name, name] = f"({', '.join(given)})" if given else ""
        return self._arguments[kind.name, name]

    def _input(self, kind: Any) -> Any:
        """A value for a variable, None where there is none to be had."""
        if is_non_null_type(kind):
            return self._input(kind.of_type)
        if is_list_type(kind):
            value = self._input(kind.of_type)
            return None if value is None else [value]
        if is_enum_type(kind):
            return self._pick(sorted(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            if kind.is_one_of:
                name = self._pick(sorted(kind.fields))
                value = self._input(kind.fields[name].type)
                return None if value is None else {name: value}
            needed = {
                name: self._input(each.type) for name, each in kind.fields.items() if is_required_input_field(each)
            }
            return None if None in needed.values() else needed
        return self._pick(SCALARS[kind.name]) if kind.name in SCALARS else None

    def __repr__(self) -> str:
        return f"{self.text}\n{json.dumps(self.variables)}"
