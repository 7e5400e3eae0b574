"""Rooms where people listen together: one document each, so that one guarded write changes all of it or nothing.

Times that end in `_ms` are the house's time (`services/timing/house_time.py`), in which anchors are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from storage.records.anchor import Anchor


@dataclass(slots=True)
class RoomMember:
    """Somebody in a room: a user, or a guest of this room alone. `role` is host, cohost, member or guest.

    `since_ms` is when they came (`present`) or were lost. `ready_item` is the item whose sound they hold already.
    """

    id: str
    name: str
    role: str
    joined_ms: float
    present: bool = True
    since_ms: float = 0.0
    ready_item: str | None = None
    quality: str | None = None
    invite_id: str | None = None


@dataclass(slots=True)
class RoomItem:
    """A song in a room's queue. `seq` counts additions.

    `votes` are members' ids. `gone`: the song cannot be heard any more, so it is passed over; `gone_because` is
    removed, hidden, no_file or damaged.
    """

    id: str
    song_id: str
    added_by: str
    seq: int
    duration_ms: int
    title: str = ""
    credit: str = ""
    cover_id: str | None = None
    votes: list[str] = field(default_factory=list)
    gone: bool = False
    gone_because: str = ""


@dataclass(slots=True)
class RoomSettings:
    """What the host chose. `control` is host, cohosts or everyone; `mode` is order, votes or round_robin.

    `wait_for_all` waits for every member before a song starts, `wait_ms` at the most.
    """

    control: str = "cohosts"
    mode: str = "order"
    wait_for_all: bool = False
    wait_ms: int = 10_000
    chat: bool = True
    guests: bool = True


@dataclass(slots=True)
class RoomStart:
    """A start in preparation: it happens once `quorum` members hold the item, at `deadline_ms` in any case."""

    item_id: str
    position_ms: float
    asked_ms: float
    deadline_ms: float
    quorum: int


@dataclass(slots=True)
class RoomLine:
    """One line of a room's chat."""

    id: str
    member_id: str
    name: str
    text: str
    at_ms: float


@dataclass(slots=True)
class RoomInvitation:
    """Somebody with an account whom `by_id` asked in, until `until_ms`."""

    user_id: str
    by_id: str
    until_ms: float


@dataclass(slots=True)
class RoomChange:
    """What led to `rev`: a patch of the room's face (`services/rooms/faces.py`) as JSON; `weight` bounds the tail."""

    rev: int
    weight: int
    patch: str


@dataclass(slots=True)
class RoomDone:
    """An operation that was done already: the member, the id they gave it, the revision it led to."""

    member_id: str
    op_id: str
    rev: int


@dataclass(slots=True)
class Room:
    """A room. `rev` counts every change, `queue_rev` those of the queue; `playing_rev` is the last of what plays.

    `paused_by` is who stopped the music; None lets it go on whenever there is something to play. `due_ms` is when the
    room changes by itself next, `empty_ms` since when nobody is there, `stepped_ms` the latest moment it changed.
    """

    id: str
    name: str
    epoch: str
    created_at: datetime
    updated_at: datetime
    rev: int = 0
    queue_rev: int = 0
    playing_rev: int = 0
    member_ids: list[str] = field(default_factory=list)
    members: list[RoomMember] = field(default_factory=list)
    banned: list[str] = field(default_factory=list)
    invited: list[RoomInvitation] = field(default_factory=list)
    items: list[RoomItem] = field(default_factory=list)
    added: int = 0
    current_id: str | None = None
    anchor: Anchor = field(default_factory=Anchor)
    paused_by: str | None = None
    start: RoomStart | None = None
    skip_votes: list[str] = field(default_factory=list)
    settings: RoomSettings = field(default_factory=RoomSettings)
    chat: list[RoomLine] = field(default_factory=list)
    changes: list[RoomChange] = field(default_factory=list)
    done: list[RoomDone] = field(default_factory=list)
    empty_ms: float | None = None
    due_ms: float | None = None
    stepped_ms: float = 0.0
    closed: bool = False


@dataclass(slots=True)
class RoomInvite:
    """A link into a room. Its token is kept as a SHA-256 digest only."""

    id: str
    room_id: str
    token_hash: str
    by_id: str
    created_at: datetime
    expires_at: datetime
