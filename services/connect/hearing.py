"""What a queue's playing tells the ledger and those who may know what plays now.

Owns that a playing is recorded once, also when its player reports it too. Refuses to know operations.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.clock import Clock
from services.connect.operations import Origin
from services.connect.reducer import Finished, current_of
from services.errors import Invalid, NotFound
from services.listening.plays import LISTEN_MS, MS_PLAYED_LIMIT, Plays, PlaySource
from services.now_playing import NowPlaying
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records.play_queue import PlayQueue, QueueContext

SAME_PLAY = timedelta(seconds=30)
"""A report of the song that began so much earlier or later is about this playing of it."""

_SOURCES = {each.value: each for each in PlaySource}


class Hearing:
    """Carries what was heard from queues to the ledger."""

    def __init__(self, store: Store, clock: Clock, plays: Plays, now_playing: NowPlaying) -> None:
        self._store = store
        self._clock = clock
        self._plays = plays
        self._now_playing = now_playing

    async def over(self, viewer: Viewer, finished: Finished, context: QueueContext | None) -> None:
        """Record a playing that is over: 30 seconds or half of the song were heard, and no player told of it.

        A private session records nothing. A song that is gone by now, and a start too long ago, leave no record.
        """
        heard = finished.heard_ms
        if heard < LISTEN_MS and heard * 2 < max(finished.duration_ms, 1):
            return
        began = min(datetime.fromtimestamp(finished.began_ms / 1000, UTC), self._clock.now())
        began = began.replace(microsecond=began.microsecond // 1000 * 1000)
        user_id = viewer.user_id or ""
        same = {"user_id": user_id, "song_id": finished.song_id, "started_at": {"$gte": began - SAME_PLAY}}
        reported = await self._store.plays.find(same, limit=20)
        # Told by the player under an id of its own. Under the queue's, the ledger itself sees to it.
        if any(not play.id.startswith(f"{user_id}:queue:") for play in reported):
            return
        of_context = finished.origin == Origin.CONTEXT and context is not None
        try:
            await self._plays.record(
                viewer,
                finished.song_id,
                play_id=finished.play_id,
                started_at=began,
                ms_played=min(heard, MS_PLAYED_LIMIT),
                completed=finished.completed,
                source=_SOURCES.get(context.kind) if of_context and context is not None else None,
                source_id=context.id if of_context and context is not None else None,
            )
        except (NotFound, Invalid):
            return

    async def now(self, viewer: Viewer, before: PlayQueue, after: PlayQueue) -> None:
        """Tell what plays from now on, if that changed."""
        was, now = current_of(before), current_of(after)
        plays = now is not None and after.anchor.playing
        if before.current_rev == after.current_rev and before.anchor.playing == after.anchor.playing:
            return
        if now is not None and plays:
            await self._now_playing.report(viewer, now.song_id)
        elif was is not None and before.anchor.playing:
            await self._now_playing.clear(viewer)
