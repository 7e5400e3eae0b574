"""Who is in a room: coming, going, being lost and coming back, roles, being shown out.

Pure: each function takes a room and gives the next one; what it shares with the old one is never changed. Refuses to
know how presence is noticed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from services.errors import Denied, Invalid, NotFound, TooLarge
from services.rooms.bounds import BANNED_LIMIT, HOST_ABSENCE_MS, MEMBERS_LIMIT
from services.rooms.items import arranged
from services.rooms.pace import Moment
from services.rooms.rights import (
    LEADERS,
    RoomRole,
    find,
    host_of,
    member_of,
    no_such_room,
    require_host,
    require_leader,
)
from storage.records.room import Room, RoomMember


def join(
    room: Room, moment: Moment, member_id: str, name: str, *, guest: bool = False, invite_id: str | None = None
) -> Room:
    """Come in, or come back. The first of the house is the host.

    NotFound for those who were banned, and for guests where none are let in or by a link somebody banned
    came by; TooLarge (ROOM_FULL) beyond 200 members who are there or may come back.
    """
    if room.closed or member_id in room.banned or (guest and (not room.settings.guests or invite_id in room.banned)):
        raise no_such_room()
    there = find(room, member_id)
    if there is not None:
        return _change(returned(room, moment, member_id), member_id, lambda member: replace(member, name=name))
    members = list(room.members)
    if len(members) >= MEMBERS_LIMIT:
        absent = [member for member in members if not member.present and member.role != RoomRole.HOST]
        if not absent:
            raise _full()
        # Guests cost nothing to make: they must not push out who has an account.
        longest = min(absent, key=lambda member: (member.role != RoomRole.GUEST, member.since_ms))
        if guest and longest.role != RoomRole.GUEST:
            raise _full()
        room = _without(room, longest.id)
        members = list(room.members)
    role = RoomRole.GUEST if guest else RoomRole.MEMBER if host_of(room) else RoomRole.HOST
    members.append(
        RoomMember(
            id=member_id,
            name=name,
            role=role.value,
            joined_ms=moment.now_ms,
            since_ms=moment.now_ms,
            invite_id=invite_id,
        )
    )
    return replace(room, members=members)


def leave(room: Room, moment: Moment, member_id: str) -> Room:
    """Go for good. The host's role goes to another at once; where nobody could have it the seat is kept, empty."""
    member = find(room, member_id)
    if member is None:
        return room
    if member.role == RoomRole.HOST:
        heir = _heir(room, but=member_id)
        if heir is None:
            return absent(room, moment, member_id)
        room = _hand_over(room, heir)
    return _without(room, member_id)


def absent(room: Room, moment: Moment, member_id: str) -> Room:
    """Be lost: the socket closed or fell silent. The place is kept."""
    member = find(room, member_id)
    if member is None or not member.present:
        return room
    return arranged(
        _change(
            room,
            member_id,
            lambda member: replace(member, present=False, since_ms=moment.now_ms, ready_item=None),
        )
    )


def returned(room: Room, moment: Moment, member_id: str) -> Room:
    """Be back. NotFound for nobody of the room."""
    if member_of(room, member_id).present:
        return room
    return arranged(_change(room, member_id, lambda member: replace(member, present=True, since_ms=moment.now_ms)))


def set_role(room: Room, by_id: str, member_id: str, role: RoomRole) -> Room:
    """The host makes somebody host, co-host or member; a host who hands over is a co-host then.

    Invalid for GUEST, Denied for a guest who should be more: they have no account.
    """
    require_host(room, by_id)
    member = _there(room, member_id)
    if role == RoomRole.GUEST:
        raise Invalid("Nobody is made a guest.", field="role")
    if member.role == RoomRole.GUEST:
        raise Denied("A guest has no account and stays a guest.")
    if member.role == role:
        return room
    if role == RoomRole.HOST:
        return _hand_over(room, member)
    if member.role == RoomRole.HOST:
        raise Invalid("Make somebody else the host instead.", field="role")
    return _change(room, member_id, lambda member: replace(member, role=role.value))


def remove(room: Room, by_id: str, member_id: str, *, ban: bool = False) -> Room:
    """Show somebody out; `ban`: for good. The host does it to all others, a co-host to members and guests."""
    actor = require_leader(room, by_id)
    member = _there(room, member_id)
    if member.role == RoomRole.HOST or (member.role in LEADERS and actor.role != RoomRole.HOST):
        raise Denied("You may not show this member out.")
    return shown_out(room, [member_id], ban=ban)


def shown_out(room: Room, member_ids: list[str], *, ban: bool = False) -> Room:
    """Without these members, whoever decided it. `ban`: the links they came by let no guest in any more either, for a
    guest is made anew by their link under any name."""
    links = [member.invite_id for member in room.members if member.id in member_ids and member.invite_id is not None]
    for member_id in member_ids:
        room = _without(room, member_id)
    if ban:
        barred = list(dict.fromkeys([*member_ids, *links]))
        kept = [id for id in room.banned if id not in barred]
        invited = [each for each in room.invited if each.user_id not in barred]
        room = replace(room, banned=[*kept, *barred][-BANNED_LIMIT:], invited=invited)
    return room


def set_quality(room: Room, member_id: str, quality: str | None) -> Room:
    """The quality a member wants to hear this room in; None for what they always hear."""
    if member_of(room, member_id).quality == quality:
        return room
    return _change(room, member_id, lambda member: replace(member, quality=quality))


def set_ready(room: Room, member_id: str, item_id: str) -> Room:
    """A member holds the sound of an item. One that is not in the queue any more is no matter."""
    member = member_of(room, member_id)
    if member.ready_item == item_id or all(item.id != item_id for item in room.items):
        return room
    return _change(room, member_id, lambda member: replace(member, ready_item=item_id))


def host_due_ms(room: Room) -> float | None:
    """When the host's role moves on; None while the host is there, or nobody could take it."""
    host = host_of(room)
    if (host is not None and host.present) or _heir(room, but=host.id if host else "", present=True) is None:
        return None
    return 0.0 if host is None else host.since_ms + HOST_ABSENCE_MS


def move_host(room: Room, moment: Moment) -> Room:
    """With a host who is there, where one was away for 10 s: the co-host longest present, else the member."""
    due_ms = host_due_ms(room)
    if due_ms is None or due_ms > moment.now_ms:
        return room
    host = host_of(room)
    heir = _heir(room, but=host.id if host else "", present=True)
    return room if heir is None else _hand_over(room, heir)


def note_emptiness(room: Room, moment: Moment) -> Room:
    """With the time since when nobody is there."""
    if any(member.present for member in room.members):
        return room if room.empty_ms is None else replace(room, empty_ms=None)
    return room if room.empty_ms is not None else replace(room, empty_ms=moment.now_ms)


def present_ids(room: Room) -> list[str]:
    """Who is there."""
    return [member.id for member in room.members if member.present]


def _full() -> TooLarge:
    return TooLarge(f"A room has at most {MEMBERS_LIMIT} members.", code="ROOM_FULL")


def _there(room: Room, member_id: str) -> RoomMember:
    member = find(room, member_id)
    if member is None:
        raise NotFound("This room has no such member.", field="memberId")
    return member


def _heir(room: Room, *, but: str, present: bool = False) -> RoomMember | None:
    """Who becomes host next: those who are there first, co-hosts before members, the longest there."""
    able = [
        member
        for member in room.members
        if member.id != but and member.role != RoomRole.GUEST and (member.present or not present)
    ]
    return min(
        able,
        key=lambda member: (not member.present, member.role != RoomRole.COHOST, member.since_ms, member.joined_ms),
        default=None,
    )


def _hand_over(room: Room, heir: RoomMember) -> Room:
    members = []
    for member in room.members:
        if member.id == heir.id:
            member = replace(member, role=RoomRole.HOST.value)
        elif member.role == RoomRole.HOST:
            member = replace(member, role=RoomRole.COHOST.value)
        members.append(member)
    return replace(room, members=members)


def _change(room: Room, member_id: str, change: Callable[[RoomMember], RoomMember]) -> Room:
    members = [change(member) if member.id == member_id else member for member in room.members]
    return room if members == room.members else replace(room, members=members)


def _without(room: Room, member_id: str) -> Room:
    """Without a member and their votes; what they added stays."""
    if find(room, member_id) is None:
        return room
    items = room.items
    if any(member_id in item.votes for item in items):
        items = [
            replace(item, votes=[id for id in item.votes if id != member_id]) if member_id in item.votes else item
            for item in items
        ]
    left = replace(
        room,
        members=[member for member in room.members if member.id != member_id],
        items=items,
        skip_votes=[id for id in room.skip_votes if id != member_id],
    )
    # Where votes order the queue, those that are gone may have been the ones that did.
    return arranged(left)
