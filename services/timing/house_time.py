"""The house's own time, in which anchors are written: milliseconds that never jump and mean the same in every process.

Owns the offset between this process's monotonic clock and the house's time. Refuses to know who plays what.
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
        self._offset_ms = clock.epoch_ms() - clock.monotonic() * 1000

    def now_ms(self) -> float:
        """The present."""
        return self._offset_ms + self._clock.monotonic() * 1000

    def at_ms(self, monotonic_s: float) -> float:
        """The house's time at a moment of the monotonic clock."""
        return self._offset_ms + monotonic_s * 1000

    def steer(self, error_ms: float) -> None:
        """Take away an error: the house is `error_ms` ahead of what we thought."""
        self._offset_ms += error_ms
