"""Taking a line out of a room's chat, and putting it back: what moderation does there.

Owns how those who have the room open come to see it: the room gets a new epoch, so that they are told it as a whole.
Refuses to know why. Answers no viewer's request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from services.clock import Clock
from services.errors import NotFound
from services.rooms.bounds import CHAT_LIMIT
from services.rooms.desk import RoomDesk
from services.rooms.pace import Moment
from storage.records.room import Room, RoomLine


class ChatCleaning:
    """Single lines, by their room and id."""

    def __init__(self, clock: Clock, desk: RoomDesk) -> None:
        self._clock = clock
        self._desk = desk

    async def line(self, room_id: str, line_id: str) -> dict[str, Any]:
        """The line's fields; none when it is not there."""
        try:
            room = await self._desk.read(room_id, fresh=True)
        except NotFound:
            return {}
        return next((asdict(line) for line in room.chat if line.id == line_id), {})

    async def take_out(self, room_id: str, line_id: str) -> None:
        """The chat without that line; no difference when it is not there."""

        def without(room: Room, moment: Moment) -> Room:
            kept = [line for line in room.chat if line.id != line_id]
            return room if len(kept) == len(room.chat) else self._retold(room, kept)

        await self._change(room_id, without)

    async def put_back(self, room_id: str, fields: Mapping[str, Any]) -> None:
        """The chat with that line where it stood in time; no difference when it is there, or fell off its end."""
        if not fields:
            return
        line = RoomLine(**fields)

        def within(room: Room, moment: Moment) -> Room:
            if any(each.id == line.id for each in room.chat):
                return room
            lines = sorted([*room.chat, line], key=lambda each: (each.at_ms, each.id))[-CHAT_LIMIT:]
            return self._retold(room, lines)

        await self._change(room_id, within)

    def _retold(self, room: Room, chat: list[RoomLine]) -> Room:
        # Patches only add lines, and the kept ones hold the words: a new epoch tells everybody the whole room.
        return replace(room, chat=chat, epoch=self._clock.new_id())

    async def _change(self, room_id: str, step: Any) -> None:
        try:
            await self._desk.change(room_id, step)
        except NotFound:
            return  # The room is over and swept.
