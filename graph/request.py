"""One GraphQL request, and the few shapes that every part of running it shares. Refuses to know transports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Response = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, as every transport spells it. `query` may be empty when `extensions` name its hash."""

    query: str = ""
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None

    @property
    def persisted(self) -> dict[str, Any] | None:
        """What `extensions.persistedQuery` holds, None for a request that brings its text alone."""
        found = (self.extensions or {}).get("persistedQuery")
        return found if isinstance(found, dict) else None

    @property
    def asks_for_cost(self) -> bool:
        """Whether `extensions.cost` of the answer shall tell the price."""
        return (self.extensions or {}).get("cost") is True
