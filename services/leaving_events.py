"""What leaving tells on the bus (`services/events.py`), after it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountLeaving:
    """Somebody asked to be forgotten; until `erase_at` they may take it back."""

    user_id: str
    erase_at: datetime


@dataclass(frozen=True, slots=True)
class AccountErased:
    """Somebody is forgotten."""

    user_id: str
