"""Asking people into a room by name: who may be asked, that they hear of it, and coming in.

Owns which accounts there are for whoever asks. Refuses to know the rules of a room (`invited.py`) and how a
notification travels.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.accounts.people_access import PeopleAccess
from services.errors import Invalid, TooLarge
from services.events import Bus, RoomInvited
from services.rooms import invited
from services.rooms.bounds import INVITE_HOURS, INVITED_AT_ONCE, LONGEST_INVITE_HOURS
from services.rooms.desk import RoomDesk
from services.rooms.pace import Moment
from services.rooms.rights import LEADERS, find, require_leader
from services.rooms.rooms import PLAIN, Operation, Rooms, member_id_in, member_in
from services.viewer import Role, Viewer
from storage.records.room import Room, RoomInvitation

HOUR_MS = 3_600_000.0


class RoomInvitations:
    """Invitations of people who have an account. Each opens the room once."""

    def __init__(self, bus: Bus, people: PeopleAccess, desk: RoomDesk, rooms: Rooms) -> None:
        self._bus = bus
        self._people = people
        self._desk = desk
        self._rooms = rooms

    async def invite(
        self, viewer: Viewer, room_id: str, user_ids: Sequence[str], hours: int | None = None, op: Operation = PLAIN
    ) -> Room:
        """Ask 1 to 50 people in for 1 to 168 hours (24 unless told). For host and co-hosts.

        NotFound when one of them is absent, suspended, banned here, or has a profile that is closed to the viewer.
        """
        me, hours = member_in(viewer, room_id), INVITE_HOURS if hours is None else hours
        if not 1 <= hours <= LONGEST_INVITE_HOURS:
            raise Invalid(f"expiresInHours must be from 1 to {LONGEST_INVITE_HOURS}.", field="expiresInHours")
        wanted = list(dict.fromkeys(user_ids))
        if not wanted:
            raise Invalid("Name somebody.", field="userIds")
        if len(wanted) > INVITED_AT_ONCE:
            raise TooLarge(f"At most {INVITED_AT_ONCE} people are asked at once.", field="userIds")
        viewer.require_proven()
        # Rights first: who may not ask learns nothing of who there is.
        before = await self._rooms.read(viewer, room_id, fresh=True)
        require_leader(before, me)
        there = await self._people.standing_many(wanted)
        shown = await self._people.open_among(viewer, list(there))
        if len(shown) < len(wanted):
            raise invited.no_such_person()
        room = await self._rooms.act(
            viewer,
            room_id,
            lambda room, now: invited.ask_in(room, now, me, wanted, now.now_ms + hours * HOUR_MS),
            op,
        )
        for user_id in {each.user_id for each in room.invited} & set(wanted):
            self._bus.publish(RoomInvited(room.id, user_id, me))
        return room

    async def take_back(self, viewer: Viewer, room_id: str, user_ids: Sequence[str], op: Operation = PLAIN) -> Room:
        """Ask people in no more. For host and co-hosts."""
        me, taken = member_in(viewer, room_id), frozenset(user_ids)
        return await self._rooms.act(viewer, room_id, lambda room, now: invited.take_back(room, me, taken), op)

    async def join(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """Come back into a room, or in by one's invitation. NotFound without either."""
        member_id = member_in(viewer, room_id)
        room = await self._desk.read(room_id)
        if find(room, member_id) is not None or viewer.user_id is None:
            return await self._rooms.return_to(viewer, room_id, op)
        moment = await self._desk.moment(room_id)
        # Before a seat is taken, and on what is remembered: who was not asked costs the house little.
        invited.come(room, moment, member_id, "")
        user_id = viewer.require(Role.LISTENER)

        def step(room: Room, moment: Moment, name: str) -> Room:
            return invited.come(room, moment, user_id, name)

        return await self._rooms.come(viewer, room_id, step, op)

    async def shown(self, viewer: Viewer, room: Room) -> list[RoomInvitation]:
        """Who was asked and has not come; for host and co-hosts, nothing for the others."""
        me = find(room, member_id_in(viewer, room.id))
        if me is None or me.role not in LEADERS or room.closed:
            return []
        return invited.good(room, await self._desk.moment(room.id))
