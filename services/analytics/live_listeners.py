"""Who listens at this moment, as counts for admins; who hears what only of those who show it to the viewer.

Owns how often it is counted. Refuses to know how the news of other processes comes here: `NowPlaying` has it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from services.now_playing import NowPlaying, NowPlayingMoment
from services.viewer import Role, Viewer
from storage.collections.store import Store

EVERY_S = 5.0
_PAGE = 1000
COUNTED = 20_000
"""So many are told apart by quality and source; beyond that only the count is exact."""
SHOWN = 20


@dataclass(slots=True)
class LiveCount:
    """How many of those who listen have this quality, or this source."""

    name: str
    listeners: int


@dataclass(slots=True)
class LiveListeners:
    """Those who listen now. `visible` are the first twenty who show the viewer what they play."""

    count: int = 0
    qualities: list[LiveCount] = field(default_factory=list)
    sources: list[LiveCount] = field(default_factory=list)
    visible: list[NowPlayingMoment] = field(default_factory=list)


class LiveListening:
    """The present of the house, all processes of it."""

    def __init__(self, store: Store, now_playing: NowPlaying, *, every_s: float = EVERY_S) -> None:
        self._store = store
        self._now_playing = now_playing
        self._every_s = every_s

    async def read(self, viewer: Viewer) -> LiveListeners:
        """The counts now; two store commands for each thousand listeners. Denied for all but admins.

        Quality is what a listener asks for in their settings, source what their queue plays from; `other` has those
        without a queue. Private sessions are in none of it.
        """
        viewer.require(Role.ADMIN)
        playing = self._now_playing.everybody()
        qualities: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        ids = [moment.user_id for moment in playing[:COUNTED]]
        for start in range(0, len(ids), _PAGE):
            part = ids[start : start + _PAGE]
            users, queues = await self._store.users.get_many(part), await self._store.play_queues.get_many(part)
            for id in part:
                user, queue = users.get(id), queues.get(id)
                qualities[user.preferences.audio_quality if user is not None else "unknown"] += 1
                sources[queue.context.kind if queue is not None and queue.context is not None else "other"] += 1
            await asyncio.sleep(0)
        visible = []
        for moment in playing[:SHOWN]:
            if await self._now_playing.may_hear(viewer, moment.user_id):
                visible.append(moment)
        return LiveListeners(len(playing), _counts(qualities), _counts(sources), visible)

    async def changes(self, viewer: Viewer) -> AsyncIterator[LiveListeners]:
        """The counts now, then whenever they differ, looked at every five seconds."""
        viewer.require(Role.ADMIN)
        return self._changes(viewer)

    async def _changes(self, viewer: Viewer) -> AsyncIterator[LiveListeners]:
        told: LiveListeners | None = None
        while True:
            now = await self.read(viewer)
            if now != told:
                told = now
                yield now
            await asyncio.sleep(self._every_s)


def _counts(counter: Counter[str]) -> list[LiveCount]:
    return [LiveCount(name, count) for name, count in sorted(counter.items(), key=lambda each: (-each[1], each[0]))]
