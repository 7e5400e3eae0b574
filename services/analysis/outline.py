"""A sound's outline: its highest values in small stretches, where it begins and ends, and the picture of a seek bar.

Owns the thresholds. Refuses to know filters and files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

STRETCHES_PER_SECOND = 50
SILENCE_DBFS = -60.0
"""Below this peak value there is nothing to hear: above the dither and hiss of a fade's end."""

KEPT_POINTS = 4000
_SILENCE = 10 ** (SILENCE_DBFS / 20)


class Outline:
    """The outline of a sound taken in pieces, each but the last a whole number of 20 ms."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._stretch = rate // STRETCHES_PER_SECOND
        self._tops: list[Samples] = []
        self._first: int | None = None
        self._last: int | None = None
        self.samples = 0

    def take(self, samples: Samples) -> None:
        """`samples` is (channels, any number)."""
        length = samples.shape[1]
        if not length:
            return
        top = np.abs(samples).max(axis=0)
        short = -length % self._stretch
        tops = np.pad(top, (0, short)).reshape(-1, self._stretch).max(axis=1)
        loud = np.flatnonzero(tops > _SILENCE)
        if len(loud):
            if self._first is None:
                self._first = self.samples + int(self._within(top, loud[0])[0])
            self._last = self.samples + int(self._within(top, loud[-1])[-1])
        self._tops.append(tops)
        self.samples += length

    @property
    def duration_ms(self) -> int:
        """How long the sound was."""
        return round(self.samples * 1000 / self.rate)

    def heard(self) -> tuple[int, int]:
        """Where the sound begins and where it ends, in milliseconds. One that is silent throughout is all of it."""
        if self._first is None or self._last is None:
            return 0, self.duration_ms
        return self._first * 1000 // self.rate, min(self.duration_ms, -(-(self._last + 1) * 1000 // self.rate))

    def picture(self) -> bytes:
        """The highest value of each of up to 4,000 equally long stretches, one byte each: 255 is full scale."""
        tops = np.concatenate(self._tops) if self._tops else np.zeros(0, dtype=np.float32)
        values = highest(tops, KEPT_POINTS) if len(tops) > KEPT_POINTS else tops
        return bytes(np.rint(np.minimum(values, 1.0) * 255).astype(np.uint8))

    def _within(self, top: Samples, stretch: int) -> NDArray[np.int64]:
        start = int(stretch) * self._stretch
        return start + np.flatnonzero(top[start : start + self._stretch] > _SILENCE)


def highest(values: NDArray[Any], points: int) -> NDArray[Any]:
    """`points` values over the same stretch: the highest of those that each covers, in part or whole, repeated where
    there are fewer."""
    count = len(values)
    if not count:
        return np.zeros(points, dtype=values.dtype)
    starts = np.arange(points) * count // points
    ends = -(-np.arange(1, points + 1) * count // points)
    # Neighbours may share a value that lies across their border, which `reduceat` over single starts cannot do.
    borders = np.column_stack([starts, ends]).ravel()
    return np.maximum.reduceat(np.append(values, values[-1:]), borders)[::2]
