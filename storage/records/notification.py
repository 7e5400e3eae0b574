"""Notifications: what the house tells one person, and what it keeps to tell very many."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Notification:
    """One thing told to one person.

    `turn` counts that person's notifications in the order in which they were written, with none left out: lists and
    cursors go by it. `slot` holds the turn, and goes on to hold it once the notification is removed (`user_id` is
    empty then).
    `key` says what it is about and is unique per person: the same news twice is one notification. `read_at` is None
    while it is unread. The target (`user`, `playlist`, `album` or `review`) may be gone when it is read.
    """

    id: str
    user_id: str
    key: str
    kind: str
    title: str
    message: str
    created_at: datetime
    read_at: datetime | None = None
    actor_id: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    turn: int = 0
    slot: str = ""

    @property
    def read(self) -> bool:
        """Whether it was marked as read."""
        return self.read_at is not None


@dataclass(slots=True)
class Broadcast:
    """News for all followers of an artist who has too many to write to each: copied to a person when they look.

    `turn` counts broadcasts in the order in which they were written; `slot` is unique and holds it.
    """

    id: str
    artist_id: str
    key: str
    kind: str
    title: str
    message: str
    created_at: datetime
    target_kind: str | None = None
    target_id: str | None = None
    turn: int = 0
    slot: str = ""


@dataclass(slots=True)
class NotificationMark:
    """How far somebody is. `id` is the user's id, `seen_turn` that of the newest broadcast they were given, and
    `last_turn` one up to which their notifications have their turns."""

    id: str
    seen_turn: int = 0
    last_turn: int = 0


@dataclass(slots=True)
class NotificationPlace:
    """What a device holds of somebody's notifications. `id` is the user's and the device's id with a colon between."""

    id: str
    user_id: str
    place: str
    seen_at: datetime


@dataclass(slots=True)
class NotificationChoices:
    """What somebody wants to be told and how; `id` is theirs. `on` and `off` hold `kind.channel` where they chose.

    `digest` is off, daily or weekly, `digest_at` when the next one is due, `digest_after` the moment of the last one.
    """

    id: str
    updated_at: datetime
    on: list[str] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    digest: str = "off"
    digest_at: datetime | None = None
    digest_after: datetime | None = None
