"""One step of a room: a change by somebody or by time, what follows from it, and its number.

Pure: the same room, moment and change give the same room. Owns revisions, the tail of changes, repeated and stale
operations, and `due`: when a room changes by itself, so that no wait is without an end. Refuses to know stores.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import orjson

from services.errors import Conflict
from services.rooms.bounds import CHANGES_LIMIT, CHANGES_WEIGHT, EMPTY_GRACE_MS
from services.rooms.done import done_at, noted
from services.rooms.faces import Face, face_of, patch_between
from services.rooms.items import mark_gone
from services.rooms.members import absent, host_due_ms, move_host, note_emptiness
from services.rooms.pace import Moment
from services.rooms.playing import go_on, playing_due_ms
from services.rooms.timeline import moved
from storage.records.anchor import Anchor
from storage.records.room import Room, RoomChange, RoomDone

NO_LOSSES: Mapping[str, str] = {}

Step = Callable[[Room, Moment], Room]
"""What somebody does to a room: the room after it. Raises what they are told when they may not."""


class Stale(Conflict):
    """Refused: what plays changed since the revision the operation was meant for. Carries the room as it is now."""

    def __init__(self, room: Room) -> None:
        super().__init__("What plays changed meanwhile.", code="STALE", field="baseRev")
        self.rev = room.rev
        self.face: Face = face_of(room)

    @property
    def extensions(self) -> dict[str, Any]:
        """With the revision of now."""
        return {**super().extensions, "rev": self.rev}


def apply(
    room: Room,
    moment: Moment,
    step: Step,
    *,
    by_id: str | None = None,
    op_id: str | None = None,
    playing_base_rev: int | None = None,
) -> Room:
    """The room after a step and what follows from it, `rev` one higher; of the same `rev` when nothing changed.

    An operation that its member sent before is not done again. One about what plays, meant for `playing_base_rev`, is
    refused (Stale) when that changed since.
    """
    if by_id is not None and op_id is not None and done_at(room.done, by_id, op_id) is not None:
        return room
    if playing_base_rev is not None and room.playing_rev > playing_base_rev:
        raise Stale(room)
    after = numbered(room, settled(step(moved(room, moment.now_ms), moment), moment), moment)
    if by_id is None or op_id is None:
        return after
    # Noted also when it changed nothing: sent again later it might.
    return replace(after, done=noted(after.done, RoomDone(by_id, op_id, after.rev)))


def tick(
    room: Room, moment: Moment, *, here: Collection[str] | None = None, losses: Mapping[str, str] = NO_LOSSES
) -> Room:
    """What time brings. `here` is who holds a lease on being there, None when nobody can tell; `losses` are songs
    that cannot be heard any more, and why. Safe at any time."""

    def lapse(room: Room, moment: Moment) -> Room:
        if room.closed:
            return room
        for member in room.members:
            if here is not None and member.present and member.id not in here:
                room = absent(room, moment, member.id)
        return mark_gone(room, losses)

    return apply(room, moment, lapse)


def due(room: Room) -> float | None:
    """When `tick` has something to do (house time); None for a room that only somebody can change."""
    if room.closed:
        return None
    times = [host_due_ms(room), playing_due_ms(room)]
    if room.empty_ms is not None:
        times.append(room.empty_ms + EMPTY_GRACE_MS)
    return min((time for time in times if time is not None), default=None)


def closed(room: Room, moment: Moment) -> Room:
    """Over: silent, and nothing is to come."""
    return room if room.closed else replace(room, closed=True, start=None, anchor=Anchor(moment.now_ms), paused_by=None)


def settled(room: Room, moment: Moment) -> Room:
    """What follows from any change at once: a host, music, an end for a room that was left long ago."""
    if room.closed:
        return room
    room = note_emptiness(move_host(room, moment), moment)
    if room.empty_ms is not None and moment.now_ms - room.empty_ms >= EMPTY_GRACE_MS:
        return closed(room, moment)
    return go_on(room, moment)


def numbered(before: Room, after: Room, moment: Moment) -> Room:
    """With its next revision and the change that led there; `before` itself when they are the same."""
    if after is before or after == before:
        return before
    rev = before.rev + 1
    member_ids = [member.id for member in after.members]
    plays = ("current_id", "anchor", "start", "paused_by", "closed")
    after = replace(
        after,
        rev=rev,
        queue_rev=before.queue_rev + (after.items != before.items),
        playing_rev=rev if any(getattr(after, name) != getattr(before, name) for name in plays) else before.playing_rev,
        # The same list where nobody came or went: it is indexed, and what is the same is not written.
        member_ids=before.member_ids if member_ids == before.member_ids else member_ids,
        # Never less, but by `moved`: many small steps back must not add up.
        stepped_ms=max(after.stepped_ms, moment.now_ms),
    )
    patch, weight = patch_between(before, after)
    # Of another epoch nobody is told the changes any more: what they hold need not be kept.
    earlier = before.changes if after.epoch == before.epoch else []
    changes = [*earlier, RoomChange(rev, weight, orjson.dumps(patch).decode())][-CHANGES_LIMIT:]
    total = sum(change.weight for change in changes)
    while total > CHANGES_WEIGHT:
        total -= changes.pop(0).weight
    return replace(after, changes=changes, due_ms=due(after))


def patches_since(room: Room, epoch: str | None, rev: int | None) -> list[Face] | None:
    """The patches that lead from `rev` to now; None when only a snapshot does."""
    if epoch != room.epoch or rev is None or rev > room.rev:
        return None
    needed = [change for change in room.changes if change.rev > rev]
    if len(needed) != room.rev - rev:
        return None
    return [orjson.loads(change.patch) for change in needed]
