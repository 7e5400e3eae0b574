"""Guests: people without an account whom a link lets into one room, and whose pass opens nothing else.

Owns the pass (signed, good for 12 hours, worth nothing once its guest is no member), and for how long a guest's ticket
for a song is good. Refuses to know sockets and HTTP; a guest's viewer is nobody at every other door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.accounts.tickets import Ticket, Tickets
from services.clock import Clock
from services.errors import Invalid, NotFound, Unauthenticated
from services.rooms import members
from services.rooms.bounds import GUEST_HOURS, MEMBER_CHARACTERS
from services.rooms.desk import RoomDesk
from services.rooms.invites import RoomInvites, no_such_invitation
from services.rooms.playing import in_earshot
from services.rooms.rights import RoomRole, find
from services.rooms.rooms import HTTP_SEAT
from services.rooms.watching import RoomWatch
from services.typed_text import read_plain, says_something
from services.viewer import Viewer
from storage.records.room import Room

PREFIX = "guest:"


@dataclass(frozen=True, slots=True)
class GuestPass:
    """A guest who came in: the room, who they are there, and the token that `hello` takes."""

    room: Room
    guest_id: str
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        # Tokens never reach a log through this.
        return f"GuestPass(guest_id={self.guest_id!r})"


class RoomGuests:
    """Lets guests in and knows them again."""

    def __init__(
        self,
        clock: Clock,
        tickets: Tickets,
        desk: RoomDesk,
        invites: RoomInvites,
        watch: RoomWatch,
    ) -> None:
        self._clock = clock
        self._passes = tickets.for_purpose(b"room guest", lifetime_s=GUEST_HOURS * 3600)
        self._desk = desk
        self._invites = invites
        self._watch = watch

    async def join(self, token: str, name: str) -> GuestPass:
        """Come in by a link, under a name of 1 to 50 characters. NotFound for a link that is not good, or where the
        room takes no guests."""
        plain = read_plain(name, "name", "A name", MEMBER_CHARACTERS)
        if not says_something(plain):
            raise Invalid("Say who you are.", field="name")
        invite = await self._invites.find(token)
        guest_id = f"{PREFIX}{invite.room_id}:{self._clock.new_id()}"

        await self._watch.stay_awhile(invite.room_id, guest_id, HTTP_SEAT)
        try:
            room = await self._desk.change(
                invite.room_id,
                lambda room, now: members.join(room, now, guest_id, plain, guest=True, invite_id=invite.id),
            )
        except NotFound:
            raise no_such_invitation() from None
        signed = self._passes.issue(user_id=guest_id, session_id=invite.id, song_id=room.id, quality="")
        expires_at = self._clock.now() + timedelta(hours=GUEST_HOURS)
        return GuestPass(room, guest_id, f"{room.id}.{signed}", expires_at)

    async def viewer_for(self, token: str) -> Viewer:
        """The guest a pass stands for. Unauthenticated when it is not ours, has run out, or its guest is no member of
        an open room any more."""
        room_id, _, signed = token.partition(".")
        try:
            ticket = self._passes.open(signed, room_id)
        except Unauthenticated:
            raise _not_good() from None
        await self._room_of(ticket.user_id, room_id)
        expires_at = self._clock.now() + timedelta(milliseconds=ticket.expires_ms - self._clock.epoch_ms())
        return _guest(ticket.user_id, room_id, expires_at)

    async def viewer_of_ticket(self, ticket: Ticket) -> Viewer:
        """The guest behind a song's ticket, as long as they are in the room and the song plays there, just did or is
        among the next two. Unauthenticated otherwise."""
        room_id = ticket.user_id.removeprefix(PREFIX).partition(":")[0]
        room = await self._room_of(ticket.user_id, room_id)
        if all(item.song_id != ticket.song_id for item in in_earshot(room)):
            raise _not_good()
        return _guest(ticket.user_id, room_id, None)

    async def _room_of(self, guest_id: str, room_id: str) -> Room:
        try:
            room = await self._desk.read(room_id)
        except NotFound:
            raise _not_good() from None
        member = find(room, guest_id)
        if room.closed or member is None or member.role != RoomRole.GUEST:
            raise _not_good()
        return room


def is_guest_ticket(ticket: Ticket) -> bool:
    """Whether a ticket is a guest's: then `viewer_of_ticket` says whose."""
    return ticket.user_id.startswith(PREFIX)


def _guest(guest_id: str, room_id: str, expires_at: datetime | None) -> Viewer:
    return Viewer(guest_id=guest_id, room_id=room_id, session_id=guest_id, expires_at=expires_at)


def _not_good() -> Unauthenticated:
    return Unauthenticated("This pass is not good, or not any more.", code="TOKEN_INVALID")
