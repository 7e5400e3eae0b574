"""One pass of short Fourier transforms over a sound: K-weighted mean squares, and the same sound as mono at 22,050 Hz.

Owns BS.1770's two filters as a finite response at any usual rate, and the exact cutting of a stream into blocks
(overlap-save). Refuses to know where samples come from and what is made of the results.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

MONO_RATE = 22_050
RATES = (8000, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000)
"""Sample rates that are measured as they are: 100 ms are a whole number of samples, at 22,050 Hz too."""

OTHERWISE_RATE = 48_000
HOP_STEPS = 14
"""A block is 1.4 s of new sound behind 100 ms of old: at each rate its length has small factors only."""

WEIGHTS = {1: (1.0,), 2: (1.0, 1.0), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}
"""BS.1770's channel weights: mono, stereo, and 5.1 as left, right, centre, low frequencies, two surrounds."""

_MONO_MIX = {1: (1.0,), 2: (0.5, 0.5), 6: (0.5, 0.5, 0.707, 0.0, 0.5, 0.5)}
_KAISER_BETA = 8.0


def k_response(rate: int, points: int) -> NDArray[np.complex128]:
    """The response of both K-weighting filters at `points // 2 + 1` frequencies from 0 to half the rate.

    BS.1770-5 prints coefficients for 48 kHz only; these come from the analogue filters behind them by the bilinear
    transform: a high shelf (1681.97 Hz, 3.99984 dB, Q 0.70718) and a high-pass (38.1355 Hz, Q 0.50033), as derived by
    B. De Man, "Evaluation of Implementations of the EBU R128 Loudness Measurement" (AES 145, 2018). At 48 kHz they are
    the printed ones to all their digits.
    """
    z = np.exp(-2j * np.pi * np.arange(points // 2 + 1) / points)
    response = np.ones(len(z), dtype=np.complex128)
    for numerator, denominator in (_shelf(rate), _high_pass(rate)):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return response


def _shelf(rate: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    gain, quality = 3.999843853973347, 0.7071752369554196
    k = np.tan(np.pi * 1681.974450955533 / rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    whole = 1 + k / quality + k * k
    numerator = (high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k)
    return (
        (numerator[0] / whole, numerator[1] / whole, numerator[2] / whole),
        (1.0, 2 * (k * k - 1) / whole, (1 - k / quality + k * k) / whole),
    )


def _high_pass(rate: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    quality = 0.5003270373238773
    k = np.tan(np.pi * 38.13547087602444 / rate)
    whole = 1 + k / quality + k * k
    return (1.0, -2.0, 1.0), (1.0, 2 * (k * k - 1) / whole, (1 - k / quality + k * k) / whole)


class KWeighting:
    """Takes a sound of one rate and channel count in pieces of `hop` samples a channel, in order.

    `take` gives the channel-weighted mean square of each whole 100 ms that is new, and the mono sound. The filters'
    answers are cut after 100 ms, where they have fallen by more than 180 dB.
    """

    def __init__(self, rate: int, channels: int) -> None:
        if rate not in RATES or channels not in WEIGHTS:
            raise ValueError(f"not measured as it is: {channels} channels at {rate} Hz")
        self.step = rate // 10
        self.hop = HOP_STEPS * self.step
        self._channels = channels
        self._points = self.hop + self.step
        self._weights = np.array(WEIGHTS[channels], dtype=np.float64)
        self._mix = np.array(_MONO_MIX[channels], dtype=np.float32) / np.float32(sum(_MONO_MIX[channels]))
        self._k = self._k_spectrum(rate)
        ratio = rate // gcd(rate, MONO_RATE)
        self._mono_points = self._points * MONO_RATE // rate
        self._mono_hop = self.hop * MONO_RATE // rate
        delay = ratio * -(-(rate // 100) // ratio)
        self._mono_filter = self._low_pass(rate, delay)
        self._mono_delay = delay * MONO_RATE // rate
        self._late = self._mono_delay
        self._window = np.zeros((channels, self._points), dtype=np.float32)

    def take(self, samples: Samples) -> tuple[NDArray[np.float64], Samples]:
        """`samples` is (channels, at most `hop`); only the last piece may be shorter, and the sound ends with it."""
        length = samples.shape[1]
        self._window[:, : self.step] = self._window[:, self.hop :]
        self._window[:, self.step : self.step + length] = samples
        self._window[:, self.step + length :] = 0
        spectrum = np.fft.rfft(self._window, axis=1)
        mono = self._mono(self._mix @ spectrum)
        heard = np.flatnonzero(self._weights)
        weighted = np.fft.irfft(spectrum[heard] * self._k, self._points, axis=1)[:, self.step :]
        whole = length // self.step
        steps = weighted[:, : whole * self.step].reshape(len(heard), whole, self.step)
        squares = np.einsum("cij,cij->ci", steps, steps).astype(np.float64) / self.step
        return self._weights[heard] @ squares, mono

    def end(self) -> Samples:
        """The mono sound that was still on its way through the filter."""
        self._window[:, : self.step] = self._window[:, self.hop :]
        self._window[:, self.step :] = 0
        return self._mono(self._mix @ np.fft.rfft(self._window, axis=1))[: self._mono_delay]

    def _mono(self, spectrum: NDArray[np.complexfloating]) -> Samples:
        spectrum = spectrum * self._mono_filter
        bins = self._mono_points // 2 + 1
        if len(spectrum) < bins:
            spectrum = np.pad(spectrum, (0, bins - len(spectrum)))
        sound = np.fft.irfft(spectrum[:bins], self._mono_points)
        late, self._late = self._late, 0
        return sound[self._mono_points - self._mono_hop + late :].astype(np.float32)

    def _k_spectrum(self, rate: int) -> NDArray[np.complex64]:
        points = 8 * self._points
        response = np.fft.irfft(k_response(rate, points), points)[: self.step + 1]
        return np.fft.rfft(response, self._points).astype(np.complex64)

    def _low_pass(self, rate: int, delay: int) -> NDArray[np.complex64]:
        """A windowed sinc that lets 90 % of the narrower band through and nothing of what would fold back."""
        cutoff = 0.475 * min(rate, MONO_RATE) / rate
        at = np.arange(-delay, delay + 1)
        response = 2 * cutoff * np.sinc(2 * cutoff * at) * np.kaiser(len(at), _KAISER_BETA)
        response *= self._mono_points / self._points / response.sum()
        return np.fft.rfft(response, self._points).astype(np.complex64)
