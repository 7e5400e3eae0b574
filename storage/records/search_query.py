"""What people searched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class SearchQuery:
    """One question of one person. `id` is `{user_id}:{digest of the folded question}`: asked again, it moves up."""

    id: str
    user_id: str
    query: str
    searched_at: datetime
    times: int = 1
