"""Whoever follows players, people or rooms through GraphQL has the app open, so they are counted as being here.

Owns which feeds count: those that show on a player's screen. News of the account, of a playlist or of an upload may be
followed by a device that lies in a pocket, and count for nothing. Refuses to know how people are counted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

from graph.feeds import Feeds
from services.presence.streams import StreamAttendance
from services.viewer import Viewer

Open = Callable[..., Awaitable[AsyncIterator[Any]]]


def attended(feeds: Feeds, attendance: StreamAttendance) -> Feeds:
    """The same feeds, for doors whose clients are not counted by themselves."""

    def counted(open_source: Open) -> Open:
        async def open_counted(viewer: Viewer, *about: Any) -> AsyncIterator[Any]:
            source = await open_source(viewer, *about)
            if viewer.user_id is None:
                return source
            return await AttendedSource(source, viewer.user_id, attendance).begin()

        return open_counted

    return replace(
        feeds,
        now_playing=counted(feeds.now_playing),
        queue=counted(feeds.queue),
        devices=counted(feeds.devices),
        room=counted(feeds.room),
        presence=counted(feeds.presence),
        friends=counted(feeds.friends),
    )


class AttendedSource:
    """A source whose listener is here while it is open. One that is dropped unclosed counts no more either."""

    _is_open = False

    def __init__(self, source: AsyncIterator[Any], user_id: str, attendance: StreamAttendance) -> None:
        self._source = source
        self._user_id = user_id
        self._attendance = attendance

    def __aiter__(self) -> AttendedSource:
        return self

    def __del__(self) -> None:
        if self._is_open:
            self._attendance.lose(self._user_id)

    async def begin(self) -> AttendedSource:
        """Be counted."""
        self._is_open = True
        try:
            await self._attendance.begin(self._user_id)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __anext__(self) -> Any:
        """The source's next."""
        return await anext(self._source)

    async def aclose(self) -> None:
        """Stop listening, and be counted no more."""
        was_open, self._is_open = self._is_open, False
        try:
            close = getattr(self._source, "aclose", None)
            if close is not None:
                await close()
        finally:
            if was_open:
                await self._attendance.end(self._user_id)
