"""Ways into a room: links, and guests who come by them."""

from __future__ import annotations

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.rooms import RoomPayload
from services.rooms.guests import GuestPass
from services.rooms.invites import FreshRoomInvite
from storage.records.room import RoomInvite

RECORDS = {"RoomInvite": RoomInvite, "CreateRoomInvite": FreshRoomInvite, "JoinRoomAsGuest": GuestPass}


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


@resolves("JoinRoomAsGuest.roomId")
def guest_room_id(guest: GuestPass, _info: Info) -> str:
    """The room."""
    return guest.room.id


@resolves("JoinRoomAsGuest.roomName")
def guest_room_name(guest: GuestPass, _info: Info) -> str:
    """What it is called."""
    return guest.room.name
