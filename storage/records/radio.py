"""Stations that people keep, and what they passed over on a station."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Radio:
    """One kept station, grown from one seed: an artist, a song or a genre."""

    id: str
    user_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    seed_artist_id: str | None = None
    seed_song_id: str | None = None
    seed_genre_id: str | None = None


@dataclass(slots=True)
class StationSkip:
    """One song that somebody passed over in a queue that plays a station."""

    song_id: str
    skipped_at: datetime


@dataclass(slots=True)
class StationSkips:
    """What one person passed over on one station, the newest last: the ledger knows plays and no skips of queues.

    `id` is `{user_id}:{station id}`.
    """

    id: str
    user_id: str
    skips: list[StationSkip] = field(default_factory=list)
