"""What a GraphQL request over HTTP says: its document, its operation, its variables, each of the right kind.

Owns the shapes and their refusals. Refuses to know where they came from and what is asked.
"""

from __future__ import annotations

from typing import Any

import orjson

from graph.execute import Request
from services.errors import Invalid


def read_request(found: Any, *, tells_cost: bool) -> Request:
    """The request in a JSON object; `tells_cost` asks for `extensions.cost`. Invalid for anything else."""
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
    if tells_cost:
        extensions = {**(extensions or {}), "cost": True}
    return Request(query, found.get("variables"), name or None, extensions)


def json_argument(text: str | None, name: str) -> Any:
    """An argument of the address that holds JSON, None for none. Invalid when it holds something else."""
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{name} is not JSON.", field=name) from error
