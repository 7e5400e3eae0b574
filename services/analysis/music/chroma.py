"""Which of the twelve notes sound, and when: chroma of the whole and of the bass, corrected for the tuning.

Owns the long-time spectrum of harmony, in blocks. Refuses to know keys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analysis.music.onsets import Floats, stretch

_WINDOW = 8192
_HOP = 2048
_BLOCK_FRAMES = 256
_LOWEST_HZ = 50.0
_HIGHEST_HZ = 2100.0
_BASS_HZ = 210.0
_FINE = 10
"""Steps to a semitone before the tuning is known."""
_FAINTEST = 0.02
_MIDDLE_C_OCTAVE_HZ = 330.0


@dataclass(frozen=True, slots=True)
class Chroma:
    """A row of twelve for each frame, C first: how strongly each note sounds, harmonics included.

    `rate` frames a second; frame i is centred on `i / rate` seconds. `tuning` is how far the instruments are from
    A = 440 Hz, in semitones (-0.5 to 0.5). `clarity` is how well the spectrum's peaks agree on that tuning, 0 to 1:
    noise has none.
    """

    rate: float
    whole: Floats
    bass: Floats
    tuning: float
    clarity: float


def hear_chroma(mono: Floats, sample_rate: int) -> Chroma:
    """The chroma of a sound.

    Peaks of the spectrum (their frequency refined by a parabola), each given to the pitch class it lies near, after
    Gómez, Tonal Description of Music Audio Signals (2006). Before that each bin is replaced by the median of three
    frames, which takes drums away and leaves tones (Fitzgerald, Harmonic/Percussive Separation Using Median Filtering,
    DAFx 2010). The tuning is the circular mean of the peaks' deviations from the semitones.
    """
    frames = max(1, len(mono) // _HOP)
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    bin_hz = sample_rate / _WINDOW
    low = int(_LOWEST_HZ / bin_hz)
    high = min(int(_HIGHEST_HZ / bin_hz), _WINDOW // 2 - 2)
    whole = np.zeros((frames, 12 * _FINE), dtype=np.float32)
    bass = np.zeros((frames, 12 * _FINE), dtype=np.float32)
    lean, total = 0j, 0.0
    for start in range(0, frames, _BLOCK_FRAMES):
        count = min(_BLOCK_FRAMES, frames - start)
        piece = stretch(mono, (start - 1) * _HOP - _WINDOW // 2, (count + 1) * _HOP + _WINDOW)
        views = np.lib.stride_tricks.sliding_window_view(piece, _WINDOW)[::_HOP]
        spectrum = np.fft.rfft(views * window, axis=1)[:, low - 1 : high + 2]
        tones = _median_of_three(np.abs(spectrum).astype(np.float32))
        at, pitch, strength = _peaks(tones, low, bin_hz)
        place = np.floor(pitch * _FINE).astype(np.int64) % (12 * _FINE)
        deep = pitch < 69 + 12 * np.log2(_BASS_HZ / 440.0)
        for kept, chosen in ((whole, slice(None)), (bass, deep)):
            flat = np.bincount(
                at[chosen] * (12 * _FINE) + place[chosen], strength[chosen], minlength=count * 12 * _FINE
            )
            kept[start : start + count] = flat.reshape(count, 12 * _FINE)
        lean += complex(np.sum(strength * np.exp(2j * np.pi * pitch)))
        total += float(np.sum(strength))
    tuning = float(np.angle(lean) / (2 * np.pi)) if total else 0.0
    fold = _folding(tuning)
    clarity = abs(lean) / total if total else 0.0
    return Chroma(sample_rate / _HOP, whole @ fold, bass @ fold, tuning, clarity)


def harmony_turns(chroma: Chroma) -> Floats:
    """How much the sounding notes change, frame by frame."""
    rows = np.concatenate([chroma.whole, chroma.bass], axis=1)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    change = np.zeros(len(rows), dtype=np.float32)
    if len(rows) > 2:
        change[1:-1] = 1.0 - np.sum(rows[2:] * rows[:-2], axis=1)
    return change


def _median_of_three(magnitudes: Floats) -> Floats:
    """Each frame but the first and last: the middle one of it, the one before and the one after, bin by bin."""
    before, now, after = magnitudes[:-2], magnitudes[1:-1], magnitudes[2:]
    middle: Floats = np.maximum(np.minimum(before, now), np.minimum(np.maximum(before, now), after))
    return middle


def _peaks(
    tones: Floats, low: int, bin_hz: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Frame, MIDI pitch and strength of each peak that is not too faint beside its frame's loudest."""
    inner = tones[:, 1:-1]
    floor = _FAINTEST * inner.max(axis=1, keepdims=True)
    found = (inner > tones[:, :-2]) & (inner >= tones[:, 2:]) & (inner > np.maximum(floor, 1e-9))
    at, column = np.nonzero(found)
    left, middle, right = (np.log(np.maximum(tones[at, column + n], 1e-12)).astype(np.float64) for n in range(3))
    bend = left - 2 * middle + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    hz = (column + low + np.clip(shift, -0.5, 0.5)) * bin_hz
    octaves = np.log2(hz / _MIDDLE_C_OCTAVE_HZ)
    strength = np.sqrt(np.exp(middle)) * np.exp(-0.5 * (octaves / 1.3) ** 2)
    return at, 69 + 12 * np.log2(hz / 440.0), strength


def _folding(tuning: float) -> Floats:
    """From fine steps to twelve notes: a raised cosine a semitone to either side of each note of this tuning."""
    pitches = (np.arange(12 * _FINE) + 0.5) / _FINE - tuning
    away = np.abs((pitches[:, None] - np.arange(12) + 6) % 12 - 6)
    return np.where(away < 0.75, np.cos(np.pi / 1.5 * away) ** 2, 0.0).astype(np.float32)
