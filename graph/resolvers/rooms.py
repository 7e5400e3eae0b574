"""Rooms where people listen together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.bind import resolves
from graph.context import Info
from services.errors import Invalid, NotFound
from services.rooms.acts import RoomAction
from services.rooms.choosing import Choices
from services.rooms.rights import RoomControl, RoomMode, RoomRole
from services.rooms.rooms import Operation
from storage.records.room import Room


@dataclass(slots=True)
class RoomPayload:
    """What a change gives."""

    room: Room


@dataclass(slots=True)
class LeaveRoom:
    """What leaving gives."""

    success: bool = True


RECORDS = {"RoomPayload": RoomPayload, "LeaveRoom": LeaveRoom}
ENUMS = {"RoomAction": RoomAction}


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
        return RoomPayload(await info.context.house.room_invitations.join(info.context.viewer, room_id))
    raise Invalid("Name a link's token or a room.", field="token")


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


@resolves("Mutation.setRoomRole")
async def set_room_role(_: None, info: Info, room_id: str, member_id: str, role: RoomRole) -> RoomPayload:
    """Somebody's role."""
    return RoomPayload(await info.context.house.room_acts.set_role(info.context.viewer, room_id, member_id, role))


@resolves("Mutation.removeRoomMember")
async def remove_room_member(_: None, info: Info, room_id: str, member_id: str, ban: bool) -> RoomPayload:
    """Somebody, out."""
    return RoomPayload(await info.context.house.room_acts.show_out(info.context.viewer, room_id, member_id, ban=ban))
