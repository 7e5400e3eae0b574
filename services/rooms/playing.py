"""What a room plays, from when and where: anchors, starts that nobody can hold up, the next song.

Pure. A room that nobody paused plays whenever it has something to play; every start lies ahead, and every wait for
members has a deadline. Refuses to know how members are told.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from services.errors import Conflict
from services.rooms.bounds import LATE_MS, SETTLE_MS
from services.rooms.items import current_of, item_of, place_of, upcoming
from services.rooms.members import present_ids
from services.rooms.pace import Moment
from services.rooms.rights import RoomMode, member_of, require_control
from services.timing.anchor import ends_at_ms, position_ms, sought, started
from storage.records.anchor import Anchor
from storage.records.room import Room, RoomItem, RoomStart


def play(room: Room, moment: Moment, by_id: str) -> Room:
    """Go on, or begin. Nothing changes for a room that plays or is about to."""
    require_control(room, by_id)
    resumed = replace(room, paused_by=None)
    if room.paused_by is None or current_of(room) is None or _has_ended(room):
        return resumed
    return replace(resumed, anchor=started(room.anchor, moment.start_ms))


def pause(room: Room, moment: Moment, by_id: str) -> Room:
    """Stand still, everywhere at the same place, a little ahead as starts are. A start in preparation is called off."""
    require_control(room, by_id)
    if room.paused_by is not None:
        return room
    current = current_of(room)
    anchor = room.anchor
    if anchor.playing and current is not None:
        position = min(position_ms(anchor, moment.start_ms), float(current.duration_ms))
        anchor = Anchor(moment.start_ms, position, anchor.rate, playing=False)
    return replace(room, anchor=anchor, start=None, paused_by=by_id)


def seek(room: Room, moment: Moment, by_id: str, position: float) -> Room:
    """Be elsewhere in the current song, playing or not as before. Conflict (NOTHING_PLAYS) without one."""
    require_control(room, by_id)
    current = current_of(room)
    if current is None:
        raise Conflict("Nothing plays in this room.", code="NOTHING_PLAYS")
    position = min(max(0.0, position), float(current.duration_ms))
    if room.start is not None:
        start = replace(room.start, position_ms=position)
        return replace(room, start=start, anchor=replace(room.anchor, position_ms=position))
    if room.anchor.playing:
        return replace(room, anchor=sought(room.anchor, moment.start_ms, position))
    if room.paused_by is None:
        # It had come to its end: somebody who seeks in it wants to hear it.
        return replace(room, anchor=started(room.anchor, moment.start_ms, position=position))
    return replace(room, anchor=replace(room.anchor, position_ms=position))


def skip(room: Room, moment: Moment, by_id: str) -> Room:
    """On to the next song; at the end of the queue the room falls silent until something is added."""
    require_control(room, by_id)
    return to_next(replace(room, paused_by=None), moment)


def jump(room: Room, moment: Moment, by_id: str, item_id: str) -> Room:
    """On to this item, or back to it. Where votes or turns order the queue it is taken out of its place for that."""
    require_control(room, by_id)
    item = item_of(room, item_id)
    if item.gone:
        raise Conflict("This song cannot be heard any more.", code="SONG_GONE", field="itemId")
    if room.settings.mode != RoomMode.ORDER and item_id != room.current_id:
        others = [each for each in room.items if each.id != item_id]
        at = next((at for at, each in enumerate(others) if each.id == room.current_id), -1)
        room = replace(room, items=[*others[: at + 1], item, *others[at + 1 :]])
    return begin(replace(room, paused_by=None), moment, item)


def vote_to_skip(room: Room, moment: Moment, member_id: str, item_id: str) -> Room:
    """Be for leaving the current song; more than half of those present do it. A vote on another one is too late."""
    member_of(room, member_id)
    if item_id != room.current_id or member_id in room.skip_votes:
        return room
    return replace(room, skip_votes=[*room.skip_votes, member_id])


def begin(room: Room, moment: Moment, item: RoomItem, position: float = 0.0) -> Room:
    """With this item about to start: at once when enough members hold it, else at a deadline."""
    present = present_ids(room)
    waits = room.settings.wait_for_all
    start = RoomStart(
        item_id=item.id,
        position_ms=position,
        asked_ms=moment.now_ms,
        deadline_ms=moment.now_ms + (room.settings.wait_ms if waits else SETTLE_MS),
        quorum=len(present) if waits else -(-len(present) // 2),
    )
    still = Anchor(moment.now_ms, position)
    return start_if_due(replace(room, current_id=item.id, anchor=still, start=start, skip_votes=[]), moment)


def start_if_due(room: Room, moment: Moment) -> Room:
    """Started, once a quorum of those who are there is ready or the deadline is over. A silent member never counts."""
    start = room.start
    if start is None:
        return room
    present = [member for member in room.members if member.present]
    ready = sum(member.ready_item == start.item_id for member in present)
    if ready < min(start.quorum, len(present)) and moment.now_ms < start.deadline_ms:
        return room
    anchor = Anchor(moment.start_ms, start.position_ms, room.anchor.rate, playing=True)
    return replace(room, anchor=anchor, start=None)


def to_next(room: Room, moment: Moment, *, at_ms: float | None = None) -> Room:
    """With the next item that can be heard: from `at_ms` on without a gap, or begun anew; else at its end, silent."""
    following = next((item for item in upcoming(room) if not item.gone), None)
    if following is None:
        current = current_of(room)
        ended = Anchor(moment.now_ms if at_ms is None else at_ms, float(current.duration_ms if current else 0))
        return replace(room, anchor=ended, start=None, skip_votes=[])
    if at_ms is None or room.settings.wait_for_all:
        return begin(room, moment, following)
    anchor = Anchor(at_ms, 0.0, room.anchor.rate, playing=True)
    return replace(room, current_id=following.id, anchor=anchor, start=None, skip_votes=[])


def go_on(room: Room, moment: Moment) -> Room:
    """What time and silence bring: the end of a song, a song that is gone, a start that is due, music for a room that
    nobody paused."""
    current = current_of(room)
    if current is not None and current.gone and room.paused_by is None and not _has_ended(room):
        room = to_next(room, moment)
    present = present_ids(room)
    skipping = [member_id for member_id in room.skip_votes if member_id in present]
    if skipping and 2 * len(skipping) > len(present):
        room = to_next(replace(room, paused_by=None), moment)
    # Each turn takes an item that was played for good, so there are at most as many turns as items.
    for _ in range(len(room.items) + 1):
        over_ms = _over_ms(room)
        if over_ms is None or over_ms > moment.now_ms:
            break
        in_time = moment.now_ms - over_ms <= LATE_MS
        room = to_next(room, moment, at_ms=over_ms if in_time else None)
    room = start_if_due(room, moment)
    if room.paused_by is None and room.start is None and not room.anchor.playing:
        room = _begin_something(room, moment)
    return room


def playing_due_ms(room: Room) -> float | None:
    """When `go_on` has something to do; None while nothing plays or is about to."""
    return room.start.deadline_ms if room.start is not None else _over_ms(room)


def may_hear_next(room: Room, count: int) -> list[RoomItem]:
    """The current item and the next ones, as far as they are not passed over: those whose sound matters now."""
    at = place_of(room, room.current_id)
    return list(islice((item for item in room.items[at or 0 :] if not item.gone), count))


def in_earshot(room: Room) -> list[RoomItem]:
    """What guests may hear: the current item, the one before, which some may not have ended yet, and the next two."""
    at = place_of(room, room.current_id)
    return room.items[:2] if at is None else room.items[max(0, at - 1) : at + 3]


def _begin_something(room: Room, moment: Moment) -> Room:
    current = current_of(room)
    if current is not None and not _has_ended(room) and not current.gone:
        return begin(room, moment, current, room.anchor.position_ms)
    following = next((item for item in upcoming(room) if not item.gone), None)
    return room if following is None else begin(room, moment, following)


def _over_ms(room: Room) -> float | None:
    current = current_of(room)
    return None if current is None else ends_at_ms(room.anchor, current.duration_ms)


def _has_ended(room: Room) -> bool:
    current = current_of(room)
    return current is not None and not room.anchor.playing and room.anchor.position_ms >= current.duration_ms
