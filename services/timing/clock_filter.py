"""How a clock finds another one over a network: bursts of probes into a two-state Kalman filter (REALTIME, rule 2).

Owns offset, drift and the bar of error around them. Pure: hands in are times that others read. Refuses to know sockets.
`web/player/clock.js` is the same filter; `tests/timing/vectors.json` holds both to the same numbers.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

PROBES = 8
"""Probes of one burst."""
BURST_EVERY_MS = 10_000.0
"""From one burst to the next."""
SUSPEND_MS = 120_000.0
"""So long without a burst, the machine slept or the network was away: what was known of the clock is forgotten. Longer
than a minute, because browsers wake the timers of a silent page in the background once a minute."""
LONGEST_ROUND_TRIP_MS = 5_000.0
REMEMBERED = 60
"""Bursts whose best round trips are remembered: ten minutes, after which a route that became longer is believed."""
REFUSALS = 3
"""Bursts refused in a row before the clock is taken to have stepped."""

_STEPS_VARIANCE = 9.0
_FIRST_DRIFT_VARIANCE = 0.1 * 0.1
_OFFSET_WANDER = 1e-5
_DRIFT_WANDER = 1e-8
_TICK_MS = 0.02
_FLOOR_SHARE = 0.04
_CONFIDENCE = 1.96
_FIRST_GAP = 0.7


@dataclass(frozen=True, slots=True)
class Probe:
    """One question and its answer, in milliseconds: `t0` sent and `t3` received by the asker's clock, `t1` received and
    `t2` answered by the other's."""

    t0: float
    t1: float
    t2: float
    t3: float

    @property
    def round_trip_ms(self) -> float:
        """What the network took: (t3 - t0) - (t2 - t1) (RFC 5905, section 8)."""
        return (self.t3 - self.t0) - (self.t2 - self.t1)

    @property
    def offset_ms(self) -> float:
        """How far the other clock is ahead, if both ways took equally long: ((t1 - t0) + (t2 - t3)) / 2 (ibidem)."""
        return ((self.t1 - self.t0) + (self.t2 - self.t3)) / 2

    @property
    def sound(self) -> bool:
        """Whether the four times can be true together."""
        times = (self.t0, self.t1, self.t2, self.t3)
        return all(map(math.isfinite, times)) and self.t2 >= self.t1 and 0 <= self.round_trip_ms < LONGEST_ROUND_TRIP_MS


class ClockFilter:
    """The other clock as this one sees it.

    State: offset θ (ms) and drift ω (ms per s), with dθ = ω dt and both wandering (the two-state clock model; R. G.
    Brown and P. Hwang, "Introduction to Random Signals and Applied Kalman Filtering", 4th edition, chapter 9):

        F = [1 dt; 0 1],  Q = [a dt + b dt³/3, b dt²/2; b dt²/2, b dt]

    with `a` = 1e-5 ms²/s and `b` = 1e-8 (ms/s)²/s: a crystal that warms up by 1 ppm in 100 s. Measured is θ alone, by
    the probe of a burst that came back soonest (the clock filter of RFC 5905, section 10).

    Noise of a measurement: its error is half the difference of both ways. Both ways are never shorter than the shortest
    round trip there was, so it lies within ± half of what this one took longer (the asymmetry bound; D. Mills,
    "Computer Network Time Synchronization", 2nd edition, chapter 3), and is taken as evenly spread there: bound² / 3.
    """

    def __init__(self) -> None:
        self._begin_anew()
        self.epoch: str | None = None
        """Whose time it is; None before the first burst."""

    def _begin_anew(self) -> None:
        self._known = False
        self._at_ms = 0.0
        self._base_ms = 0.0
        self._offset = 0.0
        self._drift = 0.0
        self._p00 = self._p01 = self._p11 = 0.0
        self._refused = 0
        self._floors: deque[float] = deque(maxlen=REMEMBERED)
        self._excesses: deque[float] = deque(maxlen=REMEMBERED)

    @property
    def known(self) -> bool:
        """Whether there was a burst that could be used."""
        return self._known

    @property
    def drift_ppm(self) -> float:
        """How much faster the other clock runs, in millionths."""
        return self._drift * 1000

    @property
    def delay_ms(self) -> float:
        """One way, at its best: half of the shortest round trip remembered. What a member reports for future starts."""
        return min(self._floors) / 2 if self._floors else 0.0

    def offset_ms(self, local_ms: float) -> float:
        """What to add to the own clock's `local_ms` to have the other's time. Zero while nothing is known."""
        return self._base_ms + self._offset + self._drift * (local_ms - self._at_ms) / 1000

    def time_ms(self, local_ms: float) -> float:
        """The other's time at a moment of the own clock."""
        return local_ms + self.offset_ms(local_ms)

    def error_ms(self, local_ms: float) -> float:
        """The bar: 95 % of the time the truth lies within ± this of `time_ms`. Infinite while nothing is known.

        1.96 standard deviations, and 4 % of the shortest round trip for ways of unlike length, which no probe can see.
        """
        if not self._known:
            return math.inf
        p00, _, _ = self._predicted(max(0.0, local_ms - self._at_ms) / 1000)
        return _CONFIDENCE * math.sqrt(p00) + _FLOOR_SHARE * min(self._floors)

    def forget(self) -> None:
        """Know nothing: the machine slept, as its owner noticed by other means."""
        self._begin_anew()

    def burst(self, probes: Sequence[Probe], epoch: str) -> bool:
        """Learn from the answered probes of a burst; whether they were believed. Lost ones are simply not there.

        Another `epoch` than before, or SUSPEND_MS without a burst, begins anew. So does the third burst in a row that
        is more than three standard deviations away.
        """
        if epoch != self.epoch:
            self._begin_anew()
            self.epoch = epoch
        sound = sorted((probe for probe in probes if probe.sound), key=lambda probe: probe.round_trip_ms)
        if not sound:
            return False
        best = sound[0]
        at_ms = (best.t0 + best.t3) / 2
        if self._known and not 0 <= at_ms - self._at_ms <= SUSPEND_MS:
            self._begin_anew()
        median_ms = sound[len(sound) // 2].round_trip_ms
        noise = self._noise(best.round_trip_ms, median_ms)
        if self._known and self._learn(best, at_ms, noise):
            return True
        if self._known and self._refused < REFUSALS:
            return False
        if self._known:
            self._begin_anew()
            noise = self._noise(best.round_trip_ms, median_ms)
        self._learn_first(best, at_ms, noise)
        return True

    def _learn_first(self, best: Probe, at_ms: float, noise: float) -> None:
        self._known = True
        self._at_ms = at_ms
        self._base_ms = best.offset_ms
        self._p00, self._p01, self._p11 = noise, 0.0, _FIRST_DRIFT_VARIANCE

    def _learn(self, best: Probe, at_ms: float, noise: float) -> bool:
        dt_s = (at_ms - self._at_ms) / 1000
        p00, p01, p11 = self._predicted(dt_s)
        innovation = best.offset_ms - self.offset_ms(at_ms)
        variance = p00 + noise
        if innovation * innovation > _STEPS_VARIANCE * variance:
            self._refused += 1
            return False
        self._refused = 0
        gain_offset, gain_drift = p00 / variance, p01 / variance
        self._offset = self._offset + self._drift * dt_s + gain_offset * innovation
        self._drift = self._drift + gain_drift * innovation
        self._p00 = (1 - gain_offset) * p00
        self._p01 = (1 - gain_offset) * p01
        self._p11 = p11 - gain_drift * p01
        self._at_ms = at_ms
        return True

    def _predicted(self, dt_s: float) -> tuple[float, float, float]:
        """The covariance `dt_s` later: F P Fᵀ + Q."""
        wander = _DRIFT_WANDER * dt_s
        p00 = self._p00 + 2 * dt_s * self._p01 + dt_s * dt_s * self._p11
        p00 += _OFFSET_WANDER * dt_s + wander * dt_s * dt_s / 3
        return p00, self._p01 + dt_s * self._p11 + wander * dt_s / 2, self._p11 + wander

    def _noise(self, round_trip_ms: float, median_ms: float) -> float:
        """The variance of a measurement in ms².

        The shortest of so few round trips lies above the true floor by about as much again as it lies below the burst's
        median, less with the root of the bursts seen. Beyond twice the usual excess errors are those of a queue in one
        way, alike from burst to burst, and must not be averaged as if they were not: the variance grows with the
        square of how unusual it is.
        """
        self._floors.append(round_trip_ms)
        gap = _FIRST_GAP * (median_ms - round_trip_ms) / math.sqrt(len(self._floors))
        excess = round_trip_ms - min(self._floors) + gap
        self._excesses.append(excess)
        usual = sorted(self._excesses)[len(self._excesses) // 4]
        bound = excess / 2 + _TICK_MS
        unusual = max(1.0, bound / (2 * (usual / 2 + _TICK_MS)))
        return bound * bound * unusual * unusual / 3
