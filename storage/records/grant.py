"""What gives somebody a tier for a time: a gift of the house, a payment, a family's place, a proven student."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Grant:
    """One reason why a user has a tier, from `starts_at` to `ends_at` (None: without an end).

    `source` is `house`, `stripe`, `family` or `student`. `withdrawn_at` ends it before its time. `rev` counts its
    writes; `is_settled` is false from a write until what follows from it stands on the user.
    """

    id: str
    user_id: str
    source: str
    tier: str
    starts_at: datetime
    created_at: datetime
    updated_at: datetime
    ends_at: datetime | None = None
    withdrawn_at: datetime | None = None
    rev: int = 1
    is_settled: bool = False
