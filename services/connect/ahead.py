"""What comes next in a queue and whether it can be heard: what has to be found before the music moves on.

Also whether moving on is a skip. Owns how far ahead is looked. Refuses to know operations.
"""

from __future__ import annotations

from services.connect.operations import Passing
from services.connect.playing import coming, current_of, goes_on, repeated, runs_out
from services.connect.sources import QueueSources
from services.entitlements.skips import SkipAct, Skips
from services.timing.anchor import position_ms
from services.viewer import Viewer
from storage.records.play_queue import PlayQueue

LOOK_AHEAD = 50
"""So many songs are looked at for whether they can be heard, when the music moves on."""
IDS_AT_ONCE = 2_000
CLOSING_MS = 30_000
CLOSING_PART = 0.25
"""The end of a song: its last half minute, or its last quarter where that is longer. Who leaves it there skips not."""


class QueueAhead:
    """Looks at what comes."""

    def __init__(self, sources: QueueSources, skips: Skips) -> None:
        self._sources = sources
        self._skips = skips

    async def at_hand(self, viewer: Viewer, queue: PlayQueue) -> Passing:
        """Which of what stands there and comes next cannot be heard; nothing is asked while it plays."""
        if queue.anchor.playing:
            return Passing()
        current = current_of(queue)
        ahead = queue.items[:LOOK_AHEAD] if current is None else [current, *coming(queue, LOOK_AHEAD)]
        return Passing(await self._sources.hidden(viewer, [item.song_id for item in ahead]))

    async def passing(self, viewer: Viewer, queue: PlayQueue) -> Passing:
        """Which of the next songs cannot be heard; all of them are looked at before the house adds its own."""
        ahead = coming(queue, LOOK_AHEAD)
        hidden = await self._sources.hidden(viewer, [item.song_id for item in [*repeated(queue), *ahead]])
        if len(ahead) == LOOK_AHEAD and all(item.song_id in hidden for item in ahead):
            hidden = await self._sources.hidden(viewer, [item.song_id for item in coming(queue, IDS_AT_ONCE)])
        if not (queue.autoplay or goes_on(queue)) or not runs_out(queue, hidden):
            return Passing(hidden)
        return Passing(hidden, await self._sources.more(viewer, queue))

    async def pay(self, act: SkipAct, viewer: Viewer, queue: PlayQueue, at_ms: float, *, leaves: bool = True) -> None:
        """Have an act that `leaves` what plays cost a skip, if it is one. PaymentRequired (SKIPS_SPENT)."""
        if self._skips.counts(viewer):
            await act.costs(leaves and await self._is_skip(viewer, queue, at_ms))

    async def _is_skip(self, viewer: Viewer, queue: PlayQueue, at_ms: float) -> bool:
        # Not near its end, and not what cannot be heard anyway.
        current = current_of(queue)
        if current is None:
            return False
        closing_ms = max(CLOSING_MS, CLOSING_PART * current.duration_ms)
        if position_ms(queue.anchor, at_ms) >= current.duration_ms - closing_ms:
            return False
        return current.song_id not in await self._sources.hidden(viewer, [current.song_id])
