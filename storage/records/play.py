"""Plays: the append-only ledger of what was listened to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Play:
    """One listen. `id` is the client's play id, or made from user, song and second: a repeated report counts once.

    Who, what, when and where (`country`, the listener's ISO 3166 code) never change; `ms_played` and `completed` may
    grow. `folded` says whether the roll-ups hold it already, `is_figured` whether the
    day's figures hold it as it is, `is_removed` that its listener took it out of sight.
    """

    id: str
    user_id: str
    song_id: str
    started_at: datetime
    recorded_at: datetime
    album_id: str | None = None
    artist_ids: list[str] = field(default_factory=list)
    ms_played: int | None = None
    completed: bool = False
    source: str | None = None
    source_id: str | None = None
    country: str | None = None
    folded: bool = False
    is_figured: bool = False
    is_removed: bool = False
