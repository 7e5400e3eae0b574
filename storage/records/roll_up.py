"""Roll-ups: sums over the ledger of plays. `batch` in each is the last batch of plays that was added to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SongDay:
    """How often a song was played on a UTC day (`2026-06-01`), everywhere and by country. `id` is `{song}:{day}`."""

    id: str
    song_id: str
    day: str
    plays: int
    batch: int
    countries: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class SongTotal:
    """How often a song was played ever, everywhere and by country. `id` is the song's."""

    id: str
    plays: int
    batch: int
    countries: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Listen:
    """How often somebody played a song ever, and when last. `id` is `{user}:{song}`."""

    id: str
    user_id: str
    song_id: str
    plays: int
    last_at: datetime
    batch: int


@dataclass(slots=True)
class MonthListen:
    """How often somebody played a song or artist (`kind`) in a UTC month. `id` is `{user}:{month}:{kind}:{target}`."""

    id: str
    user_id: str
    month: str
    kind: str
    target_id: str
    plays: int
    batch: int


@dataclass(slots=True)
class ArtistListener:
    """How often somebody played an artist ever, and when last. `id` is `{artist}:{user}`."""

    id: str
    artist_id: str
    user_id: str
    plays: int
    last_at: datetime
    batch: int


@dataclass(slots=True)
class Fold:
    """How far the roll-ups are: the batch's number, and its plays while it is being added (none once it is)."""

    id: str
    batch: int = 0
    play_ids: list[str] = field(default_factory=list)
