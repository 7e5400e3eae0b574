"""Rooms where people listen together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.errors import Invalid, NotFound
from services.paging import PAGE_LIMIT
from services.rooms.acts import RoomAction
from services.rooms.choosing import Choices
from services.rooms.guests import GuestPass
from services.rooms.invites import FreshRoomInvite
from services.rooms.items import current_of
from services.rooms.rights import RoomControl, RoomMode, RoomRole, controls, find
from services.rooms.rooms import Operation, member_id_in
from storage.records.anchor import Anchor
from storage.records.room import Room, RoomInvite, RoomItem, RoomLine, RoomMember, RoomSettings, RoomStart


@dataclass(slots=True)
class RoomPayload:
    """What a change gives."""

    room: Room


@dataclass(slots=True)
class LeaveRoom:
    """What leaving gives."""

    success: bool = True


RECORDS = {
    "Room": Room,
    "RoomMember": RoomMember,
    "RoomItem": RoomItem,
    "RoomAnchor": Anchor,
    "RoomStart": RoomStart,
    "RoomSettings": RoomSettings,
    "RoomLine": RoomLine,
    "RoomInvite": RoomInvite,
    "RoomPayload": RoomPayload,
    "LeaveRoom": LeaveRoom,
    "CreateRoomInvite": FreshRoomInvite,
    "JoinRoomAsGuest": GuestPass,
}
ENUMS = {"RoomRole": RoomRole, "RoomControl": RoomControl, "RoomMode": RoomMode, "RoomAction": RoomAction}


@resolves("Query.room")
async def room(_: None, info: Info, id: str) -> Room | None:
    """One room, None when absent or not the viewer's."""
    try:
        return await info.context.house.rooms.read(info.context.viewer, id, fresh=True)
    except NotFound:
        return None


@resolves("Query.myRooms")
async def my_rooms(_: None, info: Info) -> list[Room]:
    """The viewer's."""
    return await info.context.house.rooms.mine(info.context.viewer)


@resolves("Query.roomInvites")
async def room_invites(_: None, info: Info, room_id: str) -> list[RoomInvite]:
    """Links that are good."""
    return await info.context.house.room_invites.links(info.context.viewer, room_id)


@resolves("Subscription.room")
async def room_changes(_: None, info: Info, id: str) -> Any:
    """The room, then each change."""
    return await info.context.feeds.room(info.context.viewer, id)


@resolves("Mutation.createRoom")
async def create_room(
    _: None,
    info: Info,
    name: str,
    song_ids: list[str] | None = None,
    control: RoomControl | None = None,
    mode: RoomMode | None = None,
) -> RoomPayload:
    """A new one."""
    choices = Choices(control=control, mode=mode)
    return RoomPayload(await info.context.house.rooms.create(info.context.viewer, name, choices, song_ids or ()))


@resolves("Mutation.joinRoom")
async def join_room(_: None, info: Info, token: str | None = None, room_id: str | None = None) -> RoomPayload:
    """In by a link, or back."""
    if token is not None and room_id is None:
        return RoomPayload(await info.context.house.room_invites.join(info.context.viewer, token))
    if room_id is not None and token is None:
        return RoomPayload(await info.context.house.rooms.return_to(info.context.viewer, room_id))
    raise Invalid("Name a link's token or a room.", field="token")


@resolves("Mutation.joinRoomAsGuest")
async def join_room_as_guest(_: None, info: Info, token: str, name: str) -> GuestPass:
    """In without an account."""
    return await info.context.house.room_guests.join(token, name)


@resolves("Mutation.leaveRoom")
async def leave_room(_: None, info: Info, room_id: str) -> LeaveRoom:
    """Out."""
    await info.context.house.rooms.leave(info.context.viewer, room_id)
    return LeaveRoom()


@resolves("Mutation.updateRoom")
async def update_room(_: None, info: Info, room_id: str, **choices: Any) -> RoomPayload:
    """The host's choices."""
    return RoomPayload(await info.context.house.room_acts.choose(info.context.viewer, room_id, Choices(**choices)))


@resolves("Mutation.closeRoom")
async def close_room(_: None, info: Info, room_id: str) -> RoomPayload:
    """Over."""
    return RoomPayload(await info.context.house.rooms.close(info.context.viewer, room_id))


@resolves("Mutation.addToRoomQueue")
async def add_to_room_queue(
    _: None,
    info: Info,
    room_id: str,
    song_ids: list[str],
    before_item_id: str | None = None,
    client_op_id: str | None = None,
) -> RoomPayload:
    """Songs in."""
    op, add = Operation(client_op_id), info.context.house.room_acts.add
    return RoomPayload(await add(info.context.viewer, room_id, song_ids, before_item_id, op))


@resolves("Mutation.removeFromRoomQueue")
async def remove_from_room_queue(
    _: None, info: Info, room_id: str, item_ids: list[str], client_op_id: str | None = None
) -> RoomPayload:
    """Songs out."""
    op, remove = Operation(client_op_id), info.context.house.room_acts.remove
    return RoomPayload(await remove(info.context.viewer, room_id, item_ids, op))


@resolves("Mutation.moveInRoomQueue")
async def move_in_room_queue(
    _: None,
    info: Info,
    room_id: str,
    item_id: str,
    before_item_id: str | None = None,
    client_op_id: str | None = None,
) -> RoomPayload:
    """A song elsewhere."""
    op, move = Operation(client_op_id), info.context.house.room_acts.move
    return RoomPayload(await move(info.context.viewer, room_id, item_id, before_item_id, op))


@resolves("Mutation.voteForRoomItem")
async def vote_for_room_item(_: None, info: Info, room_id: str, item_id: str, up: bool) -> RoomPayload:
    """For a song."""
    return RoomPayload(await info.context.house.room_acts.vote(info.context.viewer, room_id, item_id, up))


@resolves("Mutation.controlRoom")
async def control_room(_: None, info: Info, room_id: str, action: RoomAction, **more: Any) -> RoomPayload:
    """What plays."""
    op = Operation(more.pop("client_op_id", None), more.pop("base_rev", None))
    return RoomPayload(await info.context.house.room_acts.control(info.context.viewer, room_id, action, op, **more))


@resolves("Mutation.sendRoomMessage")
async def send_room_message(
    _: None, info: Info, room_id: str, text: str, client_op_id: str | None = None
) -> RoomPayload:
    """A line."""
    op, say = Operation(client_op_id), info.context.house.room_acts.say
    return RoomPayload(await say(info.context.viewer, room_id, text, op))


@resolves("Mutation.createRoomInvite")
async def create_room_invite(_: None, info: Info, room_id: str, expires_in_hours: int | None = None) -> FreshRoomInvite:
    """A link."""
    return await info.context.house.room_invites.create(info.context.viewer, room_id, expires_in_hours)


@resolves("Mutation.revokeRoomInvite")
async def revoke_room_invite(_: None, info: Info, room_id: str, invite_id: str) -> RoomPayload:
    """A link, over."""
    return RoomPayload(await info.context.house.room_invites.revoke(info.context.viewer, room_id, invite_id))


@resolves("Mutation.setRoomRole")
async def set_room_role(_: None, info: Info, room_id: str, member_id: str, role: RoomRole) -> RoomPayload:
    """Somebody's role."""
    return RoomPayload(await info.context.house.room_acts.set_role(info.context.viewer, room_id, member_id, role))


@resolves("Mutation.removeRoomMember")
async def remove_room_member(_: None, info: Info, room_id: str, member_id: str, ban: bool) -> RoomPayload:
    """Somebody, out."""
    return RoomPayload(await info.context.house.room_acts.show_out(info.context.viewer, room_id, member_id, ban=ban))


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


@resolves("JoinRoomAsGuest.roomId")
def guest_room_id(guest: GuestPass, _info: Info) -> str:
    """The room."""
    return guest.room.id


@resolves("JoinRoomAsGuest.roomName")
def guest_room_name(guest: GuestPass, _info: Info) -> str:
    """What it is called."""
    return guest.room.name
