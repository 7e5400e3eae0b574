"""Notifications: what the house tells one person, and what it keeps to tell very many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Notification:
    """One thing told to one person. Ids sort by time and serve as cursors.

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

    @property
    def read(self) -> bool:
        """Whether it was marked as read."""
        return self.read_at is not None


@dataclass(slots=True)
class Broadcast:
    """News for all followers of an artist who has too many to write to each: copied to a person when they look."""

    id: str
    artist_id: str
    key: str
    kind: str
    title: str
    message: str
    created_at: datetime
    target_kind: str | None = None
    target_id: str | None = None


@dataclass(slots=True)
class NotificationMark:
    """How far somebody has been given the broadcasts. `id` is the user's id, `seen_id` the newest one looked at."""

    id: str
    seen_id: str


@dataclass(slots=True)
class NotificationPlace:
    """What a device holds of somebody's notifications. `id` is the user's and the device's id with a colon between."""

    id: str
    user_id: str
    place: str
    seen_at: datetime
