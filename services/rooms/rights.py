"""Who may do what in a room. Pure; raises what people are told."""

from __future__ import annotations

from enum import StrEnum

from services.errors import Denied, Gone, NotFound
from storage.records.room import Room, RoomMember


class RoomRole(StrEnum):
    """What somebody is in a room; a guest came by a link without an account."""

    HOST = "host"
    COHOST = "cohost"
    MEMBER = "member"
    GUEST = "guest"


class RoomControl(StrEnum):
    """Who may play, pause, seek, skip, move and remove."""

    HOST = "host"
    COHOSTS = "cohosts"
    EVERYONE = "everyone"


class RoomMode(StrEnum):
    """What comes next: the queue as it stands, what has most votes, or one of each member in turn."""

    ORDER = "order"
    VOTES = "votes"
    ROUND_ROBIN = "round_robin"


LEADERS = (RoomRole.HOST, RoomRole.COHOST)


def no_such_room() -> NotFound:
    """The one answer for absent, invisible and closed to the viewer."""
    return NotFound("There is no such room.")


def find(room: Room, member_id: str | None) -> RoomMember | None:
    """The member of that id."""
    return next((member for member in room.members if member.id == member_id), None)


def member_of(room: Room, member_id: str | None) -> RoomMember:
    """The member; NotFound for everybody else, as if there were no room. Gone once it closed."""
    member = find(room, member_id)
    if member is None:
        raise no_such_room()
    if room.closed:
        raise Gone("This room is closed.", code="ROOM_CLOSED")
    return member


def host_of(room: Room) -> RoomMember | None:
    """The host, who may be away; None only in a room that nobody entered yet."""
    return next((member for member in room.members if member.role == RoomRole.HOST), None)


def controls(room: Room, member: RoomMember) -> bool:
    """Whether the member may say what plays."""
    match room.settings.control:
        case RoomControl.EVERYONE:
            return True
        case RoomControl.COHOSTS:
            return member.role in LEADERS
    return member.role == RoomRole.HOST


def require_control(room: Room, member_id: str) -> RoomMember:
    """The member; Denied when the room lets only others say what plays."""
    member = member_of(room, member_id)
    if not controls(room, member):
        raise Denied("In this room others say what plays.")
    return member


def require_leader(room: Room, member_id: str) -> RoomMember:
    """The host or a co-host. Denied for the rest."""
    member = member_of(room, member_id)
    if member.role not in LEADERS:
        raise Denied("Only the host and co-hosts may do this.")
    return member


def require_host(room: Room, member_id: str) -> RoomMember:
    """The host. Denied for the rest."""
    member = member_of(room, member_id)
    if member.role != RoomRole.HOST:
        raise Denied("Only the host may do this.")
    return member
