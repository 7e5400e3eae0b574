"""What a request may cost: how deep it nests and how much it may have to do at most.

Owns the arithmetic, done on the document before anything runs. A field costs its `@cost` weight (1 without one), times
the longest list given in its arguments; a list multiplies what lies inside by the rows that its `first` or `limit` (or
what `@cost` names) asks for, or by its usual size when it has none of them. Introspection is counted by depth alone.
Refuses to know any noun.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)

from graph.limits import Limits
from services.errors import Invalid

ROW_ARGUMENTS = ("first", "limit")


@dataclass(frozen=True, slots=True)
class Price:
    """What a field's `@cost` says: its own weight, and which arguments say how many rows it answers."""

    weight: int = 1
    multipliers: tuple[str, ...] = ROW_ARGUMENTS


USUAL = Price()


def price_of(schema: GraphQLSchema, field: GraphQLField) -> Price:
    """The price that the SDL puts on a field. ValueError for a weight below 0 or a multiplier that is no argument."""
    directive = schema.get_directive("cost")
    if directive is None or field.ast_node is None:
        return USUAL
    values = get_directive_values(directive, field.ast_node)
    if values is None:
        return USUAL
    price = Price(values.get("weight", 1), tuple(values.get("multipliers", ROW_ARGUMENTS)))
    if price.weight < 0:
        raise ValueError("has a weight below 0")
    unknown = [name for name in price.multipliers if name not in field.args and name not in ROW_ARGUMENTS]
    if unknown:
        raise ValueError(f"is multiplied by {unknown[0]}, which is no argument of it")
    return price


@dataclass(slots=True)
class _Count:
    schema: GraphQLSchema
    limits: Limits
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    cost: int = field(default=0)
    root_fields: int = field(default=0)
    selections: int = field(default=0)

    def walk(self, selections: SelectionSetNode, kind: GraphQLNamedType | None, times: int, depth: int) -> None:
        if depth > self.limits.depth:
            raise Invalid(f"This request nests deeper than {self.limits.depth} levels.", code="TOO_DEEP")
        # Fragments within fragments grow without a field among them: counting takes their time as well.
        self.selections += len(selections.selections)
        if self.selections > self.limits.selections:
            raise Invalid("This request is too long with its fragments written out.", code="TOO_COSTLY")
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
        if node.directives:
            self._check_stream(node)
        spec = self._spec(node, kind)
        price: Price = USUAL if spec is None else spec.extensions.get("price", USUAL)
        given = self._given(node)
        self.cost += times * price.weight * max((longest_list(value) for value in given.values()), default=1)
        self.root_fields += depth == 1
        if self.root_fields > self.limits.root_fields:
            most = self.limits.root_fields
            raise Invalid(f"A request may ask {most} root fields.", code="TOO_MANY_ROOT_FIELDS")
        if self.cost > self.limits.cost:
            raise Invalid(
                f"This request may cost more than {self.limits.cost} fields; ask for less.", code="TOO_COSTLY"
            )
        if node.selection_set is None:
            return
        if spec is None:
            self.walk(node.selection_set, None, times, depth + 1)
        else:
            rows = self._rows(spec, price, given)
            self.walk(node.selection_set, get_named_type(spec.type), times * rows, depth + 1)

    def _check_stream(self, node: FieldNode) -> None:
        # graphql-core takes a count below 0, or none, for a fault of the server.
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                if directive.name.value == "stream" and argument.name.value == "initialCount":
                    count = self._value(argument.value)
                    if count is None or (isinstance(count, int | float) and count < 0):
                        raise Invalid("initialCount must be 0 or more.", field="initialCount")

    def _spec(self, node: FieldNode, kind: GraphQLNamedType | None) -> GraphQLField | None:
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or node.name.value.startswith("__"):
            return None
        spec: GraphQLField | None = kind.fields.get(node.name.value)
        return spec

    def _rows(self, spec: GraphQLField, price: Price, given: Mapping[str, Any]) -> int:
        asked = [_number(given[name], self.limits) for name in price.multipliers if given.get(name) is not None]
        if asked:
            return math.prod(asked)
        # What is not said counts as what the schema says instead.
        untold = [spec.args[name].default_value for name in price.multipliers if name in spec.args]
        defaults = [_number(value, self.limits) for value in untold if isinstance(value, int)]
        if defaults:
            return math.prod(defaults)
        if price.multipliers and _is_list(spec.type) and not _inside_connection(spec):
            return self.limits.usual_rows
        return 1

    def _given(self, node: FieldNode) -> dict[str, Any]:
        return {argument.name.value: self._value(argument.value) for argument in node.arguments or ()}

    def _value(self, node: ValueNode) -> Any:
        if isinstance(node, VariableNode):
            return self.variables.get(node.name.value)
        if isinstance(node, ListValueNode):
            return [self._value(value) for value in node.values]
        if isinstance(node, ObjectValueNode):
            return {part.name.value: self._value(part.value) for part in node.fields}
        return value_from_ast_untyped(node)


def _number(value: Any, limits: Limits) -> int:
    # JSON's 100.0 is a whole number to GraphQL too.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return limits.usual_rows
    return min(max(1, int(value)), limits.most_rows)


def longest_list(value: Any) -> int:
    """The length of the longest list in an argument's value, 1 when there is none."""
    longest, waiting = 1, [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            longest = max(longest, len(found))
            waiting += found
        elif isinstance(found, dict):
            waiting += found.values()
    return longest


def _is_list(kind: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(kind))


def _inside_connection(spec: GraphQLField) -> bool:
    # The connection's own `first` or `limit` has already multiplied what its edges hold.
    named = get_named_type(spec.type)
    return named is not None and named.name.endswith("Edge")


def check_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> int:
    """The most this operation may cost. Invalid (TOO_DEEP, TOO_MANY_ROOT_FIELDS, TOO_COSTLY) beyond the limits."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    defaults = {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }
    count = _Count(schema, limits, fragments, {**defaults, **variables})
    count.walk(operation.selection_set, schema.get_root_type(operation.operation), 1, 1)
    return count.cost
