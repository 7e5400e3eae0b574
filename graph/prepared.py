"""A request that may run, and what it costs one that may not: between reading a document and executing it.

Owns the kinds of operation, the order of a batch and the price of a refusal. Refuses to run anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    OperationDefinitionNode,
)

from graph.request import Request as Request
from graph.request import Response
from services.errors import Invalid

REFUSED_COST = 10
"""What a request costs its caller, at least, that was refused before its price was known: somebody had to read it."""
REFUSED_CHARACTERS = 20
"""A long one costs 1 for as many characters."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that may run: its document (known by the `key` of its text), its operation and its price."""

    document: DocumentNode
    operation: OperationDefinitionNode
    cost: int
    incremental: bool
    key: bytes
    plans: dict[str | None, Any] = field(default_factory=dict)
    """What is remembered of the document's plans, which go when it goes."""


def cost_of(prepared: Prepared | Response, request: Request) -> int:
    """What the request costs its caller, refused or not."""
    return refused_cost(request) if isinstance(prepared, dict) else prepared.cost


def refused_cost(request: Request) -> int:
    """What it costs to be refused: the more, the longer the text."""
    return max(REFUSED_COST, len(request.query) // REFUSED_CHARACTERS)


def is_subscription(prepared: Prepared) -> bool:
    """Whether its answers go on."""
    return prepared.operation.operation.value == "subscription"


def shape_of(prepared: Prepared) -> str:
    """What is asked for without its values: the operation's kind, its name and its root fields."""
    operation = prepared.operation
    roots = sorted({root.name.value for root in operation.selection_set.selections if isinstance(root, FieldNode)})
    name = "" if operation.name is None else f" {operation.name.value}"
    return f"{operation.operation.value}{name} {{ {' '.join(roots)} }}"


def runs(prepared: Sequence[Prepared | Response]) -> list[list[int]]:
    """The places of a batch in groups that may run side by side: a mutation is alone in its."""
    runs: list[list[int]] = []
    together = False
    for place, each in enumerate(prepared):
        mutates = not isinstance(each, dict) and each.operation.operation.value == "mutation"
        if together and not mutates:
            runs[-1].append(place)
        else:
            runs.append([place])
        together = not mutates
    return runs


def unnamed(document: DocumentNode, name: str | None) -> Invalid:
    """The refusal of a request that names no operation of its document."""
    if name is not None:
        return Invalid("The document has no operation of that name.", field="operationName")
    many = sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions) > 1
    sentence = "Say which operation of the document to run." if many else "The document has no operation."
    return Invalid(sentence, field="operationName")
