"""What nobody sends in earnest: values at the edge of each type, and plausible ones beside them, from the schema."""

from __future__ import annotations

import math
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    OperationDefinitionNode,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    parse,
    value_from_ast_untyped,
)

from graph.examples import Example

LONG = "x" * 2_000_000
TEXTS = ["", " ", "\n", "a\x00b", "\x07", "\ud800", "a\udfffb", "\u202egnp.exe", "\u200f", "😀" * 300, "%", "$where",
         "..", "'; --", "-1", "x" * 300, LONG]  # fmt: skip
WRONG_KINDS: list[Any] = [None, True, 7, -1, 1.5, "x", [], {}, [[]], {"a": {"b": []}}]
EDGES: dict[str, list[Any]] = {
    "String": TEXTS,
    "ID": [*TEXTS, 0, -1, 2**53, 2**63, 1.5, "nobody", "ghost", "s1", "s4", "anna", "dawn"],
    "Int": [0, 1, -1, 100, 101, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53, 2**64, 5.0, 1e308, math.inf, math.nan],
    "Float": [0, -0.0, -1, 0.5, 1e308, -1e308, 5e-324, 2**53 + 1, 10**400, math.inf, -math.inf, math.nan],
    "Boolean": [True, False, 0, 1, "true"],
    "DateTime": ["", "yesterday", "2026-06-01T12:00:00Z", "2026-06-01T12:00:00", "0001-01-01T00:00:00Z",
                 "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00",
                 "2026-02-30T00:00:00Z", "1970-01-01T00:00:00Z", "\ud800", LONG],
    "Date": ["", "2026-06-01", "2026", "2026-13-01", "0000-00-00", "0001-01-01", "9999-12-31", "\ud800", LONG],
}  # fmt: skip
PLAUSIBLE = {
    "songId": "s1", "albumId": "dawn", "artistId": "anna", "genreId": "rock", "genre": "rock", "userId": "nobody",
    "email": "edge@example.com", "password": "SecurePass123!", "slug": "slug-dawn", "country": "DE",
}  # fmt: skip
PLAIN = {"String": "text", "ID": "s1", "Int": 1, "Float": 0.5, "Boolean": True, "DateTime": "2026-06-01T12:00:00Z",
         "Date": "2026-06-01"}  # fmt: skip


def plausible(name: str, kind: GraphQLInputType, depth: int = 0) -> Any:
    """A value that could be meant."""
    inner = get_nullable_type(kind)
    if is_list_type(inner):
        return [plausible(name.removesuffix("s"), inner.of_type, depth)]
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    if isinstance(inner, GraphQLInputObjectType):
        wanted = {key: spec.type for key, spec in inner.fields.items() if is_non_null_type(spec.type) or depth == 0}
        if inner.is_one_of:
            wanted = dict(list({key: spec.type for key, spec in inner.fields.items()}.items())[:1])
        return {key: plausible(key, each, depth + 1) for key, each in wanted.items() if depth < 3}
    return PLAUSIBLE.get(name, PLAIN.get(get_named_type(inner).name, "text"))


def edges(name: str, kind: GraphQLInputType, depth: int = 0, *, whole: bool = True) -> list[Any]:
    """The values at the edges of a type: for objects each field's in turn, for lists long, deep and empty ones too.

    What is of no such type at all stops at one rule for every type; within others one such value stands for the rest,
    unless it is to be the `whole`."""
    inner = get_nullable_type(kind)
    wrong_kinds = WRONG_KINDS if whole or depth == 0 else [WRONG_KINDS[sum(map(ord, name)) % len(WRONG_KINDS)]]
    if is_list_type(inner):
        one, deep = plausible(name, inner.of_type), []
        for _ in range(200):
            deep = [deep]
        return [[], [None], [one] * 101, [one] * 2_000, [one, one], deep,
                *([each] for each in edges(name, inner.of_type, depth + 1, whole=whole)), *wrong_kinds]  # fmt: skip
    if isinstance(inner, GraphQLEnumType):
        return [*inner.values, "NOPE", "", *wrong_kinds]
    if isinstance(inner, GraphQLInputObjectType):
        base = plausible(name, inner)
        found: list[Any] = [{}, base, {**base, "nope": 1}, *wrong_kinds]
        if depth < 2:
            for key, spec in inner.fields.items():
                found += [{**base, key: value} for value in edges(key, spec.type, depth + 1, whole=whole)]
        return found
    return [*EDGES.get(get_named_type(inner).name, TEXTS), *wrong_kinds]


def meant(field: GraphQLField, example: Example | None) -> dict[str, Any]:
    """Arguments as the field's example has them where they stand there as they are, plausible ones where one must."""
    given: dict[str, Any] = {}
    if example is not None:
        for operation in parse(example.document).definitions:
            assert isinstance(operation, OperationDefinitionNode)
            for root in operation.selection_set.selections:
                if isinstance(root, FieldNode) and root.name.value == example.field:
                    given = {
                        argument.name.value: value_from_ast_untyped(argument.value, example.variables)
                        for argument in root.arguments or ()
                    }
    needed = {name: plausible(name, spec.type) for name, spec in field.args.items() if is_non_null_type(spec.type)}
    return {**needed, **{name: value for name, value in given.items() if value not in (None, Undefined)}}


def operation(word: str, name: str, field: GraphQLField, arguments: dict[str, Any]) -> str:
    """A document that asks a root field with each argument as a variable of its name."""
    kinds = {argument: str(field.args[argument].type) for argument in arguments}
    declared = ", ".join(f"${argument}: {kind}" for argument, kind in kinds.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in kinds)
    head = f"{word}({declared})" if declared else word
    below = " { __typename }" if hasattr(get_named_type(field.type), "fields") else ""
    return f"{head} {{ {name}{f'({passed})' if passed else ''}{below} }}"
