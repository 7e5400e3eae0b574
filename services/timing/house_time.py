"""The house's own time, in which anchors are written: milliseconds that never jump and mean the same in every process.

Owns how this process's monotonic clock maps to the house's time. Refuses to know who plays what, and with whom it
agrees: `agreement.py` does.
"""

from __future__ import annotations

from services.clock import Clock


class HouseTime:
    """Epoch milliseconds with a fraction. Begun from the wall clock, carried on by the monotonic one, so that a wall
    clock set back or forth moves no song; `steer` is how processes agree on one time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.epoch = clock.new_id()
        """Names this process's clock: a player that meets another one finds the time anew."""
        self._from_s = clock.monotonic()
        self._from_ms = float(clock.epoch_ms())
        self._drift_ms_per_s = 0.0
        self._slew_ms_per_s = 0.0
        self._slew_s = 0.0

    def now_ms(self) -> float:
        """The present."""
        return self.at_ms(self._clock.monotonic())

    def at_ms(self, monotonic_s: float) -> float:
        """The house's time at a moment of the monotonic clock, from the last `steer` on (and shortly before it)."""
        passed_s = monotonic_s - self._from_s
        slewed_ms = min(max(0.0, passed_s), self._slew_s) * self._slew_ms_per_s
        return self._from_ms + passed_s * (1000 + self._drift_ms_per_s) + slewed_ms

    def steer(self, error_ms: float, *, over_s: float = 0.0, drift_ppm: float = 0.0) -> None:
        """Take away an error: the house is `error_ms` ahead of what we thought, and its clock runs `drift_ppm` faster
        than ours. Over `over_s` seconds, in which no moment comes twice as long as the error is smaller than they are;
        at once with 0, which is a new epoch."""
        now_s = self._clock.monotonic()
        self._from_ms, self._from_s = self.at_ms(now_s), now_s
        self._drift_ms_per_s = drift_ppm / 1000
        if over_s > 0:
            self._slew_ms_per_s, self._slew_s = error_ms / over_s, over_s
            return
        self._slew_ms_per_s = self._slew_s = 0.0
        self._from_ms += error_ms
        self.epoch = self._clock.new_id()
