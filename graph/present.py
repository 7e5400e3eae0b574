"""Errors as GraphQL shows them: the second of the three doors where a `TuttiError` becomes a wire format.

Owns the shape of an entry in `errors`. A refusal keeps its sentence, code and field; a fault in the request's own
words keeps graphql-core's sentence; anything else is a bug: logged once, shown as "Something went wrong".
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from graphql import ExecutionResult, GraphQLError

from services.errors import TuttiError
from services.trace import current_trace

log = logging.getLogger("tutti.graph")

SHOWN_ERRORS = 100


def present(errors: Iterable[GraphQLError], code: str = "GRAPHQL_INVALID") -> list[dict[str, Any]]:
    """At most 100 errors in GraphQL's response shape. `code` is for those that only graphql-core can explain."""
    logged: set[int] = set()
    return [_present_one(error, code, logged) for error in list(errors)[:SHOWN_ERRORS]]


def _present_one(error: GraphQLError, code: str, logged: set[int]) -> dict[str, Any]:
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    shown: dict[str, Any] = {"message": error.message}
    if error.locations:
        shown["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    if isinstance(cause, TuttiError):
        shown["extensions"] = cause.extensions
    elif isinstance(cause, GraphQLError):
        shown["extensions"] = {"code": code}
    else:
        if id(cause) not in logged:
            logged.add(id(cause))
            log.error("resolver failed", exc_info=cause, extra={"path": error.path, "trace": current_trace.get()})
        shown["message"] = "Something went wrong."
        shown["extensions"] = {"code": "INTERNAL", "requestId": current_trace.get()}
    return shown


def refusal(error: TuttiError) -> dict[str, Any]:
    """A whole response for a request that is refused before any field was asked."""
    return {"errors": [{"message": error.message, "extensions": error.extensions}]}


def response_of(result: ExecutionResult, *, may_lack_data: bool) -> dict[str, Any]:
    """A whole response; without `data` when `may_lack_data` and nothing was ever asked."""
    errors = result.errors
    if not errors:
        return {"data": result.data}
    # Errors without a path come from before the first field: the variables do not fit.
    if may_lack_data and result.data is None and all(error.path is None for error in errors):
        return {"errors": present(errors)}
    return {"data": result.data, "errors": present(errors)}
