"""Following a room: whoever follows sits in it, until they let go.

Owns the seat of a follower. Refuses to know how news travels (`state_news.py`) and what is made of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from realtime.state_news import StateNews
from services.errors import TuttiError
from services.rooms.rooms import Rooms
from services.rooms.watching import RoomWatch
from services.viewer import Viewer
from storage.records.room import Room


class RoomFeed:
    """Keeps `graph.feeds.StateFeed`."""

    def __init__(self, rooms: Rooms, watch: RoomWatch, news: StateNews[Room]) -> None:
        self._rooms = rooms
        self._watch = watch
        self._news = news

    async def __call__(self, viewer: Viewer, id: str) -> AsyncIterator[Room]:
        """The room now, then after each change. NotFound for all but its members."""
        source = SeatedSource(self._rooms, viewer, id, await self._news(viewer, id))
        try:
            await source.sit(self._watch.seat_of(source))
        except BaseException:
            await source.aclose()
            raise
        return source


class SeatedSource:
    """One follower of one room. Ends as reading ends: NotFound when the viewer is no member any more."""

    def __init__(self, rooms: Rooms, viewer: Viewer, room_id: str, states: AsyncIterator[Room]) -> None:
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

    async def sit(self, seat: str) -> None:
        """Be there from now on."""
        self._seat = seat
        await self._rooms.sit(self._viewer, self._room_id, seat)

    async def aclose(self) -> None:
        """Listen no more, and get up."""
        close = getattr(self._states, "aclose", None)
        if close is not None:
            await close()
        seat, self._seat = self._seat, None
        if seat is not None:
            # The room may be gone, or have shown the viewer out: then there is nobody to get up.
            with contextlib.suppress(TuttiError):
                await self._rooms.stand_up(self._viewer, self._room_id, seat)
