"""What a room plays and in which order: adding, moving, taking out, votes, taking turns.

Pure. What was played stays in front of the current item, as far as there is room. Refuses to know when anything plays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.errors import Conflict, Denied, NotFound, TooLarge
from services.rooms.bounds import ITEMS_LIMIT
from services.rooms.rights import RoomMode, RoomRole, controls, member_of, require_control
from storage.records.anchor import Anchor
from storage.records.room import Room, RoomItem

SHORTEST_MS = 1_000
"""How long a song counts at the least: a queue of songs of no length would be over before it began."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """A song on its way into a queue, under the id its entry will have."""

    id: str
    song_id: str
    duration_ms: int
    title: str = ""
    credit: str = ""
    cover_id: str | None = None


def place_of(room: Room, item_id: str | None) -> int | None:
    """The index of an item; None when it is not (or no longer) in the queue."""
    if item_id is None:
        return None
    return next((at for at, item in enumerate(room.items) if item.id == item_id), None)


def item_of(room: Room, item_id: str | None) -> RoomItem:
    """The item. NotFound otherwise."""
    at = place_of(room, item_id)
    if at is None:
        raise NotFound("This room's queue has no such item.", field="itemId")
    return room.items[at]


def current_of(room: Room) -> RoomItem | None:
    """The item that plays, stands still or is about to start."""
    at = place_of(room, room.current_id)
    return None if at is None else room.items[at]


def upcoming(room: Room) -> list[RoomItem]:
    """What comes after the current item; all of it when nothing is current."""
    at = place_of(room, room.current_id)
    return room.items[0 if at is None else at + 1 :]


def add(room: Room, member_id: str, new: Sequence[NewItem], before_id: str | None = None) -> Room:
    """Put songs before an item, at the end when that is gone or None. Items that are there already stay as they are.

    A place other than the end is for those who control the room; TooLarge (QUEUE_FULL) beyond 1,000 not played yet.
    """
    member = member_of(room, member_id)
    if before_id is not None and not controls(room, member):
        raise Denied("In this room others say what comes first.", field="beforeItemId")
    there = {item.id for item in room.items}
    fresh = [each for each in new if each.id not in there]
    if not fresh:
        return room
    room = _with_place(room, len(fresh))
    added = [
        RoomItem(
            id=each.id,
            song_id=each.song_id,
            added_by=member_id,
            seq=room.added + number,
            duration_ms=each.duration_ms,
            title=each.title,
            credit=each.credit,
            cover_id=each.cover_id,
        )
        for number, each in enumerate(fresh, 1)
    ]
    at = place_of(room, before_id)
    current = place_of(room, room.current_id)
    at = len(room.items) if at is None else at if current is None else max(at, current + 1)
    items = [*room.items[:at], *added, *room.items[at:]]
    return arranged(replace(room, items=items, added=room.added + len(fresh)))


def move(room: Room, member_id: str, item_id: str, before_id: str | None) -> Room:
    """Put an item before another one, at the end when that is gone or None; an item that is gone stays gone.

    Conflict (ORDERED) where votes or turns give the order.
    """
    require_control(room, member_id)
    if room.settings.mode != RoomMode.ORDER:
        raise Conflict("Votes or turns order this queue.", code="ORDERED")
    at = place_of(room, item_id)
    if at is None or item_id in (before_id, room.current_id):
        return room
    others = [*room.items[:at], *room.items[at + 1 :]]
    target = next((to for to, item in enumerate(others) if item.id == before_id), len(others))
    items = [*others[:target], room.items[at], *others[target:]]
    return room if items == room.items else replace(room, items=items)


def remove(room: Room, member_id: str, item_ids: frozenset[str]) -> Room:
    """Take items out: one's own, anybody's for those who control the room. Those that are gone are no matter."""
    member = member_of(room, member_id)
    taken = [item for item in room.items if item.id in item_ids]
    if not controls(room, member) and any(item.added_by != member_id for item in taken):
        raise Denied("In this room you take out only what you added.")
    return without(room, frozenset(item.id for item in taken))


def without(room: Room, item_ids: frozenset[str]) -> Room:
    """Without these items. When the current one is among them the next one becomes it, as yet without a start."""
    if not item_ids:
        return room
    if room.current_id in item_ids:
        at = place_of(room, room.current_id) or 0
        after = [item for item in room.items[at + 1 :] if item.id not in item_ids]
        before = [item for item in room.items[:at] if item.id not in item_ids]
        # With nothing after it, what was played last becomes current, at its end: else all would be played again.
        current = after[0] if after else before[-1] if before else None
        position_ms = 0.0 if current is None or after else float(current.duration_ms)
        room = replace(
            room,
            current_id=None if current is None else current.id,
            anchor=Anchor(position_ms=position_ms),
            start=None,
            skip_votes=[],
        )
    return arranged(replace(room, items=[item for item in room.items if item.id not in item_ids]))


def vote(room: Room, member_id: str, item_id: str, up: bool = True) -> Room:
    """Be for an item, or not any more. NotFound for an item that is not there."""
    member_of(room, member_id)
    item = item_of(room, item_id)
    if (member_id in item.votes) == up:
        return room
    votes = [*item.votes, member_id] if up else [id for id in item.votes if id != member_id]
    items = [replace(each, votes=votes) if each is item else each for each in room.items]
    return arranged(replace(room, items=items))


def mark_gone(room: Room, losses: Mapping[str, str]) -> Room:
    """Knowing why these songs cannot be heard any more: they will be passed over."""
    if not any(item.song_id in losses and not item.gone for item in room.items):
        return room
    items = [
        replace(item, gone=True, gone_because=losses[item.song_id])
        if item.song_id in losses and not item.gone
        else item
        for item in room.items
    ]
    return replace(room, items=items)


def arranged(room: Room) -> Room:
    """With what comes next in the order of the room's mode."""
    if room.settings.mode == RoomMode.ORDER:
        return room
    rest = upcoming(room)
    played = room.items[: len(room.items) - len(rest)]
    if room.settings.mode == RoomMode.VOTES:
        counted = _voters(room)
        ordered = sorted(rest, key=lambda item: (-sum(id in counted for id in item.votes), item.seq))
    else:
        ordered = in_turns(played, rest)
    return room if ordered == rest else replace(room, items=[*played, *ordered])


def _voters(room: Room) -> frozenset[str]:
    """Whose votes count: a guest's while they are here, for who comes in again by the link is another guest."""
    return frozenset(each.id for each in room.members if each.present or each.role != RoomRole.GUEST)


def in_turns(played: Sequence[RoomItem], rest: Sequence[RoomItem]) -> list[RoomItem]:
    """One of each adder in turn: whose turn was longest ago comes first, who never had one before all.

    So nobody waits longer than one song of each other adder, however much the others add.
    """
    last_turn = {item.added_by: at for at, item in enumerate(played)}
    own: dict[str, list[RoomItem]] = {}
    for item in sorted(rest, key=lambda item: item.seq):
        own.setdefault(item.added_by, []).append(item)
    adders = sorted(own, key=lambda adder: (last_turn.get(adder, -1), own[adder][0].seq))
    longest = max((len(items) for items in own.values()), default=0)
    return [own[adder][turn] for turn in range(longest) for adder in adders if turn < len(own[adder])]


def _with_place(room: Room, count: int) -> Room:
    """Forgetting the oldest that were played, to take in so many more."""
    too_many = len(room.items) + count - ITEMS_LIMIT
    if too_many <= 0:
        return room
    played = place_of(room, room.current_id) or 0
    if too_many > played:
        raise TooLarge(f"A room's queue has at most {ITEMS_LIMIT:,} songs.", code="QUEUE_FULL")
    return replace(room, items=room.items[too_many:])
