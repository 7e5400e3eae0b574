"""Ways into a room: links, and guests who come by them."""

from __future__ import annotations

from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.rooms import RoomPayload
from services.rooms.guests import GuestPass
from services.rooms.invites import FreshRoomInvite
from services.rooms.rooms import Operation
from storage.records.room import Room, RoomInvitation, RoomInvite

RECORDS = {
    "RoomInvite": RoomInvite,
    "RoomInvitation": RoomInvitation,
    "CreateRoomInvite": FreshRoomInvite,
    "JoinRoomAsGuest": GuestPass,
}


@resolves("Query.roomInvites")
async def room_invites(_: None, info: Info, room_id: str) -> list[RoomInvite]:
    """Links that are good."""
    return await info.context.house.room_invites.links(info.context.viewer, room_id)


@resolves("Mutation.createRoomInvite")
async def create_room_invite(_: None, info: Info, room_id: str, expires_in_hours: int | None = None) -> FreshRoomInvite:
    """A link."""
    return await info.context.house.room_invites.create(info.context.viewer, room_id, expires_in_hours)


@resolves("Mutation.revokeRoomInvite")
async def revoke_room_invite(_: None, info: Info, room_id: str, invite_id: str) -> RoomPayload:
    """A link, over."""
    return RoomPayload(await info.context.house.room_invites.revoke(info.context.viewer, room_id, invite_id))


@resolves("Mutation.joinRoomAsGuest")
async def join_room_as_guest(_: None, info: Info, token: str, name: str) -> GuestPass:
    """In without an account."""
    return await info.context.house.room_guests.join(token, name)


@resolves("Mutation.inviteToRoom")
async def invite_to_room(
    _: None,
    info: Info,
    room_id: str,
    user_ids: list[str],
    expires_in_hours: int | None = None,
    client_op_id: str | None = None,
) -> RoomPayload:
    """People, asked in."""
    op, invite = Operation(client_op_id), info.context.house.room_invitations.invite
    return RoomPayload(await invite(info.context.viewer, room_id, user_ids, expires_in_hours, op))


@resolves("Mutation.withdrawRoomInvitations")
async def withdraw_room_invitations(
    _: None, info: Info, room_id: str, user_ids: list[str], client_op_id: str | None = None
) -> RoomPayload:
    """People, asked in no more."""
    op, take_back = Operation(client_op_id), info.context.house.room_invitations.take_back
    return RoomPayload(await take_back(info.context.viewer, room_id, user_ids, op))


@resolves("Room.invitations")
async def invitations(room: Room, info: Info) -> list[RoomInvitation]:
    """Who was asked and has not come."""
    return await info.context.house.room_invitations.shown(info.context.viewer, room)


@resolves("RoomInvitation.user")
def invited_user(invitation: RoomInvitation, info: Info) -> Any:
    """Who was asked."""
    return info.context.loaders.users.load(invitation.user_id)


@resolves("JoinRoomAsGuest.roomId")
def guest_room_id(guest: GuestPass, _info: Info) -> str:
    """The room."""
    return guest.room.id


@resolves("JoinRoomAsGuest.roomName")
def guest_room_name(guest: GuestPass, _info: Info) -> str:
    """What it is called."""
    return guest.room.name
