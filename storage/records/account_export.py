"""Archives of what somebody has here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class AccountExport:
    """One archive. `state` is waiting, making, ready or failed; `progress` the share done, 0 to 1.

    `key` is where it lies in the store of files, `size` its bytes; it goes at `expires_at`. `due_at` is when whoever is
    making it must have said so again, or another takes over.
    """

    id: str
    user_id: str
    requested_at: datetime
    state: str = "waiting"
    progress: float = 0.0
    due_at: datetime | None = None
    attempts: int = 0
    key: str | None = None
    size: int = 0
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    reason: str | None = None
