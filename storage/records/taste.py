"""What somebody says they like, and the list they were given this week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Taste:
    """What somebody chose themselves; `id` is the user's. What follows from their plays and likes is never stored."""

    id: str
    favorite_genre_ids: list[str] = field(default_factory=list)
    chosen_at: datetime | None = None


@dataclass(slots=True)
class WeeklyList:
    """Somebody's list of the week; `id` is the user's. `week` is its Monday as `2026-06-01`."""

    id: str
    week: str
    song_ids: list[str]
    made_at: datetime
    previous_ids: list[str] = field(default_factory=list)
