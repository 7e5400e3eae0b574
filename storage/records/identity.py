"""That somebody is also known to a provider, and by what name there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Identity:
    """One way in by a provider; `id` is made from provider and subject, so that no two accounts can have the same.

    `subject` is the provider's own name for the person, `email` what it said last.
    """

    id: str
    user_id: str
    provider: str
    subject: str
    created_at: datetime
    used_at: datetime
    email: str = ""
