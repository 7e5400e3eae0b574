"""Somebody's queue of songs and what plays of it: one document, so that one guarded write changes all of it or nothing.

Times that end in `_ms` are the house's time (`services/timing/house_time.py`), in which anchors are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from storage.records.anchor import Anchor


@dataclass(slots=True)
class QueueItem:
    """A song in a queue; `id` stays while it moves. `origin` is user, context or autoplay; `reason` says why a song
    that nobody chose is there."""

    id: str
    song_id: str
    duration_ms: int
    origin: str
    added_ms: float
    reason: str | None = None


@dataclass(slots=True)
class QueueContext:
    """What plays: `kind` is album, playlist, artist, radio or songs (a bare list, without an id)."""

    kind: str
    id: str | None = None
    name: str = ""


@dataclass(slots=True)
class QueueChange:
    """What led to `rev`: a patch of the queue's face (`services/connect/faces.py`) as JSON."""

    rev: int
    patch: str


@dataclass(slots=True)
class QueueDone:
    """An operation that was done already: the id its client gave it, the revision it led to."""

    op_id: str
    rev: int


@dataclass(slots=True)
class QueueHeard:
    """A playing that is over and not known to be in the ledger; `play_id` is what its player may have used too."""

    play_id: str
    song_id: str
    origin: str
    duration_ms: int
    began_ms: float
    heard_ms: int
    completed: bool
    context: QueueContext | None = None


@dataclass(slots=True)
class PlayQueue:
    """A queue; its id is its owner's. `rev` counts changes, `items_rev` is the last of the list, `current_rev` of what
    plays: it also names this one playing of it in the ledger.

    `made` counts items ever made and gives them ids. `order` holds the ids in the order before shuffling, while it is
    shuffled. Of the item that plays, `began_ms` is when it began and `heard_ms` what was heard before the anchor.
    `due_ms` is when a silent device's song is taken to be over; `silent` counts such songs in a row,
    `hasty` those that were over before they sounded. `unrecorded` are
    playings on their way to the ledger, the newest since `unrecorded_ms`.
    """

    id: str
    updated_at: datetime
    rev: int = 0
    items_rev: int = 0
    current_rev: int = 0
    made: int = 0
    items: list[QueueItem] = field(default_factory=list)
    context: QueueContext | None = None
    current_id: str | None = None
    anchor: Anchor = field(default_factory=Anchor)
    began_ms: float = 0.0
    heard_ms: float = 0.0
    repeat: str = "off"
    shuffle_seed: int | None = None
    order: list[str] = field(default_factory=list)
    autoplay: bool = True
    device_id: str | None = None
    volume: int = 100
    changes: list[QueueChange] = field(default_factory=list)
    done: list[QueueDone] = field(default_factory=list)
    due_ms: float | None = None
    silent: int = 0
    hasty: int = 0
    unrecorded: list[QueueHeard] = field(default_factory=list)
    unrecorded_ms: float | None = None
