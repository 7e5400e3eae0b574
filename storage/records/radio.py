"""Stations that people keep."""

from __future__ import annotations

from dataclasses import dataclass
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
