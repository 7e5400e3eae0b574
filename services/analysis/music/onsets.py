"""Where something new begins in a sound: how strongly, in which register, and what it was like meanwhile.

Owns the short-time spectrum of rhythm. One pass over the samples in blocks, so that an hour costs little memory.
Refuses to know beats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

HOP = 256
"""Samples between two frames: 11.6 ms at 22,050 Hz."""
REGISTERS = ((0.0, 160.0), (160.0, 800.0), (800.0, 3500.0), (3500.0, np.inf))
"""Hz of the four registers: kick and bass, chords, voices and snare, cymbals."""

_WINDOW = 1024
_BLOCK_FRAMES = 2048
_BANDS_PER_OCTAVE = 6
_LOWEST_HZ = 45.0
_COMPRESSION = 1000.0
_LAG = 2
_LOUDEST = 8.0


@dataclass(frozen=True, slots=True)
class Onsets:
    """What was heard, a row for each frame; `rate` frames a second, frame i is centred on `i / rate` seconds.

    `flux` is how much new energy appeared in each of `REGISTERS`; `level` the RMS of the samples; `centroid_hz` the
    middle of the spectrum's energy.
    """

    rate: float
    flux: Floats
    level: Floats
    centroid_hz: Floats


def hear_onsets(mono: Floats, sample_rate: int) -> Onsets:
    """The onsets of a sound.

    Spectral flux on logarithmic magnitudes (Bello et al., A Tutorial on Onset Detection in Music Signals, IEEE TSAP
    2005) in bands a sixth of an octave wide; each band is compared with the loudest of itself and its two neighbours
    two frames ago, so that vibrato is no onset (Böck and Widmer, Maximum Filter Vibrato Suppression, DAFx 2013).
    Magnitudes are taken relative to the sound's own loudness: its volume does not matter.
    """
    frames = max(1, len(mono) // HOP)
    scale = np.float32(1.0 / max(_loudness(mono), 1e-6))
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    bands, register_of = _filters(sample_rate)
    members = [register_of == register for register in range(len(REGISTERS))]
    hz = np.fft.rfftfreq(_WINDOW, 1.0 / sample_rate).astype(np.float32)
    flux = np.zeros((frames, len(REGISTERS)), dtype=np.float32)
    level = np.zeros(frames, dtype=np.float32)
    centroid = np.zeros(frames, dtype=np.float32)
    before = np.zeros((_LAG, bands.shape[1]), dtype=np.float32)
    for start in range(0, frames, _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, frames - start)
        piece = stretch(mono, start * HOP - _WINDOW // 2, (count - 1) * HOP + _WINDOW)
        views = np.lib.stride_tricks.sliding_window_view(piece, _WINDOW)[::HOP]
        magnitudes = np.abs(np.fft.rfft(views * window, axis=1)) * (scale / np.float32(_WINDOW))
        heard = np.log10(np.float32(1.0) + np.float32(_COMPRESSION) * (magnitudes @ bands))
        joined = np.concatenate([before, heard])
        past = joined[:-_LAG].copy()
        past[:, 1:] = np.maximum(past[:, 1:], joined[:-_LAG, :-1])
        past[:, :-1] = np.maximum(past[:, :-1], joined[:-_LAG, 1:])
        risen = np.maximum(0.0, heard - past)
        if start == 0:
            risen[:_LAG] = 0.0
        for register, own in enumerate(members):
            if own.any():
                flux[start : start + count, register] = risen[:, own].mean(axis=1)
        level[start : start + count] = np.std(views, axis=1)
        power = np.square(magnitudes)
        centroid[start : start + count] = (power @ hz) / np.maximum(power.sum(axis=1), 1e-12)
        before = joined[-_LAG:]
    return Onsets(sample_rate / HOP, flux, level, centroid)


def stretch(mono: Floats, start: int, length: int) -> Floats:
    """So many samples from a place on; silence where there are none, and no value that is not a sound's."""
    piece = np.zeros(length, dtype=np.float32)
    begin, end = max(0, start), min(len(mono), start + length)
    if end > begin:
        piece[begin - start : end - start] = np.clip(np.nan_to_num(mono[begin:end]), -_LOUDEST, _LOUDEST)
    return piece


def _loudness(mono: Floats) -> float:
    """The RMS of the whole, a stretch at a time."""
    size = 1 << 18
    total = 0.0
    for start in range(0, len(mono), size):
        total += float(np.sum(np.square(stretch(mono, start, min(size, len(mono) - start))), dtype=np.float64))
    return float(np.sqrt(total / max(1, len(mono))))


def _filters(sample_rate: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Triangular bands equally spaced in pitch, each at least one bin wide, and the register each belongs to."""
    hz = np.fft.rfftfreq(_WINDOW, 1.0 / sample_rate)
    top = sample_rate / 2 * 0.95
    steps = int(np.log2(top / _LOWEST_HZ) * _BANDS_PER_OCTAVE)
    centres = np.unique(np.round(_LOWEST_HZ * 2 ** (np.arange(steps + 1) / _BANDS_PER_OCTAVE) / hz[1]).astype(int))
    filters = np.zeros((len(hz), len(centres) - 2), dtype=np.float32)
    places = np.arange(len(hz))
    for index, (low, middle, high) in enumerate(zip(centres, centres[1:], centres[2:], strict=False)):
        rising = (places - low) / (middle - low)
        falling = (high - places) / (high - middle)
        filters[:, index] = np.clip(np.minimum(rising, falling), 0.0, 1.0)
    middles = centres[1:-1] * hz[1]
    register_of = np.array([next(n for n, (_, end) in enumerate(REGISTERS) if each < end) for each in middles])
    return filters, register_of
