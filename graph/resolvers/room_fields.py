"""What can be asked of a room, its members, its queue and its settings."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.errors import Invalid
from services.paging import PAGE_LIMIT
from services.rooms.items import current_of
from services.rooms.losses import Loss
from services.rooms.rights import RoomControl, RoomMode, RoomRole, controls, find
from services.rooms.rooms import member_id_in
from storage.records.anchor import Anchor
from storage.records.room import Room, RoomItem, RoomLine, RoomMember, RoomSettings, RoomStart

RECORDS = {
    "Room": Room,
    "RoomMember": RoomMember,
    "RoomItem": RoomItem,
    "RoomAnchor": Anchor,
    "RoomStart": RoomStart,
    "RoomSettings": RoomSettings,
    "RoomLine": RoomLine,
}
ENUMS = {"RoomRole": RoomRole, "RoomControl": RoomControl, "RoomMode": RoomMode, "RoomItemLoss": Loss}


@resolves("Room.isClosed")
def is_closed(room: Room, _info: Info) -> bool:
    """Whether it is over."""
    return room.closed


@resolves("Room.me")
def me(room: Room, info: Info) -> RoomMember | None:
    """The viewer's own place."""
    return find(room, member_id_in(info.context.viewer, room.id))


@resolves("Room.canControl")
def can_control(room: Room, info: Info) -> bool:
    """Whether the viewer says what plays."""
    mine = find(room, member_id_in(info.context.viewer, room.id))
    return mine is not None and not room.closed and controls(room, mine)


@resolves("Room.items")
def items(room: Room, _info: Info, limit: int | None = None, offset: int | None = None) -> list[RoomItem]:
    """A stretch of the queue."""
    count, start = PAGE_LIMIT if limit is None else limit, offset or 0
    if not 1 <= count <= PAGE_LIMIT or start < 0:
        raise Invalid(f"limit must be from 1 to {PAGE_LIMIT}, offset not below 0.", field="limit")
    return room.items[start : start + count]


@resolves("Room.itemCount")
def item_count(room: Room, _info: Info) -> int:
    """How long the queue is."""
    return len(room.items)


@resolves("Room.currentItem")
def current_item(room: Room, _info: Info) -> RoomItem | None:
    """What plays."""
    return current_of(room)


@resolves("Room.skipVoteCount")
def skip_vote_count(room: Room, _info: Info) -> int:
    """How many want to leave the song."""
    return len(room.skip_votes)


@resolves("RoomMember.role")
def role(member: RoomMember, _info: Info) -> RoomRole:
    """What they are."""
    return RoomRole(member.role)


@resolves("RoomMember.isPresent")
def is_present(member: RoomMember, _info: Info) -> bool:
    """Whether they are there."""
    return member.present


@resolves("RoomMember.readyItemId")
def ready_item_id(member: RoomMember, _info: Info) -> str | None:
    """What they hold."""
    return member.ready_item


@resolves("RoomItem.song")
def song(item: RoomItem, info: Info) -> Any:
    """The song, None when the viewer may not see it."""
    return info.context.loaders.songs.load(item.song_id)


@resolves("RoomItem.voteCount")
def vote_count(item: RoomItem, _info: Info) -> int:
    """How many are for it."""
    return len(item.votes)


@resolves("RoomItem.isGone")
def is_gone(item: RoomItem, _info: Info) -> bool:
    """Whether nobody can hear it."""
    return item.gone


@resolves("RoomItem.goneBecause")
def gone_because(item: RoomItem, _info: Info) -> Loss | None:
    """Why nobody can."""
    return Loss(item.gone_because) if item.gone_because else None


@resolves("RoomAnchor.isPlaying")
def is_playing(anchor: Anchor, _info: Info) -> bool:
    """Whether it goes on."""
    return anchor.playing


@resolves("RoomSettings.control")
def control(settings: RoomSettings, _info: Info) -> RoomControl:
    """Who says what plays."""
    return RoomControl(settings.control)


@resolves("RoomSettings.mode")
def mode(settings: RoomSettings, _info: Info) -> RoomMode:
    """What comes next."""
    return RoomMode(settings.mode)
