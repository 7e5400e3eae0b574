"""Lines of a room's chat as things that can be reported: named by the line's id and the room's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.errors import Invalid, NotFound
from services.moderation.subjects.subject import Subject, facts_of
from services.rooms.chat_cleaning import ChatCleaning
from services.rooms.rights import RoomRole, find
from services.rooms.rooms import Rooms
from services.typed_text import is_id
from services.viewer import Viewer


class MessageSubject:
    """One line. Only who is in the room reports it; a moderator need not be."""

    def __init__(self, rooms: Rooms, cleaning: ChatCleaning) -> None:
        self._rooms = rooms
        self._cleaning = cleaning

    async def seen(self, viewer: Viewer, id: str, place_id: str | None) -> Subject:
        """The line. Invalid without its room; NotFound for all who are not in it."""
        if place_id is None:
            raise Invalid("Name the room of the message.", field="roomId")
        room = await self._rooms.read(viewer, place_id)
        line = next((line for line in room.chat if line.id == id), None) if is_id(id) else None
        if line is None:
            raise NotFound("There is no such message.")
        member = find(room, line.member_id)
        is_guest = member is not None and member.role == RoomRole.GUEST
        facts = facts_of(text=line.text, by=line.name, room=room.name)
        return Subject(None if is_guest else line.member_id, "a message in a room", facts)

    async def before_hiding(self, id: str, place_id: str | None) -> dict[str, Any]:
        """The line as it stands."""
        return await self._cleaning.line(place_id or "", id)

    async def hide(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """Taken out, also for those who have the room open."""
        await self._cleaning.take_out(place_id or "", id)

    async def restore(self, by: Viewer, id: str, place_id: str | None, undo: Mapping[str, Any]) -> None:
        """Back at its place, while the room is there."""
        await self._cleaning.put_back(place_id or "", undo)

    async def remove(self, by: Viewer, id: str, place_id: str | None, why: str) -> None:
        """As hiding; nothing is kept."""
        await self.hide(by, id, place_id, why)
