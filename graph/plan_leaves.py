"""How a plan writes scalars and enums: a look at the type where that is enough, the schema's own way otherwise.

Each kind of leaf becomes a piece of Python that takes the value in a variable. Anything unusual (nothing where there
has to be something, a number that is too large, a value that is to be awaited) raises: the plan is left then, and
graphql-core says what is wrong in its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import float_info
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
    Undefined,
)

Write = Callable[[Any], Any]
ONE_DIGIT = 2**30 - 1
"""CPython compares integers of one of its digits several times as fast; larger ones are written the schema's way."""
QUICK = {
    GraphQLString: "type({0}) is str",
    GraphQLID: "type({0}) is str",
    GraphQLBoolean: "type({0}) is bool",
    GraphQLInt: f"type({{0}}) is int and {-ONE_DIGIT} <= {{0}} <= {ONE_DIGIT}",
    # Neither infinite nor no number at all, which compares as less with nothing.
    GraphQLFloat: f"type({{0}}) is float and {-float_info.max!r} <= {{0}} <= {float_info.max!r}",
}
"""Values that are written as they are, by scalar; `{0}` is the variable."""


class Odd(Exception):
    """A value is not what plans are made for."""


def odd(value: Any) -> Any:
    """Leave the plan because of this value."""
    raise Odd(type(value).__name__)


def leaf(kind: GraphQLScalarType | GraphQLEnumType, known: Callable[[Any, str], str]) -> Callable[[str], str]:
    """The Python that writes a variable's value, never None. `known` keeps an object under a name, which it says."""
    if isinstance(kind, GraphQLEnumType):
        names = _names(kind)
        if names is not None:
            name = known(names, f"names_{kind.name}")
            return lambda variable: f"{name}[{variable}]"
    write = known(_strictly(kind), f"write_{kind.name}")
    quick = QUICK.get(kind) if isinstance(kind, GraphQLScalarType) else None
    if quick is None:
        return lambda variable: f"{write}({variable})"
    return lambda variable: f"{variable} if {quick.format(variable)} else {write}({variable})"


def _names(kind: GraphQLEnumType) -> dict[Any, str] | None:
    try:
        names = {each.value: kind.coerce_output_value(each.value) for each in kind.values.values()}
    except (TypeError, GraphQLError):
        return None
    # What stands for nothing is nothing, whatever an enum calls it.
    return {value: name for value, name in names.items() if value is not None and value is not Undefined}


def _strictly(kind: GraphQLScalarType | GraphQLEnumType) -> Write:
    coerce = kind.coerce_output_value

    def write(value: Any) -> Any:
        if value is None or value is Undefined or isinstance(value, Exception) or hasattr(value, "__await__"):
            odd(value)
        written = coerce(value)
        return odd(value) if written is None or written is Undefined else written

    return write
