"""For how long the answer to an operation may be kept, and by whom: what the schema's `@cacheControl` adds up to.

Every root field must allow it, and so must every field below that holds an object: itself, or by its type. What says
nothing is not kept. The shortest time and the narrower scope count, whatever `@skip` and `@include` leave out. Refuses
to know who asks and what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    is_composite_type,
)


class CacheScope(StrEnum):
    """Who may keep an answer."""

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Keeping:
    """An answer may be kept for `max_age` seconds."""

    max_age: int
    scope: CacheScope = CacheScope.PUBLIC


def keeping_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, *, most_seconds: int
) -> Keeping | None:
    """How the answers to this operation may be kept, for at most `most_seconds`; None when they may not."""
    if operation.operation.value != "query":
        return None
    walk = _Walk(schema, document)
    said = list(walk.said(operation.selection_set, schema.query_type))
    if not said or None in said:
        return None
    known = [each for each in said if each is not None]
    max_age = min([most_seconds, *(age for age, _ in known if age is not None)])
    is_private = any(scope is CacheScope.PRIVATE for _, scope in known)
    return Keeping(max_age, CacheScope.PRIVATE if is_private else CacheScope.PUBLIC) if max_age > 0 else None


Said = tuple[int | None, CacheScope]


class _Walk:
    """Yields what each field says, None for one that forbids keeping by saying nothing."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._directive = schema.get_directive("cacheControl")
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._walked: set[str] = set()

    def said(self, selections: SelectionSetNode, kind: GraphQLNamedType | None) -> Iterator[Said | None]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield from self._field(selection, kind)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = kind if condition is None else self._schema.get_type(condition.name.value)
                yield from self.said(selection.selection_set, inner)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in self._walked:
                # Once is enough: a fragment says the same wherever it is spread.
                self._walked.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
                inner = self._schema.get_type(fragment.type_condition.name.value)
                yield from self.said(fragment.selection_set, inner)

    def _field(self, node: FieldNode, kind: GraphQLNamedType | None) -> Iterator[Said | None]:
        if node.name.value == "__typename":
            return
        is_object = isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        field: GraphQLField | None = kind.fields.get(node.name.value) if is_object else None  # type: ignore[union-attr]
        if field is None:
            # Introspection.
            yield None
            return
        named = get_named_type(field.type)
        own = self._of(field)
        if own is not None:
            yield own
        if is_composite_type(named):
            by_type = self._of(named)
            if own is None and by_type is None:
                yield None
            elif by_type is not None:
                yield by_type
        elif own is None and kind is self._schema.query_type:
            yield None
        if node.selection_set is not None:
            yield from self.said(node.selection_set, named)

    def _of(self, part: Any) -> Said | None:
        if self._directive is None or part.ast_node is None:
            return None
        values = get_directive_values(self._directive, part.ast_node)
        return None if values is None else (values.get("maxAge"), CacheScope(values["scope"]))
