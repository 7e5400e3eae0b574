"""What members do in a room: the queue, the music, the chat, roles and choices; each a step of the reducer.

Owns nothing but the way from a viewer to a step. Refuses to know stores and sockets.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from services.attention import Attention, Posted
from services.clock import Clock
from services.errors import Invalid
from services.rooms import chat, choosing, items, members, playing
from services.rooms.bounds import LINE_CHARACTERS
from services.rooms.choosing import Choices
from services.rooms.losses import RoomLosses
from services.rooms.rights import RoomRole
from services.rooms.rooms import PLAIN, Operation, Rooms, member_in
from services.rooms.watching import RoomWatch
from services.viewer import Viewer
from storage.records.room import Room


class RoomAction(StrEnum):
    """What can be done with the music."""

    PLAY = "play"
    PAUSE = "pause"
    SEEK = "seek"
    NEXT = "next"
    JUMP = "jump"
    VOTE_TO_SKIP = "vote_to_skip"


class RoomActs:
    """Each method gives the room afterwards. NotFound for all but members; Denied, Conflict and Stale as it comes."""

    def __init__(
        self, clock: Clock, rooms: Rooms, watch: RoomWatch, losses: RoomLosses, attention: Attention | None = None
    ) -> None:
        self._clock = clock
        self._rooms = rooms
        self._watch = watch
        self._losses = losses
        self._attention = attention or Attention()

    async def add(
        self, viewer: Viewer, room_id: str, song_ids: Sequence[str], before_id: str | None, op: Operation = PLAIN
    ) -> Room:
        """Put 1 to 100 songs into the queue. NotFound for songs that the viewer may not see."""
        member_id = member_in(viewer, room_id)
        await self._rooms.read(viewer, room_id)
        new = await self._rooms.new_items(viewer, song_ids)
        if not new:
            raise Invalid("Name a song.", field="songIds")
        return await self._rooms.act(viewer, room_id, lambda room, now: items.add(room, member_id, new, before_id), op)

    async def move(
        self, viewer: Viewer, room_id: str, item_id: str, before_id: str | None, op: Operation = PLAIN
    ) -> Room:
        """Put an item before another one."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: items.move(room, me, item_id, before_id), op)

    async def remove(self, viewer: Viewer, room_id: str, item_ids: Sequence[str], op: Operation = PLAIN) -> Room:
        """Take items out of the queue."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: items.remove(room, me, frozenset(item_ids)), op)

    async def vote(self, viewer: Viewer, room_id: str, item_id: str, up: bool, op: Operation = PLAIN) -> Room:
        """Be for an item, or not any more."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: items.vote(room, me, item_id, up), op)

    async def vote_to_skip(self, viewer: Viewer, room_id: str, item_id: str, op: Operation = PLAIN) -> Room:
        """Be for leaving the current song."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(
            viewer, room_id, lambda room, now: playing.vote_to_skip(room, now, me, item_id), op
        )

    async def play(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """Go on."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(
            viewer, room_id, lambda room, now: playing.play(room, now, me), op, about_playing=True
        )

    async def pause(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """Stand still."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(
            viewer, room_id, lambda room, now: playing.pause(room, now, me), op, about_playing=True
        )

    async def seek(self, viewer: Viewer, room_id: str, position_ms: float, op: Operation = PLAIN) -> Room:
        """Be elsewhere in the song."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(
            viewer, room_id, lambda room, now: playing.seek(room, now, me, position_ms), op, about_playing=True
        )

    async def skip(self, viewer: Viewer, room_id: str, op: Operation = PLAIN) -> Room:
        """On to the next song."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(
            viewer, room_id, lambda room, now: playing.skip(room, now, me), op, about_playing=True
        )

    async def jump(self, viewer: Viewer, room_id: str, item_id: str, op: Operation = PLAIN) -> Room:
        """On to this song."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(
            viewer, room_id, lambda room, now: playing.jump(room, now, me, item_id), op, about_playing=True
        )

    async def control(
        self,
        viewer: Viewer,
        room_id: str,
        action: RoomAction,
        op: Operation = PLAIN,
        *,
        position_ms: float | None = None,
        item_id: str | None = None,
    ) -> Room:
        """One of the above by its name. Invalid when it lacks what it needs."""
        match action:
            case RoomAction.PLAY:
                return await self.play(viewer, room_id, op)
            case RoomAction.PAUSE:
                return await self.pause(viewer, room_id, op)
            case RoomAction.NEXT:
                return await self.skip(viewer, room_id, op)
            case RoomAction.SEEK:
                if position_ms is None:
                    raise Invalid("Say where to.", field="positionMs")
                return await self.seek(viewer, room_id, position_ms, op)
        if item_id is None:
            raise Invalid("Name the item.", field="itemId")
        act = self.jump if action == RoomAction.JUMP else self.vote_to_skip
        return await act(viewer, room_id, item_id, op)

    async def ready(self, viewer: Viewer, room_id: str, item_id: str, op: Operation = PLAIN) -> Room:
        """The viewer's player holds this item's sound."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: members.set_ready(room, me, item_id), op)

    async def unheard(self, viewer: Viewer, room_id: str, item_id: str, op: Operation = PLAIN) -> Room:
        """The viewer's player gets no sound for an item that plays or is about to. The house tries it itself: only what
        it cannot decode either is passed over."""
        member_in(viewer, room_id)
        room = await self._rooms.read(viewer, room_id)
        item = items.item_of(room, item_id)
        if item.gone or item not in playing.in_earshot(room):
            return room
        loss = await self._losses.closely(item.song_id)
        if loss is None:
            return room
        lost = {item.song_id: loss.value}
        return await self._rooms.act(viewer, room_id, lambda room, now: items.mark_gone(room, lost), op)

    async def set_quality(self, viewer: Viewer, room_id: str, quality: str | None, op: Operation = PLAIN) -> Room:
        """The quality that the viewer wants to hear this room in."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: members.set_quality(room, me, quality), op)

    async def say(self, viewer: Viewer, room_id: str, text: str, op: Operation = PLAIN) -> Room:
        """A line in the chat."""
        if viewer.signed_in:
            viewer.require_proven()
        me, line_id = member_in(viewer, room_id), self._clock.new_id()
        self._attention.refuse("text", text[:LINE_CHARACTERS])
        said = await self._rooms.act(viewer, room_id, lambda room, now: chat.say(room, now, me, line_id, text), op)
        self._attention.note(Posted("room_message", line_id, me, room_id, texts=(text[:LINE_CHARACTERS],)))
        return said

    async def choose(self, viewer: Viewer, room_id: str, choices: Choices, op: Operation = PLAIN) -> Room:
        """The host's choices."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: choosing.choose(room, me, choices), op)

    async def set_role(
        self, viewer: Viewer, room_id: str, member_id: str, role: RoomRole, op: Operation = PLAIN
    ) -> Room:
        """Make somebody host, co-host or member."""
        me = member_in(viewer, room_id)
        return await self._rooms.act(viewer, room_id, lambda room, now: members.set_role(room, me, member_id, role), op)

    async def show_out(
        self, viewer: Viewer, room_id: str, member_id: str, *, ban: bool = False, op: Operation = PLAIN
    ) -> Room:
        """Show somebody out; `ban`: for good."""
        me = member_in(viewer, room_id)
        room = await self._rooms.act(
            viewer, room_id, lambda room, now: members.remove(room, me, member_id, ban=ban), op
        )
        await self._watch.vacate(room_id, member_id)
        return room
