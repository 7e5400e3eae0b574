"""Roll-ups: sums over the ledger of plays. `batch` in each is the last batch of plays that was added to it.

`weight` is what charts count, in thousandths: an account's plays of a day weigh two at most. `listeners` are accounts
on a day, added up over days; `weights` is the weight by country.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class SongDay:
    """How often a song was played on a UTC day (`2026-06-01`), everywhere and by country. `id` is `{song}:{day}`."""

    id: str
    song_id: str
    day: str
    plays: int
    batch: int
    countries: dict[str, int] = field(default_factory=dict)
    weight: int = 0
    listeners: int = 0
    weights: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class SongTotal:
    """How often a song was played ever, everywhere and by country. `id` is the song's."""

    id: str
    plays: int
    batch: int
    countries: dict[str, int] = field(default_factory=dict)
    weight: int = 0
    listeners: int = 0
    weights: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class DayListen:
    """How often somebody played a song on a UTC day. `id` is `{song}:{day}:{user}`.

    `before` is what it said (`plays`, `countries`) before its last batch, empty when nothing.
    """

    id: str
    song_id: str
    day: str
    user_id: str
    plays: int
    batch: int
    countries: dict[str, int] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


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
