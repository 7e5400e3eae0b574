"""Looks after queues when nobody does: songs' ends that nobody told, and playings that did not get to the ledger.

Owns how far the first goes: three songs in a row, thirty seconds after each end, then the music stands still
(docs/decisions/0032). Nothing enters the ledger for it, for nobody knows that it was heard; and for somebody who is
suspended nothing plays on. Refuses to know the reducer's rules.
"""

from __future__ import annotations

from contextlib import suppress

from services.connect.desk import QueueDesk
from services.connect.hearing import Hearing
from services.connect.operations import Ended, Operation, Passing, Pause, Resume
from services.connect.playing import AHEAD_MS, coming, current_of
from services.connect.sources import QueueSources
from services.errors import Conflict
from services.timing.house_time import HouseTime
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.play_queue import PlayQueue

AT_ONCE = 200
LOOK_AHEAD = 50
WAIT_MS = 30_000.0
"""What was heard is left to the process that knows of it for so long."""


class QueueUpkeep:
    """A periodic job's work."""

    def __init__(
        self, store: Store, desk: QueueDesk, sources: QueueSources, hearing: Hearing, house_time: HouseTime
    ) -> None:
        self._store = store
        self._desk = desk
        self._sources = sources
        self._hearing = hearing
        self._house_time = house_time

    async def advance_silent(self) -> int:
        """Bring at most 200 queues one song further; how many. Safe to run twice."""
        now_ms = self._house_time.now_ms()
        moved = 0
        for user_id in await self._store.play_queues.ahead(now_ms + AHEAD_MS, limit=AT_ONCE):
            # The house's clock was turned back since: any step brings the song to the present.
            with suppress(Conflict):
                await self._desk.change(user_id, _as_it_is)
        for user_id in await self._store.play_queues.due(now_ms, limit=AT_ONCE):
            try:
                before, result = await self._desk.change(user_id, self._over)
            except Conflict:
                # Somebody is busy with it, so its device is not silent.
                continue
            moved += result.queue is not before
        return moved

    async def record_left(self) -> int:
        """Bring to the ledger what at most 200 queues still have from a process that died; how many queues."""
        brought = 0
        waited_since = self._house_time.now_ms() - WAIT_MS
        for user_id in await self._store.play_queues.unrecorded(waited_since, limit=AT_ONCE):
            queue = await self._desk.read(user_id)
            await self._hearing.over(await self._owner(user_id), queue, queue.unrecorded)
            brought += 1
        return brought

    async def _over(self, queue: PlayQueue, at_ms: float) -> Operation | None:
        if queue.current_id is None or queue.due_ms is None or queue.due_ms > at_ms:
            return None
        user = await self._store.users.get(queue.id)
        if user is None or user.is_suspended:
            return Pause()
        viewer = await self._owner(queue.id)
        # The current one too: it begins again where one is repeated.
        ahead = [item.song_id for item in (current_of(queue), *coming(queue, LOOK_AHEAD)) if item is not None]
        hidden = await self._sources.hidden(viewer, ahead)
        return Ended(queue.current_id, Passing(hidden), silent=True)

    async def _owner(self, user_id: str) -> Viewer:
        user = await self._store.users.get(user_id)
        return Viewer(user_id, explicit_content=user is not None and user.preferences.explicit_content)


async def _as_it_is(queue: PlayQueue, _: float) -> Operation | None:
    return Resume() if queue.anchor.playing else None
