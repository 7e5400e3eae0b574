"""What a queue's playing tells the ledger and those who may know what plays now.

Owns that a playing is recorded once: also when its player reports it too, and when this process dies between the queue
and the ledger. Refuses to know operations.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from services.clock import Clock
from services.connect.playing import current_of
from services.entitlements.places import PlayingPlaces
from services.errors import Invalid, NotFound, Unavailable
from services.listening.plays import MS_PLAYED_LIMIT, Plays, PlaySource
from services.listening.same_playing import told_by_player
from services.now_playing import NowPlaying
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import EngineAway
from storage.records.play_queue import PlayQueue, QueueHeard

log = logging.getLogger("tutti.connect")

_SOURCES = {each.value: each for each in PlaySource}


class Hearing:
    """Carries what was heard from queues to the ledger."""

    def __init__(
        self, store: Store, clock: Clock, plays: Plays, now_playing: NowPlaying, places: PlayingPlaces
    ) -> None:
        self._store = store
        self._clock = clock
        self._plays = plays
        self._now_playing = now_playing
        self._places = places

    async def over(self, viewer: Viewer, queue: PlayQueue, heard: Sequence[QueueHeard]) -> None:
        """Record playings that are over, of those that `queue` has on the way to the ledger.

        The queue forgets them when all are recorded and nothing happened to it meanwhile; what it still has, because
        this process ended or the store was away, `QueueUpkeep` brings later. A repetition counts nothing twice.
        """
        try:
            for each in heard:
                await self._record(viewer, each)
            if len(heard) == len(queue.unrecorded):
                await self._store.play_queues.recorded(queue)
        except (EngineAway, Unavailable) as fault:
            # The operation is done and the queue keeps what was heard.
            log.warning("playings wait for the ledger", extra={"reason": str(fault), "playings": len(heard)})

    async def _record(self, viewer: Viewer, heard: QueueHeard) -> None:
        """A private session records nothing. A song that is gone by now, and a start too long ago, leave no record."""
        began = min(datetime.fromtimestamp(heard.began_ms / 1000, UTC), self._clock.now())
        began = began.replace(microsecond=began.microsecond // 1000 * 1000)
        # Told by the player under an id of its own. Under the queue's, the ledger itself sees to it.
        if await told_by_player(self._store, viewer.user_id or "", heard.song_id, began):
            return
        context = heard.context
        try:
            await self._plays.record(
                viewer,
                heard.song_id,
                play_id=heard.play_id,
                started_at=began,
                ms_played=min(heard.heard_ms, MS_PLAYED_LIMIT),
                completed=heard.completed,
                source=_SOURCES.get(context.kind) if context is not None else None,
                source_id=context.id if context is not None else None,
            )
        except (NotFound, Invalid):
            return

    async def now(self, viewer: Viewer, before: PlayQueue, after: PlayQueue) -> None:
        """Tell what plays from now on, if that changed; where it plays, if that did."""
        if before.device_id != after.device_id:
            await self._places.make_way(viewer)
        was, now = current_of(before), current_of(after)
        plays = now is not None and after.anchor.playing
        if before.current_rev == after.current_rev and before.anchor.playing == after.anchor.playing:
            return
        if now is not None and plays:
            await self._now_playing.report(viewer, now.song_id)
        elif was is not None and before.anchor.playing:
            await self._now_playing.clear(viewer)
