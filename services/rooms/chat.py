"""What members say to each other: the last 200 lines. Pure."""

from __future__ import annotations

from dataclasses import replace

from services.errors import Denied, Invalid
from services.rooms.bounds import CHAT_LIMIT, LINE_CHARACTERS
from services.rooms.pace import Moment
from services.rooms.rights import member_of
from services.typed_text import read_prose, says_something
from storage.records.room import Room, RoomLine


def say(room: Room, moment: Moment, member_id: str, line_id: str, text: str) -> Room:
    """One line more, of up to 500 characters. Denied (CHAT_OFF) where there is no chat."""
    member = member_of(room, member_id)
    if not room.settings.chat:
        raise Denied("There is no chat in this room.", code="CHAT_OFF")
    plain = read_prose(text, "text", "A line", LINE_CHARACTERS)
    if not says_something(plain):
        raise Invalid("A line needs words.", field="text")
    if any(line.id == line_id for line in room.chat):
        return room
    line = RoomLine(id=line_id, member_id=member_id, name=member.name, text=plain, at_ms=moment.now_ms)
    return replace(room, chat=[*room.chat, line][-CHAT_LIMIT:])
