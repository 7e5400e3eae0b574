"""Which answers are the same for everybody who may see as much: what one event says to a thousand listeners at once.

Owns two decisions. Of a viewer, whether they are one of a crowd: somebody without roles, blocks, mutes and keys, who
sees what the public sees (less explicit songs, when they want none). Of an operation, whether nothing in it depends on
who asks beyond that: a record's own attribute never does, a resolver does unless it is declared `impersonal`. Refuses
to know who listens and what has been answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from services.viewer import Viewer

Function = TypeVar("Function", bound=Callable[..., Any])
OpenTo = Callable[[Viewer, Any], bool]
"""Whether a viewer may see the thing that an event brings."""
MARK = "impersonal"
OPEN_TO = "open_to"


def impersonal(function: Function) -> Function:
    """Declare that a resolver answers everybody alike who sees equally much of the catalogue: it follows from the
    record, the arguments and what a crowd may see. `tests/graph/test_impersonal.py` has to prove each."""
    function.impersonal = True  # type: ignore[attr-defined]
    return function


def shared_where(open_to: OpenTo) -> Callable[[Function], Function]:
    """Declare that a subscription's source hands the very same object to all who hear of one change. Results are
    shared where `open_to` lets the crowd see it; what is for a few only is answered one by one."""

    def mark(function: Function) -> Function:
        function.open_to = open_to  # type: ignore[attr-defined]
        return function

    return mark


def marks_of(resolver: Callable[..., Any] | None) -> dict[str, Any]:
    """What a resolver declares of itself, for its field's extensions; None stands for a record's own attribute."""
    if resolver is None:
        return {MARK: True}
    return {MARK: getattr(resolver, "impersonal", False), OPEN_TO: getattr(resolver, "open_to", None)}


def crowd_of(viewer: Viewer) -> Viewer | None:
    """The nameless viewer with whose eyes this one may be answered; None for who sees more or less than the public.

    It has no account, so what it is shown the public may see: sharing it can tell nobody too much.
    """
    stands_alone = (
        viewer.roles or viewer.unseen or viewer.muted or viewer.scopes is not None or viewer.guest_id or viewer.room_id
    )
    return None if stands_alone else Viewer(explicit_content=viewer.explicit_content)


def shares(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> OpenTo | None:
    """Who may be shown a shared result of this subscription; None when something in it depends on who asks."""
    root = schema.subscription_type
    roots = operation.selection_set.selections
    if root is None or len(roots) != 1 or not isinstance(roots[0], FieldNode):
        return None
    field = root.fields.get(roots[0].name.value)
    open_to: OpenTo | None = None if field is None else field.extensions.get(OPEN_TO)
    if field is None or open_to is None:
        return None
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    walk = _Walk(schema, fragments)
    inner = roots[0].selection_set
    return open_to if inner is None or walk.is_impersonal(inner, get_named_type(field.type)) else None


class _Walk:
    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._seen: set[str] = set()

    def is_impersonal(self, selections: SelectionSetNode, kind: Any) -> bool:
        return all(self._is(selection, kind) for selection in selections.selections)

    def _is(self, selection: Any, kind: Any) -> bool:
        if isinstance(selection, FieldNode):
            if selection.name.value == "__typename":
                return True
            fields = [held.fields[selection.name.value] for held in self._holders(kind, selection.name.value)]
            return bool(fields) and all(self._is_field(selection, field) for field in fields)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inner = kind if condition is None else self._schema.get_type(condition.name.value)
            return self.is_impersonal(selection.selection_set, inner)
        assert isinstance(selection, FragmentSpreadNode)
        name = selection.name.value
        if name in self._seen:
            return True
        self._seen.add(name)
        fragment = self._fragments[name]
        return self.is_impersonal(fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value))

    def _is_field(self, node: FieldNode, field: GraphQLField) -> bool:
        if not field.extensions.get(MARK, False):
            return False
        return node.selection_set is None or self.is_impersonal(node.selection_set, get_named_type(field.type))

    def _holders(self, kind: Any, name: str) -> list[GraphQLObjectType]:
        # What an interface's or union's field answers is said by each of its members.
        kinds = (
            self._schema.get_possible_types(kind)
            if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType)
            else [kind]
        )
        return [each for each in kinds if isinstance(each, GraphQLObjectType) and name in each.fields]
