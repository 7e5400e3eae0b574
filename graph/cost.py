"""What a request may cost: how deep it nests and how many fields it may answer with at most.

Owns the arithmetic, done on the document before anything runs: a field costs 1, a list multiplies what lies inside by
the rows that its `first` or `limit` asks for (or by its usual size when it has neither). Introspection is counted by
depth alone. Refuses to know any noun.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_list_type,
    visit,
)

from services.errors import Invalid


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one request.

    `characters` and `tokens` are checked before parsing; `definitions` and `repeats` (of one response key in one
    selection) before validation, which takes time by their square; `digits` of a whole number before it too, since
    Python refuses to read some thousands of them; `depth` and `cost` after it.
    """

    depth: int = 15
    cost: int = 20_000
    usual_rows: int = 10
    tokens: int = 2_000
    characters: int = 50_000
    definitions: int = 50
    repeats: int = 8
    digits: int = 100


@dataclass(slots=True)
class _Count:
    schema: GraphQLSchema
    limits: Limits
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    cost: int = field(default=0)

    def walk(self, selections: SelectionSetNode, kind: GraphQLNamedType | None, times: int, depth: int) -> None:
        if depth > self.limits.depth:
            raise Invalid(f"This request nests deeper than {self.limits.depth} levels.", code="TOO_DEEP")
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                self._field(selection, kind, times, depth)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = kind if condition is None else self.schema.get_type(condition.name.value)
                self.walk(selection.selection_set, inner, times, depth)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self.fragments[selection.name.value]
                inner = self.schema.get_type(fragment.type_condition.name.value)
                self.walk(fragment.selection_set, inner, times, depth)

    def _field(self, node: FieldNode, kind: GraphQLNamedType | None, times: int, depth: int) -> None:
        self.cost += times
        if self.cost > self.limits.cost:
            raise Invalid(
                f"This request may cost more than {self.limits.cost} fields; ask for less.", code="TOO_COSTLY"
            )
        if node.selection_set is None:
            return
        spec = self._spec(node, kind)
        if spec is None:
            self.walk(node.selection_set, None, times, depth + 1)
        else:
            rows = self._rows(node, spec)
            self.walk(node.selection_set, get_named_type(spec.type), times * rows, depth + 1)

    def _spec(self, node: FieldNode, kind: GraphQLNamedType | None) -> GraphQLField | None:
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or node.name.value.startswith("__"):
            return None
        spec: GraphQLField | None = kind.fields.get(node.name.value)
        return spec

    def _rows(self, node: FieldNode, spec: GraphQLField) -> int:
        asked = [self._number(node, spec, name) for name in ("first", "limit") if name in spec.args]
        known = [number for number in asked if number is not None]
        if known:
            return max(1, known[0])
        if _is_list(spec.type) and not _inside_connection(spec):
            return self.limits.usual_rows
        return 1

    def _number(self, node: FieldNode, spec: GraphQLField, name: str) -> int | None:
        for argument in node.arguments or ():
            if argument.name.value == name:
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    value = self.variables.get(argument.value.name.value)
                    return value if isinstance(value, int) else self.limits.usual_rows
        return None


def _is_list(kind: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(kind))


def _inside_connection(spec: GraphQLField) -> bool:
    # The connection's own `first` or `limit` has already multiplied what its edges hold.
    named = get_named_type(spec.type)
    return named is not None and named.name.endswith("Edge")


class _Numbers(Visitor):
    """Looks at each whole number in a document."""

    def __init__(self, digits: int) -> None:
        super().__init__()
        self._digits = digits

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """Invalid for one that is too long to be read."""
        if len(node.value) > self._digits:
            raise Invalid(f"A number may have {self._digits} digits.")


def check_shape(document: DocumentNode, limits: Limits) -> None:
    """Invalid (TOO_COSTLY) for a document that is made to be slow to validate; linear in its length.

    Invalid too for a number with more digits than validation could read.
    """
    if len(document.definitions) > limits.definitions:
        raise Invalid(f"A document may have {limits.definitions} definitions.", code="TOO_COSTLY")
    waiting = [getattr(definition, "selection_set", None) for definition in document.definitions]
    while waiting:
        selections = waiting.pop()
        if selections is None:
            continue
        keys = Counter(_response_key(node) for node in selections.selections)
        if max(keys.values(), default=0) > limits.repeats:
            raise Invalid(f"One selection may repeat a field {limits.repeats} times.", code="TOO_COSTLY")
        waiting += [getattr(node, "selection_set", None) for node in selections.selections]
    visit(document, _Numbers(limits.digits))


def _response_key(node: SelectionNode) -> str:
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
    if isinstance(node, FragmentSpreadNode):
        return f"...{node.name.value}"
    condition = getattr(node, "type_condition", None)
    return f"... on {condition.name.value if condition else ''}"


def check_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> int:
    """The most fields this operation may answer with. Invalid (TOO_DEEP, TOO_COSTLY) beyond the limits."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    root: GraphQLCompositeType | None = schema.get_root_type(operation.operation)
    count = _Count(schema, limits, fragments, variables)
    count.walk(operation.selection_set, root, 1, 1)
    return count.cost
