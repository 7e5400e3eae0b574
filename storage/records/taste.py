"""What somebody says they like, and the list they were given this week."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Taste:
    """What somebody chose themselves; `id` is the user's. What follows from their plays and likes is never stored.

    `energy`, `danceability` and `valence` are from 0 to 1, None where they follow from the songs. Plays and likes
    before `since` do not count.
    """

    id: str
    favorite_genre_ids: list[str] = field(default_factory=list)
    chosen_at: datetime | None = None
    energy: float | None = None
    danceability: float | None = None
    valence: float | None = None
    muted_artist_ids: list[str] = field(default_factory=list)
    muted_genre_ids: list[str] = field(default_factory=list)
    since: datetime | None = None


@dataclass(slots=True)
class WeeklyList:
    """Somebody's list of the week; `id` is the user's. `week` is its Monday as `2026-06-01`."""

    id: str
    week: str
    song_ids: list[str]
    made_at: datetime
    previous_ids: list[str] = field(default_factory=list)
