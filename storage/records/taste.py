"""What somebody says they like, the list they were given this week, the mixes of the day."""

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


@dataclass(slots=True)
class KeptMix:
    """One mix of a day: its songs in order, whom it is named after and how often each was played when it was made.

    `artist_count` is how many artists its songs are by.
    """

    artist_ids: list[str]
    artist_plays: list[int]
    song_ids: list[str]
    artist_count: int = 0


@dataclass(slots=True)
class DailyMixes:
    """Somebody's mixes of one day; `id` is the user's. `day` is the day it was for them, as `2026-06-01`."""

    id: str
    day: str
    made_at: datetime
    mixes: list[KeptMix] = field(default_factory=list)
