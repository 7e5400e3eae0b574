"""Where a fade-in is over and where a fade-out starts.

Owns the fit of a fade's shape to the course of a sound's loudness. Refuses to know samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEP_MS = 100
SHORTEST_MS = 1000
"""What sinks faster is a last note that rings out."""

LONGEST_MS = 40_000
_BODY_STEPS = 50
_LEAST_BODY_STEPS = 10
_SMOOTH = 4
_WORST_FIT = 0.15
_DEPTHS_DB = (40.0, 60.0)
_END_LEVEL = 0.2


def fade_out_start_ms(steps: Array, end_ms: int) -> int | None:
    """Where the sound starts to sink into the silence at `end_ms`; None when it ends otherwise.

    `steps` are mean squares of successive 100 ms. For each possible start the course from there to the end is held
    against a line in amplitude and lines in decibels (of 40 and 60 dB) that leave from the level of the five seconds
    before; the start that fits best counts when it strays by less than 15 % of that level (root mean square).
    """
    level = np.sqrt(steps[: max(1, end_ms // STEP_MS)])
    found = _best_start(_smooth(level))
    return None if found is None else found * STEP_MS


def fade_in_end_ms(steps: Array, start_ms: int, duration_ms: int) -> int | None:
    """Where the rise from the silence at `start_ms` is over: a fade-out, read backwards."""
    level = np.sqrt(steps[start_ms // STEP_MS :])[::-1]
    found = _best_start(_smooth(level))
    return None if found is None else min(duration_ms, (len(steps) - found) * STEP_MS)


def _smooth(level: Array) -> Array:
    if len(level) < _SMOOTH:
        return level
    padded = np.pad(level, (_SMOOTH // 2, _SMOOTH - 1 - _SMOOTH // 2), mode="edge")
    return np.convolve(padded, np.full(_SMOOTH, 1 / _SMOOTH), "valid")


def _best_start(level: Array) -> int | None:
    count = len(level)
    best, found = _WORST_FIT, None
    for start in range(max(_LEAST_BODY_STEPS, count - LONGEST_MS // STEP_MS), count - SHORTEST_MS // STEP_MS + 1):
        body = float(np.median(level[max(0, start - _BODY_STEPS) : start]))
        course = level[start:]
        if body <= 0 or float(course[-3:].mean()) > _END_LEVEL * body:
            continue
        along = (np.arange(len(course)) + 0.5) / len(course)
        shapes = [1 - along, *(10 ** (-depth * along / 20) for depth in _DEPTHS_DB)]
        for shape in shapes:
            stray = float(np.sqrt(np.mean((course / body - shape) ** 2)))
            if stray < best:
                best, found = stray, start
    return found
