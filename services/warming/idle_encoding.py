"""Encoding what will likely be played, when the machine has nothing else to do.

Owns when it is quiet enough and how much of the cache this may fill. Never in anybody's way: one encoder at most, which
stops as soon as a listener wants one (`admission`), and nothing is ever evicted for it. Refuses to know which songs.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable

from services.audio.admission import Urgency
from services.audio.delivery import Deliveries
from services.audio.sound import Sound
from services.clock import Clock
from services.errors import TuttiError
from services.viewer import SYSTEM
from services.warming.likely_songs import LikelySongs
from services.warming.limits import IdleLimits

log = logging.getLogger("tutti.audio")

SONGS = 100
QUIET_S = 10.0
"""Nobody may have wanted an encoder for so long."""
MOST_LAG_S = 0.02
RUN_S = 25.0
"""One run's length; the schedule comes again."""
_REMEMBERED_S = 600.0


def load_per_core() -> float:
    """The load average of the last minute for each core; 0 where the platform does not tell."""
    if not hasattr(os, "getloadavg"):
        return 0.0
    return os.getloadavg()[0] / (os.cpu_count() or 1)


class IdleEncoding:
    """Makes likely songs in the quality that listeners prefer. `work` is a row of the schedule.

    `lag_s` tells how late the event loop is, `load` how busy the machine is.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        likely: LikelySongs,
        clock: Clock,
        limits: IdleLimits,
        *,
        lag_s: Callable[[], float],
        load: Callable[[], float] = load_per_core,
    ) -> None:
        self._deliveries = deliveries
        self._likely = likely
        self._clock = clock
        self._limits = limits
        self._lag_s = lag_s
        self._load = load
        self._seen_at: OrderedDict[str, float] = OrderedDict()

    async def work(self) -> int:
        """Make segments while it is quiet, half a minute at most; how many were made."""
        if not self._limits.cache_share or not self.is_quiet():
            return 0
        until, made = self._clock.monotonic() + RUN_S, 0
        for song_id in await self._likely.ids(SONGS):
            if not self.is_quiet() or self._clock.monotonic() >= until:
                break
            if self._seen_lately(song_id):
                continue
            more, goes_on = await self._song(song_id, until)
            made += more
            if not goes_on:
                break
        return made

    def is_quiet(self) -> bool:
        """Whether nobody needs the machine: no encoder at work or waited for, a punctual loop, a low load."""
        admission = self._deliveries.admission
        if admission.busy or admission.quiet_s < QUIET_S or self._lag_s() > MOST_LAG_S:
            return False
        return self._load() <= self._limits.most_load

    async def _song(self, song_id: str, until: float) -> tuple[int, bool]:
        """How many segments were made, and whether there is time and room for more songs."""
        try:
            sound = await self._deliveries.open(SYSTEM, song_id, self._limits.quality)
        except TuttiError:
            # Gone since, or its file is away: then nobody can play it either.
            self._note(song_id)
            return 0, True
        try:
            return await self._segments(sound, song_id, until)
        finally:
            sound.close()

    async def _segments(self, sound: Sound, song_id: str, until: float) -> tuple[int, bool]:
        encoder = self._deliveries.encoder
        before = encoder.encoded
        for index in range(sound.segments):
            if not self.is_quiet() or self._clock.monotonic() >= until or not self._has_room(sound):
                return encoder.encoded - before, False
            try:
                await sound.make(index, Urgency.IDLE)
            except TuttiError as refusal:
                if refusal.status == 429:
                    return encoder.encoded - before, False
                log.info("a song cannot be encoded", extra={"song": song_id, "reason": refusal.reason})
                break
        self._note(song_id)
        return encoder.encoded - before, True

    def _has_room(self, sound: Sound) -> bool:
        # Joining the segments needs the song's size once more.
        cache = self._deliveries.cache
        return cache.used_bytes + 2 * sound.target.length <= cache.limit_bytes * self._limits.cache_share

    def _seen_lately(self, song_id: str) -> bool:
        seen_at = self._seen_at.get(song_id)
        return seen_at is not None and self._clock.monotonic() - seen_at < _REMEMBERED_S

    def _note(self, song_id: str) -> None:
        self._seen_at[song_id] = self._clock.monotonic()
        self._seen_at.move_to_end(song_id)
        while len(self._seen_at) > 4 * SONGS:
            self._seen_at.popitem(last=False)
