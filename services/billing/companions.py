"""Who billing works with, as much of each as it asks: whoever keeps these words may stand in.

Owns the words alone. Some of them may not be in a house; what that means is said where they are asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from services.viewer import Viewer


class TierGrants(Protocol):
    """Gives tiers and takes them away."""

    async def put(
        self,
        grant_id: str,
        user_id: str,
        *,
        source: str,
        tier: str,
        starts_at: datetime,
        ends_at: datetime | None = None,
    ) -> Any:
        """Give a tier for a time, or change what was given under this id."""

    async def withdraw(self, grant_id: str) -> Any:
        """End it now; nothing when there is none."""


class ProvenStudents(Protocol):
    """Knows who is a student."""

    async def stands(self, user_id: str) -> bool:
        """Whether somebody is one at the moment."""


class TrialBook(Protocol):
    """Knows who tried a subscription before; nobody tries twice."""

    async def may_begin(self, user_id: str) -> bool:
        """Whether somebody has not."""

    async def note(self, user_id: str, *, source: str, at: datetime) -> Any:
        """Somebody has, now; again changes nothing."""


class AuditLog(Protocol):
    """Keeps what people with a role did."""

    async def note(self, viewer: Viewer, action: str, kind: str, id: str, **details: Any) -> Any:
        """One line more."""
