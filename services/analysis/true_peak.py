"""The true peak of a sound: how high the wave between its samples goes (ITU-R BS.1770-5, Annex 2).

Owns the oversampling. Refuses to know files.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

TAPS = 32
_HALF = TAPS // 2
_KAISER_BETA = 7.0
_BLOCK = 32
_AT_ONCE = 512


def oversampling(rate: int) -> int:
    """How many times a sound of this rate is oversampled: to at least 176.4 kHz where it has half of that or more."""
    if rate >= 176_400:
        return 1
    return 2 if rate >= 88_200 else 4


class TruePeak:
    """The highest absolute value so far of a sound taken in pieces, its places between samples included.

    Interpolates by a Kaiser-windowed sinc of 32 taps for each new place: flat to 0.02 dB up to 0.4 of the rate. Places
    that cannot be higher than what was found (by the sum of the taps' sizes) are passed over: exact, and cheap.
    """

    def __init__(self, rate: int, channels: int) -> None:
        factor = oversampling(rate)
        at = np.arange(TAPS) - (_HALF - 1)
        taps = []
        for place in range(1, factor):
            distance = at - place / factor
            window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(0.0, 1 - (distance / _HALF) ** 2))) / np.i0(_KAISER_BETA)
            each = np.sinc(distance) * window
            taps.append(each / each.sum())
        self._bound = max((float(np.abs(each).sum()) for each in taps), default=1.0)
        # All new places of a block of samples in one product of matrices: column by column, the taps move down.
        matrix = np.zeros((_BLOCK + TAPS - 1, _BLOCK * len(taps)), dtype=np.float32)
        for column in range(_BLOCK * len(taps)):
            place, start = divmod(column, _BLOCK)
            matrix[start : start + TAPS, column] = taps[place]
        self._between_taps = matrix
        self._before = np.zeros((channels, TAPS - 1), dtype=np.float32)
        self.highest = 0.0

    def take(self, samples: Samples) -> None:
        """`samples` is (channels, any number)."""
        if not samples.shape[1]:
            return
        self.highest = max(self.highest, float(np.abs(samples).max()))
        if not self._between_taps.size:
            return
        joined = np.concatenate([self._before, samples], axis=1)
        self._before = joined[:, -(TAPS - 1) :].copy()
        for channel in joined:
            self._between(channel)

    def end(self) -> float:
        """The true peak as a factor of full scale, the sound's last places included."""
        self.take(np.zeros((len(self._before), TAPS), dtype=np.float32))
        return self.highest

    def _between(self, channel: Samples) -> None:
        short = -(len(channel) - TAPS + 1) % _BLOCK
        padded = np.pad(channel, (0, short))
        rows = np.lib.stride_tricks.sliding_window_view(padded, _BLOCK + TAPS - 1)[::_BLOCK]
        tops = np.maximum(rows.max(axis=1), -rows.min(axis=1))
        # From the loudest block down: the sooner the peak is found, the more blocks are passed over.
        order = np.argsort(tops)[::-1]
        at = 0
        while at < len(order) and tops[order[at]] * self._bound > self.highest:
            chosen = order[at : at + _AT_ONCE]
            chosen = chosen[tops[chosen] * self._bound > self.highest]
            values = rows[chosen] @ self._between_taps
            self.highest = max(self.highest, float(values.max()), -float(values.min()))
            at += len(chosen)
