"""The times written into a room, and what becomes of them when the clock they were read from is turned back.

Pure. A restart on a machine whose clock is an hour slow, or a correction by NTP, would leave a room waiting for moments
that lie an hour ahead; here its whole timeline is moved instead, so that everything is as far away as it was. Refuses
to know clocks.
"""

from __future__ import annotations

from dataclasses import replace

from services.rooms.bounds import BACKSTEP_MS, MOST_LEAD_MS
from storage.records.room import Room


def astray_ms(room: Room, now_ms: float) -> float:
    """How far behind the room's own past `now_ms` lies; 0 within the 2 s by which processes may disagree.

    Told by the last step, and by everything in the room that cannot lie in the future.
    """
    past = [room.stepped_ms, room.anchor.at_ms - MOST_LEAD_MS, *(member.since_ms for member in room.members)]
    if room.start is not None:
        past.append(room.start.asked_ms)
    if room.empty_ms is not None:
        past.append(room.empty_ms)
    behind_ms = max(past) - now_ms
    return behind_ms if behind_ms > BACKSTEP_MS else 0.0


def moved(room: Room, now_ms: float) -> Room:
    """The room with its timeline moved, so that its last step is now; the room itself while the clock is in order.

    The song goes on where it stood at the last step, and every wait is as long as it was then. Lines of chat keep the
    time they were told with.
    """
    by_ms = astray_ms(room, now_ms)
    if not by_ms:
        return room
    start = room.start
    if start is not None:
        start = replace(start, asked_ms=start.asked_ms - by_ms, deadline_ms=start.deadline_ms - by_ms)
    return replace(
        room,
        members=[
            replace(each, since_ms=each.since_ms - by_ms, joined_ms=each.joined_ms - by_ms) for each in room.members
        ],
        anchor=replace(room.anchor, at_ms=room.anchor.at_ms - by_ms),
        start=start,
        empty_ms=None if room.empty_ms is None else room.empty_ms - by_ms,
        stepped_ms=now_ms,
    )
