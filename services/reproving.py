"""What those who guard something dangerous need of `services/accounts/reproof.py`, and no more."""

from __future__ import annotations

from typing import Protocol

from services.viewer import Viewer


class Reproof(Protocol):
    """Asks somebody who is signed in to prove themselves again."""

    async def require(self, viewer: Viewer, *, password: str | None = None) -> None:
        """Unauthenticated (WRONG_CREDENTIALS) or Denied (REPROOF_NEEDED) unless they did."""


class AuditLog(Protocol):
    """Keeps what people with a role do to others (`services/audit`)."""

    async def note(self, viewer: Viewer, action: str, kind: str, id: str, **details: object) -> object:
        """One line of the log."""
