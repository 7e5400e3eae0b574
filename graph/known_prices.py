"""What a document costs is worked out once for all requests that cannot differ in price.

Owns what of the variables the arithmetic of `graph/cost.py` looks at: numbers, and how long the longest list is.
Refuses to know that arithmetic.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode

from graph.cost import check_cost, longest_list
from graph.documents import Document
from graph.limits import Limits

PRICES_KEPT = 64
"""Of one document; a client that counts up a number fills them and starts anew."""


def price_of_request(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> int:
    """As `check_cost`, remembered by the document. A refusal is worked out each time."""
    assert document.parsed is not None
    name = None if operation.name is None else operation.name.value
    key: Hashable = (limits, name, *sorted((name, _counts(value)) for name, value in variables.items()))
    known = document.prices.get(key)
    if known is None:
        known = check_cost(schema, document.parsed, operation, variables, limits)
        if len(document.prices) >= PRICES_KEPT:
            document.prices.clear()
        document.prices[key] = known
    return known


def _counts(value: Any) -> str:
    # As text, so that values of all kinds can be sorted beside each other and 1 is told from True.
    if isinstance(value, list | dict):
        return f"list {longest_list(value)}"
    return repr(value) if value is None or isinstance(value, bool | int | float) else "text"
