"""A sound's acoustic fingerprint, and how alike two are.

Owns the words (after Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002), the keys that find
candidates and the alignment that judges them. Refuses to know the store, files and songs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.analysis.k_weighting import MONO_RATE

Words = NDArray[np.uint32]

LONGEST_SECONDS = 5 * 60
"""Of a longer sound the first five minutes are heard."""
HOP = 2048
KEYS = 128
_STEADY_BITS = np.uint32(0x77777777)

_WINDOW = 8192
_BANDS = 33
_LAG = 4
_BATCH = 256
_LEAST_WORDS = 50
_MOST_OFFSET_SECONDS = 15
ALIKE = 0.25
"""The highest share of differing bits at which two sounds are the same; unrelated ones differ in about half."""

CERTAIN = 0.2
CERTAIN_SHARE = 0.95
CERTAIN_MS = 10_000
_STRETCH = 54
_STRETCH_ALIKE = 0.35


@dataclass(frozen=True, slots=True)
class Likeness:
    """The best alignment of two fingerprints: the share of bits that differ, and by how much the second is later.

    `matched_ms` is how much of it matches when each five seconds are judged alone, `share` that over the longer of the
    two: a sound in which a part was replaced, left out or added differs there, however alike the rest is.
    """

    bit_error_rate: float
    offset_ms: int
    matched_ms: int = 0
    share: float = 0.0

    @property
    def same(self) -> bool:
        """Whether it is one sound."""
        return self.bit_error_rate <= ALIKE

    @property
    def certain(self) -> bool:
        """Whether it is one sound from beginning to end, long enough not to be so by chance."""
        return self.bit_error_rate <= CERTAIN and self.share >= CERTAIN_SHARE and self.matched_ms >= CERTAIN_MS

    @property
    def similarity(self) -> float:
        """From 0, as alike as any two sounds, to 1, no bit differs."""
        return max(0.0, 1 - 2 * self.bit_error_rate)

    def turned(self) -> Likeness:
        """The same with first and second exchanged."""
        return Likeness(self.bit_error_rate, -self.offset_ms, self.matched_ms, self.share)


def fingerprint(mono: NDArray[np.float32]) -> Words:
    """A word of 32 bits for each 2,048 samples of 22,050 Hz mono; none for less than a second.

    Each bit is the sign of how the difference of two neighbouring bands' log energies changed in 0.37 s. The bands
    are 33 from 300 to 3,000 Hz, equally wide to the ear. Silence at both ends is left out.
    """
    heard = np.nan_to_num(mono[: LONGEST_SECONDS * MONO_RATE], nan=0.0, posinf=0.0, neginf=0.0)
    peak = float(np.max(np.abs(heard), initial=0.0))
    loud = np.flatnonzero(np.abs(heard) > 1e-3 * max(1e-3, peak))
    if not len(loud):
        return np.zeros(0, np.uint32)
    # Loudness says nothing here, and a damaged float file's would not fit.
    heard = heard[loud[0] : loud[-1] + 1] / np.float32(peak)
    count = (len(heard) - _WINDOW) // HOP + 1
    if count <= _LAG:
        return np.zeros(0, np.uint32)
    edges = np.round(np.geomspace(300, 3000, _BANDS + 1) * _WINDOW / MONO_RATE).astype(np.intp)
    taper = np.hanning(_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(heard, _WINDOW)[::HOP]
    energy = np.empty((count, _BANDS), np.float32)
    for start in range(0, count, _BATCH):
        power = np.abs(np.fft.rfft(frames[start : start + _BATCH] * taper, axis=1)) ** 2
        energy[start : start + _BATCH] = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    # A floor far below the loudest: encoders' noise in empty bands must not decide bits.
    level = np.log(energy + 1e-5 * float(energy.max()) + 1e-12)
    slope = level[:, 1:] - level[:, :-1]
    bits = slope[_LAG:] - slope[:-_LAG] > 0
    return np.packbits(bits, axis=1, bitorder="little").view("<u4").ravel().astype(np.uint32)


def keys(words: Words) -> list[int]:
    """At most 128 words that stand for all: those lowest after mixing (min-hash), so that like sounds share some.

    Every fourth bit is left out: a word of 24 bits survives an encoder more often, and is still rare.
    """
    distinct = np.unique(words[(words != 0) & (words != 0xFFFFFFFF)] & _STEADY_BITS)
    mixed = distinct * np.uint32(2654435761)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(2246822519)
    return [int(word) for word in distinct[np.argsort(mixed, kind="stable")[:KEYS]]]


def compare(first: Words, second: Words) -> Likeness | None:
    """The best alignment within 15 seconds; None when less than half of the shorter, or of 5 seconds, overlaps."""
    reach = _MOST_OFFSET_SECONDS * MONO_RATE // HOP
    least = max(_LEAST_WORDS, min(len(first), len(second)) // 2)
    best: tuple[float, int] | None = None
    for offset in range(-reach, reach + 1):
        one, other = first[max(0, -offset) :], second[max(0, offset) :]
        overlap = min(len(one), len(other))
        if overlap < least:
            continue
        differing: Any = np.bitwise_count(one[:overlap] ^ other[:overlap]).sum()
        rate = float(differing) / (32 * overlap)
        if best is None or rate < best[0]:
            best = (rate, offset)
    if best is None:
        return None
    rate, offset = best
    matched = _matched_words(first[max(0, -offset) :], second[max(0, offset) :])
    return Likeness(rate, _in_ms(offset), _in_ms(matched), matched / max(len(first), len(second)))


def _matched_words(one: Words, other: Words) -> int:
    """How many words lie in stretches that match."""
    overlap = min(len(one), len(other))
    differing = np.bitwise_count(one[:overlap] ^ other[:overlap]).astype(np.int64)
    starts = np.arange(0, max(1, overlap - _STRETCH // 2), _STRETCH)
    lengths = np.diff(np.append(starts, overlap))
    alike = np.add.reduceat(differing, starts) <= _STRETCH_ALIKE * 32 * lengths
    return int(lengths[alike].sum())


def _in_ms(words: int) -> int:
    return round(words * HOP * 1000 / MONO_RATE)
