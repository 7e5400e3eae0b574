"""Groups of payloads that sound the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SoundMember:
    """One payload of a group, and how it is like `like`, another of the group: None for the first.

    `offset_ms` is by how much its sound starts later than that one's, `matched_ms` how much of the two matches and
    `share` that over the longer one.
    """

    payload: str
    like: str | None = None
    bit_error_rate: float = 0.0
    offset_ms: int = 0
    matched_ms: int = 0
    share: float = 1.0


@dataclass(slots=True)
class SoundGroup:
    """Payloads each of which sounds like another of them. `payloads` are its members' by which it is found.

    `song_count` is how many songs have their files; `is_shown` from two of them on.
    """

    id: str
    made_at: datetime
    members: list[SoundMember] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)
    song_count: int = 0
    is_shown: bool = False
