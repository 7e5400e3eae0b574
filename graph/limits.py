"""The bounds of a request's shape, looked at before validation, which takes time by their square.

Owns the numbers and the one walk over a fresh document. Refuses to know the schema; what a request may cost is
`graph/cost.py`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentSpreadNode,
    IntValueNode,
    SelectionNode,
    Visitor,
    visit,
)

from services.errors import Invalid


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one request.

    `characters` and `tokens` are checked before parsing; `definitions`, `repeats` (of one response key in one
    selection), `aliases`, `directives` (in the document, and in one place) and `digits` of a whole number before
    validation; `depth`, `root_fields`, `selections` (with each fragment written out) and `cost` after it.
    `usual_rows` is how long a list is taken to be that does not say, `most_rows` how long one may ever be. `batch`
    requests may come in one message.
    """

    depth: int = 15
    cost: int = 20_000
    usual_rows: int = 10
    most_rows: int = 1_000
    tokens: int = 2_000
    characters: int = 50_000
    definitions: int = 50
    repeats: int = 8
    digits: int = 100
    aliases: int = 200
    directives: int = 100
    directives_in_place: int = 5
    root_fields: int = 100
    selections: int = 20_000
    batch: int = 10


@dataclass(frozen=True, slots=True)
class Shape:
    """What the walk over a document found out besides: whether it asks for parts of the answer later."""

    incremental: bool


class _Look(Visitor):
    """Looks at each alias, directive and whole number in a document."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._limits = limits
        self.aliases = 0
        self.directives = 0
        self.incremental = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Invalid for one alias too many."""
        self.enter(node)
        self.aliases += node.alias is not None
        if self.aliases > self._limits.aliases:
            raise Invalid(f"A document may have {self._limits.aliases} aliases.", code="TOO_MANY_ALIASES")

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Invalid for one directive too many."""
        self.directives += 1
        self.incremental |= node.name.value in ("defer", "stream")
        if self.directives > self._limits.directives:
            raise Invalid(f"A document may have {self._limits.directives} directives.", code="TOO_MANY_DIRECTIVES")

    def enter(self, node: Any, *_: Any) -> None:
        """Invalid for too many directives in one place. Called for each kind of node that has no method of its own."""
        if len(getattr(node, "directives", None) or ()) > self._limits.directives_in_place:
            most = self._limits.directives_in_place
            raise Invalid(f"One place may have {most} directives.", code="TOO_MANY_DIRECTIVES")

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:
        """Invalid for one beyond all floats: Python would read it as infinity, which nobody behind us expects."""
        if math.isinf(float(node.value)):
            raise Invalid("Float cannot represent non numeric value: a number this large.")

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """Invalid for one that is too long to be read: Python refuses some thousands of digits."""
        if len(node.value) > self._limits.digits:
            raise Invalid(f"A number may have {self._limits.digits} digits.")


def check_shape(document: DocumentNode, limits: Limits) -> Shape:
    """Invalid for a document that is made to be slow to validate; linear in its length. The code says what is over:

    TOO_COSTLY (definitions, repeats), TOO_MANY_ALIASES, TOO_MANY_DIRECTIVES; a number with more digits than
    validation could read is INVALID.
    """
    if len(document.definitions) > limits.definitions:
        raise Invalid(f"A document may have {limits.definitions} definitions.", code="TOO_COSTLY")
    look = _Look(limits)
    visit(document, look)
    waiting = [getattr(definition, "selection_set", None) for definition in document.definitions]
    while waiting:
        selections = waiting.pop()
        if selections is None:
            continue
        _check_repeats(selections.selections, limits)
        waiting += [getattr(node, "selection_set", None) for node in selections.selections]
    return Shape(look.incremental)


def _check_repeats(selections: Iterable[SelectionNode], limits: Limits) -> None:
    keys = Counter(_response_key(node) for node in selections)
    if max(keys.values(), default=0) > limits.repeats:
        raise Invalid(f"One selection may repeat a field {limits.repeats} times.", code="TOO_COSTLY")


def _response_key(node: SelectionNode) -> str:
    if isinstance(node, FieldNode):
        return (node.alias or node.name).value
    if isinstance(node, FragmentSpreadNode):
        return f"...{node.name.value}"
    condition = getattr(node, "type_condition", None)
    return f"... on {condition.name.value if condition else ''}"
