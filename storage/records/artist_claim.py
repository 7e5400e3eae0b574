"""Claims of artists: that somebody is an artist of the catalogue, or speaks for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class ClaimWord:
    """A question of the staff, or an answer to one; embedded in the claim. Who asked is in the audit log."""

    at: datetime
    text: str
    is_question: bool


@dataclass(slots=True)
class ArtistClaim:
    """Somebody says that an artist is theirs. `relation` is what they are to it: self, member, manager or label.

    `state` is open, asked, approved, rejected, withdrawn or released. `waiting` names person and artist while nobody
    has decided, `slot` one of the places a person has for such claims; then both name the claim. Each is there once.
    `taken_from` is whose the artist was when an approval was decided. `is_settled` is false between an approval and
    what follows from it. `gave_role`: the approval made the account an artist. `rev` counts the writes.
    """

    id: str
    user_id: str
    artist_id: str
    relation: str
    evidence: str
    created_at: datetime
    updated_at: datetime
    waiting: str
    slot: str
    links: list[str] = field(default_factory=list)
    words: list[ClaimWord] = field(default_factory=list)
    state: str = "open"
    is_settled: bool = True
    gave_role: bool = False
    taken_from: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    rev: int = 1
