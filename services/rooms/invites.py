"""Links into a room: made by its host and co-hosts, shown as an address and a QR code, revoked.

Owns the links. A link's token is shown once and kept as a digest; unknown, expired and revoked ones are one answer. A
revoked link takes the guests with it that came by it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from services.clock import Clock
from services.errors import Invalid, NotFound, TooLarge
from services.qr_codes import qr_svg
from services.rooms import members
from services.rooms.bounds import INVITE_HOURS, INVITES_LIMIT, LONGEST_INVITE_HOURS
from services.rooms.pace import Moment
from services.rooms.rights import RoomRole, require_leader
from services.rooms.rooms import Rooms, member_in
from services.typed_text import is_id
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.room import Room, RoomInvite

TOKEN_BYTES = 24
TOKEN_LIMIT = 100


@dataclass(frozen=True, slots=True)
class FreshRoomInvite:
    """A new link, and the token that nobody can be shown again."""

    invite: RoomInvite
    token: str
    url: str
    qr_svg: str

    def __repr__(self) -> str:
        # Tokens never reach a log through this.
        return f"FreshRoomInvite(invite_id={self.invite.id!r})"


class RoomInvites:
    """Makes, lists, ends and opens links."""

    def __init__(self, store: Store, clock: Clock, rooms: Rooms, *, public_url: str) -> None:
        self._store = store
        self._clock = clock
        self._rooms = rooms
        self._public_url = public_url.rstrip("/")

    async def create(self, viewer: Viewer, room_id: str, hours: int | None = None) -> FreshRoomInvite:
        """A link that opens this room for 1 to 168 hours (24 unless told). TooLarge beyond 20 that are still good."""
        hours = INVITE_HOURS if hours is None else hours
        if not 1 <= hours <= LONGEST_INVITE_HOURS:
            raise Invalid(f"expiresInHours must be from 1 to {LONGEST_INVITE_HOURS}.", field="expiresInHours")
        viewer.require_proven()
        room = await self._led_by(viewer, room_id)
        if len(await self._good(room.id)) >= INVITES_LIMIT:
            raise TooLarge(f"A room has at most {INVITES_LIMIT} links; revoke one.", code="TOO_MANY_INVITES")
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        invite = RoomInvite(
            id=self._clock.new_id(),
            room_id=room.id,
            token_hash=_digest(token),
            by_id=member_in(viewer, room_id),
            created_at=now,
            expires_at=now + timedelta(hours=hours),
        )
        await self._store.room_invites.insert(invite)
        url = f"{self._public_url}/join/{token}"
        # Some twenty milliseconds of arithmetic, which the loop does not have.
        return FreshRoomInvite(invite, token, url, await asyncio.to_thread(qr_svg, url))

    async def links(self, viewer: Viewer, room_id: str) -> list[RoomInvite]:
        """The links that are still good, the newest first; at most 20. For host and co-hosts."""
        return await self._good((await self._led_by(viewer, room_id)).id)

    async def revoke(self, viewer: Viewer, room_id: str, invite_id: str) -> Room:
        """End a link; the guests that came by it have to leave. NotFound when the room has no such link."""
        room = await self._led_by(viewer, room_id)
        went = is_id(invite_id) and await self._store.room_invites.delete({"_id": invite_id, "room_id": room.id})
        if not went:
            raise NotFound("There is no such invitation.", field="inviteId")

        def step(room: Room, moment: Moment) -> Room:
            require_leader(room, member_in(viewer, room_id))
            guests = [each for each in room.members if each.role == RoomRole.GUEST and each.invite_id == invite_id]
            return members.shown_out(room, [guest.id for guest in guests])

        return await self._rooms.act(viewer, room_id, step)

    async def find_open(self, token: str) -> RoomInvite:
        """As `find`, and NotFound too once the room behind it is closed."""
        invite = await self.find(token)
        room = await self._store.rooms.get(invite.room_id)
        if room is None or room.closed:
            raise no_such_invitation()
        return invite

    async def find(self, token: str) -> RoomInvite:
        """The link with that token. NotFound for an unknown, revoked or expired one."""
        if not token or len(token) > TOKEN_LIMIT or not token.isascii():
            raise no_such_invitation()
        invite = await self._store.room_invites.first({"token_hash": _digest(token)})
        if invite is None or invite.expires_at <= self._clock.now():
            raise no_such_invitation()
        return invite

    async def join(self, viewer: Viewer, token: str) -> Room:
        """Come in by a link, as a member. NotFound for one that is not good, and for those who were banned."""
        member_in(viewer, "")
        invite = await self.find(token)
        try:
            return await self._rooms.enter(viewer, invite.room_id, invite.id)
        except NotFound:
            raise no_such_invitation() from None

    async def sweep(self) -> int:
        """Forget links that ran out; how many."""
        return await self._store.room_invites.delete({"expires_at": {"$lt": self._clock.now()}}, many=True)

    async def _led_by(self, viewer: Viewer, room_id: str) -> Room:
        member_id = member_in(viewer, room_id)
        room = await self._rooms.read(viewer, room_id, fresh=True)
        require_leader(room, member_id)
        return room

    async def _good(self, room_id: str) -> list[RoomInvite]:
        return await self._store.room_invites.find(
            {"room_id": room_id, "expires_at": {"$gt": self._clock.now()}},
            sort=[("created_at", -1)],
            limit=INVITES_LIMIT,
        )


def no_such_invitation() -> NotFound:
    """The one answer to every link that is not good."""
    return NotFound("This invitation is not good, or not any more.", field="token")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
