"""What moderation asks of every noun that can be reported. Owns the shape; refuses to know any noun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.errors import Conflict
from services.viewer import Viewer

FACT_CHARACTERS = 5_000


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing as it is now: who answers for it (None for the house and guests), its name, and facts as evidence."""

    owner_id: str | None
    name: str
    facts: dict[str, str] = field(default_factory=dict)


class SubjectShelf(Protocol):
    """One noun. `place_id` is the room of a message, None elsewhere. All but `seen` answer no viewer's request."""

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """The thing, as somebody who may see it reports it. NotFound when absent or invisible to them."""

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """What bringing it back will need; empty where hiding destroys nothing."""

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Out of everybody's sight at once. Again, it changes nothing."""

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """Back as it was, unless its owner has put something else there meanwhile."""

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Gone for good. Again, it changes nothing."""


def facts_of(**facts: str | None) -> dict[str, str]:
    """Facts that there are, each cut to 5,000 characters."""
    return {name: text[:FACT_CHARACTERS] for name, text in facts.items() if text}


def never_removed() -> Conflict:
    """For what is only hidden."""
    return Conflict("This is hidden, not removed: the files belong to the house.", code="NOT_REMOVABLE")
