"""How loud a sound is: EBU R128 integrated loudness with its gates, loudness range, and what an album adds up to.

Owns the arithmetic on mean squares of K-weighted sound (ITU-R BS.1770-5, EBU Tech 3341 and 3342). Refuses to know
files, filters and songs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS_PER_SECOND = 10
"""Mean squares come for each 100 ms: a quarter of BS.1770's gating block, which overlaps the next by 75 %."""

BLOCK_STEPS = 4
SHORT_TERM_STEPS = 30
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_LOW, RANGE_HIGH = 0.10, 0.95

HISTOGRAM_STEP_LU = 0.1
HISTOGRAM_BINS = 1000
"""From -70 LUFS to +30 LUFS; whatever is louder counts in the last bin."""

_OFFSET = -0.691


def lufs(mean_square: float) -> float:
    """BS.1770's loudness of a weighted mean square: `-0.691 + 10 log10`."""
    return _OFFSET + 10 * float(np.log10(mean_square))


def mean_square(loudness_lufs: float) -> float:
    """The inverse of `lufs`."""
    return float(10 ** ((loudness_lufs - _OFFSET) / 10))


def windows(steps: Array, length: int) -> Array:
    """Means over every `length` successive steps, one for each step; empty when there are fewer."""
    if len(steps) < length:
        return np.zeros(0)
    sums = np.concatenate([[0.0], np.cumsum(steps)])
    # A difference of sums leaves dust of either sign where there was silence.
    means: Array = np.maximum((sums[length:] - sums[:-length]) / length, 0.0)
    return means


def integrated(steps: Array) -> float | None:
    """Integrated loudness in LUFS, both gates applied (BS.1770-5, Annex 1, formulas 5 to 8).

    `steps` are the channel-weighted mean squares of successive 100 ms of K-weighted sound. None below 400 ms and where
    no block passes -70 LUFS.
    """
    blocks = windows(steps, BLOCK_STEPS)
    return _gated(blocks, np.ones(len(blocks)))


def loudness_range(steps: Array) -> float | None:
    """Loudness range in LU (EBU Tech 3342): between the 10th and 95th percentile of gated short-term loudness.

    Short-term means 3 s, every 100 ms; gates at -70 LUFS and 20 LU below the mean. None below 3 s and for silence.
    """
    loud = windows(steps, SHORT_TERM_STEPS)
    loud = loud[loud > mean_square(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return None
    gate = float(loud.mean()) * 10 ** (RANGE_GATE_LU / 10)
    kept = np.sort(loud[loud >= gate])
    low, high = (kept[round((len(kept) - 1) * part)] for part in (RANGE_LOW, RANGE_HIGH))
    return float(10 * np.log10(high / low))


def histogram(steps: Array) -> list[int]:
    """How many 400 ms blocks lie in each tenth of a LU from -70 LUFS up; nothing is kept after the loudest."""
    blocks = windows(steps, BLOCK_STEPS)
    loud = blocks[blocks > mean_square(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return []
    values = _OFFSET + 10 * np.log10(loud)
    places = ((values - ABSOLUTE_GATE_LUFS) / HISTOGRAM_STEP_LU).astype(np.int64)
    counts = np.bincount(np.clip(places, 0, HISTOGRAM_BINS - 1))
    return [int(count) for count in counts]


def together(histograms: Iterable[Sequence[int]]) -> float | None:
    """Integrated loudness of several sounds as one programme, from their histograms: gated over all blocks together.

    Within 0.05 LU of what measuring them in a row would give: a block counts with the middle of its tenth of a LU.
    """
    counts = np.zeros(HISTOGRAM_BINS)
    for each in histograms:
        kept = np.asarray(each[:HISTOGRAM_BINS], dtype=np.float64)
        counts[: len(kept)] += kept
    middles = ABSOLUTE_GATE_LUFS + HISTOGRAM_STEP_LU * (np.arange(HISTOGRAM_BINS) + 0.5)
    return _gated(10 ** ((middles - _OFFSET) / 10), counts)


def _gated(blocks: Array, counts: Array) -> float | None:
    loud = (blocks > mean_square(ABSOLUTE_GATE_LUFS)) & (counts > 0)
    blocks, counts = blocks[loud], counts[loud]
    if not len(blocks):
        return None
    gate = float(np.average(blocks, weights=counts)) * 10 ** (RELATIVE_GATE_LU / 10)
    kept = blocks > gate
    return lufs(float(np.average(blocks[kept], weights=counts[kept])))
