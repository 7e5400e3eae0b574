"""The arguments of a field that are the same in every run: coerced once, when a plan is made.

Owns which may be kept: those that no variable decides, and that no resolver could change in place. All others are
coerced when they are first needed in a run. Refuses to tell of errors: an argument in trouble is coerced in the run,
where its error belongs.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, ValueNode, VariableNode, get_argument_values

_LASTING = (str, int, float, bool, type(None), Enum, date)


def constant_arguments(field: GraphQLField, node: FieldNode) -> dict[str, Any] | None:
    """What a field is asked with in every run, by its names in Python; None when that is to be seen in the run."""
    if any(_varies(argument.value) for argument in node.arguments or ()):
        return None
    try:
        found = get_argument_values(field, node)
    except GraphQLError:
        return None
    return found if all(isinstance(value, _LASTING) for value in found.values()) else None


def _varies(value: ValueNode) -> bool:
    if isinstance(value, VariableNode):
        return True
    parts = getattr(value, "values", None) or [each.value for each in getattr(value, "fields", ())]
    return any(_varies(part) for part in parts)
