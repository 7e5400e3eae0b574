"""What a body, or the query of an address, says: GraphQL requests, each held against its form.

Owns the form of a request. Refuses to know HTTP and what is asked.
"""

from __future__ import annotations

from typing import Any

import orjson

from graph.execute import Request
from services.errors import Invalid


def read_request(found: Any, *, asks_for_cost: bool) -> Request:
    """The request that a JSON value is; `asks_for_cost` asks for its price too. Invalid names what is wrong."""
    if not isinstance(found, dict):
        raise Invalid("A request must be a JSON object.")
    query, name = found.get("query"), found.get("operationName")
    extensions = found.get("extensions")
    if not query and isinstance(extensions, dict) and isinstance(extensions.get("persistedQuery"), dict):
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise Invalid("query must be the text of a GraphQL document.", field="query")
    if name is not None and not isinstance(name, str):
        raise Invalid("operationName must be text.", field="operationName")
    for field in ("variables", "extensions"):
        if found.get(field) is not None and not isinstance(found[field], dict):
            raise Invalid(f"{field} must be a JSON object.", field=field)
    if asks_for_cost:
        extensions = {**(extensions or {}), "cost": True}
    return Request(query, found.get("variables"), name or None, extensions)


def read_batch(found: list[Any], most: int) -> list[Any]:
    """The requests of a JSON array, unread. Invalid for none and for more than `most`."""
    if not 0 < len(found) <= most:
        raise Invalid(f"A batch has 1 to {most} requests.", code="BATCH_TOO_LARGE")
    return found


def read_argument(name: str, text: str | None) -> Any:
    """What an argument of an address says in JSON; None for an empty one. Invalid when it is not JSON."""
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{name} is not JSON.", field=name) from error
