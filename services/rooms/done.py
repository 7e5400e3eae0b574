"""Which operations were done already, so that one that is sent twice is done once.

Pure. Owns whose memory makes room when there is too much of it: the one of who did most, so that a chatty member pushes
out nobody else's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.rooms.bounds import DONE_EACH, DONE_LIMIT
from storage.records.room import RoomDone


def done_at(done: Sequence[RoomDone], member_id: str, op_id: str) -> int | None:
    """The revision that a member's operation led to; None when it was not done, or long ago."""
    return next((each.rev for each in done if each.member_id == member_id and each.op_id == op_id), None)


def noted(done: Sequence[RoomDone], new: RoomDone) -> list[RoomDone]:
    """The memory with one operation more: at most 32 of each member and 512 together, the oldest forgotten first."""
    after = [*done, new]
    counts = Counter(each.member_id for each in after)
    if counts[new.member_id] > DONE_EACH:
        return _without_oldest_of(after, new.member_id)
    if len(after) <= DONE_LIMIT:
        return after
    return _without_oldest_of(after, max(counts, key=lambda member_id: counts[member_id]))


def _without_oldest_of(done: Sequence[RoomDone], member_id: str) -> list[RoomDone]:
    at = next(at for at, each in enumerate(done) if each.member_id == member_id)
    return [*done[:at], *done[at + 1 :]]
