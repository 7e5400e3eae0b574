"""Which fields an operation selects of a type, worked out once: fragments flattened, same answers merged.

Owns the "CollectFields" of the specification (section 6.3.2) for a plan, that is before any variable is known: what
`@skip` and `@include` say of a variable stays with each field as a condition. Refuses to know how fields are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
    type_from_ast,
)

Condition = frozenset[tuple[str, bool]]
"""The variables that have to be true or false, all of them; empty for what is always asked."""
ALWAYS: Condition = frozenset()


class Unplanned(Exception):
    """A document has a shape that no plan covers; `reason` is one word of a short list, for counting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Part:
    """Selections under a condition: a type's fields are selected by one or more of them."""

    selections: SelectionSetNode
    when: Condition = ALWAYS


@dataclass(slots=True)
class Selected:
    """One name in the answer, and the places of the document that ask for it, in order."""

    key: str
    asked: list[tuple[FieldNode, Condition]] = field(default_factory=list)

    @property
    def node(self) -> FieldNode:
        """The first place; all have the same name and arguments, as was validated."""
        return self.asked[0][0]

    @property
    def when(self) -> Condition:
        """The condition under which it is in the answer."""
        return self.asked[0][1]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is selected of its value; its own condition holds wherever that is looked at."""
        return tuple(Part(node.selection_set, when - self.when) for node, when in self.asked if node.selection_set)

    def nodes(self, variables: Mapping[str, object]) -> list[FieldNode]:
        """The places that count with these variables."""
        return [node for node, when in self.asked if holds(when, variables)]


def holds(when: Condition, variables: Mapping[str, object]) -> bool:
    """Whether a condition is met."""
    return all(variables[name] is wanted for name, wanted in when)


class Selections:
    """Selects fields of one document. Unplanned for what depends on variables in more ways than being there or not."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        if any(fragment.variable_definitions for fragment in fragments.values()):
            raise Unplanned("fragment variables")

    def of(self, kind: GraphQLObjectType, parts: Iterable[Part]) -> list[Selected]:
        """What the parts select of a type, in the order of the answer."""
        walk = _Walk(self._schema, self._fragments, kind)
        for part in parts:
            walk.visit(part.selections, part.when)
        for one in walk.found.values():
            # Which of them comes first decides where the name stands in the answer.
            if one.when and any(when != one.when for _, when in one.asked):
                raise Unplanned("order by variables")
        return list(walk.found.values())


class _Walk:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], kind: GraphQLObjectType
    ) -> None:
        self.found: dict[str, Selected] = {}
        self._schema = schema
        self._fragments = fragments
        self._kind = kind
        self._spread: dict[str, Condition] = {}

    def visit(self, selections: SelectionSetNode, when: Condition) -> None:
        for selection in selections.selections:
            wanted = _narrowed(when, selection)
            if wanted is None:
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                self.found.setdefault(key, Selected(key)).asked.append((selection, wanted))
            elif isinstance(selection, InlineFragmentNode):
                if self._fits(selection):
                    self.visit(selection.selection_set, wanted)
            else:
                assert isinstance(selection, FragmentSpreadNode)
                self._spread_in(self._fragments[selection.name.value], wanted)

    def _spread_in(self, fragment: FragmentDefinitionNode, when: Condition) -> None:
        name = fragment.name.value
        if not self._fits(fragment):
            return
        known = self._spread.get(name)
        if known is None:
            self._spread[name] = when
            self.visit(fragment.selection_set, when)
        elif not known <= when:
            # Which of its places counts is for the variables to say.
            raise Unplanned("order by variables")

    def _fits(self, fragment: FragmentDefinitionNode | InlineFragmentNode) -> bool:
        if fragment.type_condition is None:
            return True
        wanted = type_from_ast(self._schema, fragment.type_condition)
        if wanted is self._kind:
            return True
        return is_abstract_type(wanted) and self._schema.is_sub_type(wanted, self._kind)


def _narrowed(when: Condition, selection: SelectionNode) -> Condition | None:
    """The condition with what the selection's own directives say; None for what is never asked."""
    for directive in selection.directives or ():
        name = directive.name.value
        if name in ("defer", "stream"):
            raise Unplanned(name)
        if name not in ("skip", "include"):
            continue
        (condition,) = directive.arguments or ()
        given, wanted = condition.value, name == "include"
        if isinstance(given, VariableNode):
            if (given.name.value, not wanted) in when:
                return None
            when = when | {(given.name.value, wanted)}
        elif not isinstance(given, BooleanValueNode) or given.value is not wanted:
            return None
    return when
