"""Who was asked by name into a room: by its host and co-hosts, until they come, it is taken back or time is over.

Pure. Refuses to know who may be asked and how they hear of it (`invitations.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from services.errors import NotFound, TooLarge
from services.rooms.bounds import INVITED_LIMIT
from services.rooms.members import join
from services.rooms.pace import Moment
from services.rooms.rights import find, no_such_room, require_leader
from storage.records.room import Room, RoomInvitation


def ask_in(room: Room, moment: Moment, by_id: str, user_ids: Sequence[str], until_ms: float) -> Room:
    """Invite these people until `until_ms`; members stay what they are, who was asked already is asked for longer.

    For host and co-hosts. NotFound for who was banned; TooLarge (TOO_MANY_INVITES) beyond 100 who have not come.
    """
    require_leader(room, by_id)
    if any(user_id in room.banned for user_id in user_ids):
        raise no_such_person()
    asked = {user_id for user_id in user_ids if find(room, user_id) is None}
    kept = [each for each in good(room, moment) if each.user_id not in asked]
    new = [RoomInvitation(user_id, by_id, until_ms) for user_id in user_ids if user_id in asked]
    if len(kept) + len(new) > INVITED_LIMIT:
        raise TooLarge(f"At most {INVITED_LIMIT} people are asked at a time.", code="TOO_MANY_INVITES", field="userIds")
    return replace(room, invited=[*kept, *new]) if new else room


def take_back(room: Room, by_id: str, user_ids: Collection[str]) -> Room:
    """Invite these people no more; those who came stay, those who were not asked are no matter."""
    require_leader(room, by_id)
    kept = [each for each in room.invited if each.user_id not in user_ids]
    return room if len(kept) == len(room.invited) else replace(room, invited=kept)


def come(room: Room, moment: Moment, user_id: str, name: str) -> Room:
    """Come in by one's invitation, which is used up then. NotFound without one that is good."""
    if room.closed or all(each.user_id != user_id for each in good(room, moment)):
        raise no_such_room()
    left = [each for each in room.invited if each.user_id != user_id]
    return join(replace(room, invited=left), moment, user_id, name)


def good(room: Room, moment: Moment) -> list[RoomInvitation]:
    """The invitations that still open the room."""
    return [each for each in room.invited if each.until_ms > moment.now_ms]


def no_such_person() -> NotFound:
    """The one answer for people who are absent, not to be seen, and banned here."""
    return NotFound("There is no such person.", field="userIds")
