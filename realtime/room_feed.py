"""Following a room: whoever follows sits in it, until they let go.

Owns the seat of a follower. Refuses to know how news travels (`state_news.py`) and what is made of it.
"""

from __future__ import annotations

import contextlib

from realtime.room_sights import RoomSights
from realtime.state_news import StateNews, StateSource
from services.errors import TuttiError
from services.rooms.rooms import Rooms
from services.rooms.watching import RoomWatch
from services.viewer import Viewer
from storage.records.room import Room


class RoomFeed:
    """Keeps `graph.feeds.StateFeed`."""

    def __init__(self, rooms: Rooms, watch: RoomWatch, news: StateNews[Room], sights: RoomSights) -> None:
        self._rooms = rooms
        self._watch = watch
        self._news = news
        self._sights = sights

    async def __call__(self, viewer: Viewer, id: str) -> SeatedSource:
        """The room now, then after each change. NotFound for all but its members."""
        source = SeatedSource(self._rooms, viewer, id, await self._news(viewer, id), self._sights)
        try:
            await source.sit(self._watch.seat_of(source))
        except BaseException:
            await source.aclose()
            raise
        return source


class SeatedSource:
    """One follower of one room. Ends as reading ends: NotFound when the viewer is no member any more."""

    def __init__(
        self, rooms: Rooms, viewer: Viewer, room_id: str, states: StateSource[Room], sights: RoomSights
    ) -> None:
        self._sights = sights
        self.is_seen_anew = False
        """Whether the follower may see something else since the last state given; whoever reads it resets it."""
        if viewer.user_id is not None:
            sights.add(viewer.user_id, self)
        self._rooms = rooms
        self._viewer = viewer
        self._room_id = room_id
        self._states = states
        self._seat: str | None = None

    def __aiter__(self) -> SeatedSource:
        return self

    async def __anext__(self) -> Room:
        """The next state."""
        return await anext(self._states)

    def look_again(self) -> None:
        """The follower's account changed."""
        self.is_seen_anew = True
        self._states.look_again()

    async def sit(self, seat: str) -> None:
        """Be there from now on."""
        self._seat = seat
        await self._rooms.sit(self._viewer, self._room_id, seat)

    async def aclose(self) -> None:
        """Listen no more, and get up."""
        if self._viewer.user_id is not None:
            self._sights.discard(self._viewer.user_id, self)
        await self._states.aclose()
        seat, self._seat = self._seat, None
        if seat is not None:
            # The room may be gone, or have shown the viewer out: then there is nobody to get up.
            with contextlib.suppress(TuttiError):
                await self._rooms.stand_up(self._viewer, self._room_id, seat)
