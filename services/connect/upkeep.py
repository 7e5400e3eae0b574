"""Goes on for devices that fell silent: a song's end that nobody told, thirty seconds after it.

Owns how far that goes: three songs in a row, then the music stands still (docs/decisions/0032). Nothing enters the
ledger for it, for nobody knows that it was heard. Refuses to know the reducer's rules.
"""

from __future__ import annotations

from services.connect.desk import QueueDesk
from services.connect.operations import Ended, Operation, Passing
from services.connect.reducer import coming, current_of
from services.connect.sources import QueueSources
from services.errors import Conflict
from services.timing.house_time import HouseTime
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.play_queue import PlayQueue

AT_ONCE = 200
LOOK_AHEAD = 50


class QueueUpkeep:
    """A periodic job's work."""

    def __init__(self, store: Store, desk: QueueDesk, sources: QueueSources, house_time: HouseTime) -> None:
        self._store = store
        self._desk = desk
        self._sources = sources
        self._house_time = house_time

    async def advance_silent(self) -> int:
        """Bring at most 200 queues one song further; how many. Safe to run twice."""
        now_ms = self._house_time.now_ms()
        moved = 0
        for user_id in await self._store.play_queues.due(now_ms, limit=AT_ONCE):
            try:
                before, result = await self._desk.change(user_id, self._over)
            except Conflict:
                # Somebody is busy with it, so its device is not silent.
                continue
            moved += result.queue is not before
        return moved

    async def _over(self, queue: PlayQueue, at_ms: float) -> Operation | None:
        if queue.current_id is None or queue.due_ms is None or queue.due_ms > at_ms:
            return None
        user = await self._store.users.get(queue.id)
        explicit = user is not None and user.preferences.explicit_content
        viewer = Viewer(queue.id, explicit_content=explicit)
        # The current one too: it begins again where one is repeated.
        ahead = [item.song_id for item in (current_of(queue), *coming(queue, LOOK_AHEAD)) if item is not None]
        hidden = await self._sources.hidden(viewer, ahead)
        return Ended(queue.current_id, Passing(hidden), silent=True)
