"""Holds an answer against the question: every selected field is there and has the type that the schema promises."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
)

SCALARS: dict[str, tuple[type, ...]] = {
    "ID": (str,),
    "String": (str,),
    "Int": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
    "DateTime": (str,),
    "Date": (str,),
}


def faults(schema: GraphQLSchema, text: str, data: Any, may_lack: frozenset[str] = frozenset()) -> list[str]:
    """What is missing, empty or of the wrong type. `may_lack` names fields (`Type.field`) that may be null or empty."""
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    return _object_faults(schema, root, operation.selection_set, data, root.name, may_lack)


def _object_faults(
    schema: GraphQLSchema, kind: GraphQLObjectType, wanted: SelectionSetNode, value: Any, path: str, may: frozenset[str]
) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    names = [node.name.value for node in wanted.selections if isinstance(node, FieldNode)]
    found = [] if list(value) == names else [f"{path}: fields {list(value)} instead of {names}"]
    for node in wanted.selections:
        assert isinstance(node, FieldNode)
        name = node.name.value
        coordinate = f"{kind.name}.{name}"
        found += _value_faults(schema, kind.fields[name].type, node, value.get(name), f"{path}.{name}", coordinate, may)
    return found


def _value_faults(
    schema: GraphQLSchema,
    kind: GraphQLOutputType,
    node: FieldNode,
    value: Any,
    path: str,
    coordinate: str,
    may: frozenset[str],
) -> list[str]:
    if is_non_null_type(kind):
        kind = kind.of_type
    if value is None or value == []:
        return [] if coordinate in may else [f"{path}: nothing there ({coordinate})"]
    if is_list_type(kind):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [
            fault
            for index, each in enumerate(value)
            for fault in _value_faults(schema, kind.of_type, node, each, f"{path}.{index}", coordinate, may)
        ]
    named = get_named_type(kind)
    if isinstance(named, GraphQLObjectType):
        assert node.selection_set is not None
        return _object_faults(schema, named, node.selection_set, value, path, may)
    if isinstance(named, GraphQLEnumType):
        return [] if value in named.values else [f"{path}: {value!r} is none of {list(named.values)}"]
    expected = SCALARS[named.name]
    right = isinstance(value, expected) and not (isinstance(value, bool) and bool not in expected)
    return [] if right else [f"{path}: {value!r} is no {named.name}"]
