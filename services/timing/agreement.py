"""How several processes have one time: each follows the same reference by the same filter that players use.

Owns when a process steps (once, before it lets anybody in) and how fast it may slew afterwards. Refuses to know what
the reference is: it is handed in as a question with an answer (the time of Redis, `storage/live/redis_time.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from services.clock import Clock
from services.timing.clock_filter import BURST_EVERY_MS, PROBES, ClockFilter, Probe
from services.timing.house_time import HouseTime
from storage.live.interface import LiveStateAway

log = logging.getLogger("tutti.timing")

Reference = Callable[[], Awaitable[float]]
"""The time all processes share, in epoch milliseconds, read while the call lasts. May raise LiveStateAway."""

AGREE_EVERY_S = BURST_EVERY_MS / 1000
FASTEST_SLEW_MS_PER_S = 0.5
"""A sixth of a player's slowest correction: songs follow and nobody hears it."""
BURST_S = 4.0
"""A burst that takes longer is given up; the next one comes anyway."""


class Agreement:
    """Keeps `house_time` with the reference; alone in the house (no reference) it does nothing."""

    def __init__(self, house_time: HouseTime, clock: Clock, reference: Reference | None) -> None:
        self._house_time = house_time
        self._clock = clock
        self._reference = reference
        self._filter = ClockFilter()
        self._agreed = False

    @property
    def error_ms(self) -> float:
        """How far the reference may be from what we believe (95 %). Zero alone, infinite before the first agreement."""
        return 0.0 if self._reference is None else self._filter.error_ms(self._local_ms())

    async def agree(self) -> bool:
        """One burst and what follows from it; whether there was an agreement. Never raises for a reference away: the
        time goes on at the drift that is known.

        The first agreement steps, later ones slew by at most 0.5 ms a second: a reference whose own clock is set moves
        no song, and all processes follow it alike.
        """
        if self._reference is None:
            return False
        probes: list[Probe] = []
        try:
            async with asyncio.timeout(BURST_S):
                for _ in range(PROBES):
                    probes.append(await self._probe(self._reference))
        except (TimeoutError, LiveStateAway):
            # What was answered before is as good as ever.
            log.debug("time reference is away", extra={"answered": len(probes)})
        if not self._filter.burst(probes, "reference"):
            return False
        error_ms = self._filter.time_ms(self._local_ms()) - self._house_time.now_ms()
        drift_ppm = self._filter.drift_ppm
        if self._agreed:
            over_s = max(AGREE_EVERY_S, abs(error_ms) / FASTEST_SLEW_MS_PER_S)
            self._house_time.steer(error_ms, over_s=over_s, drift_ppm=drift_ppm)
        else:
            self._agreed = True
            self._house_time.steer(error_ms, drift_ppm=drift_ppm)
            log.info("agreed on the time", extra={"step_ms": round(error_ms, 1)})
        return True

    async def _probe(self, reference: Reference) -> Probe:
        t0 = self._local_ms()
        there = await reference()
        return Probe(t0, there, there, self._local_ms())

    def _local_ms(self) -> float:
        return self._clock.monotonic() * 1000
