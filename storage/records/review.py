"""Reviews: what people say about songs and albums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Review:
    """One person's word on one song or album: of `song_id` and `album_id` exactly one is set.

    `thing_key` is `song:ID` or `album:ID`; together with `user_id` it is unique. `rating` runs from 1 to 5.
    """

    id: str
    user_id: str
    thing_key: str
    rating: int
    created_at: datetime
    updated_at: datetime
    song_id: str | None = None
    album_id: str | None = None
    comment: str = ""
    helpful_count: int = 0
    is_hidden: bool = False
    hidden_reason: str | None = None
    hidden_by: str | None = None
    hidden_at: datetime | None = None
