"""Marks for what was heard against what was written: tempo, key, beats, as such systems are commonly marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analysis.music.music import Music
from tests.music.scores import KEYS

TEMPO_TOLERANCE = 0.04
BEAT_TOLERANCE_S = 0.07


@dataclass(frozen=True)
class Mark:
    """How right an answer was, and how sure it was of itself."""

    style: str
    steady: bool
    wanted: str
    answered: str
    tempo_right: bool
    octave_right: bool
    tempo_confidence: float
    key_right: bool
    key_score: float
    key_confidence: float
    beats: float
    beats_confidence: float


def mark(
    heard: Music, bpm: float, key: str, mode: str, beats_s: npt.NDArray[np.float64], style: str, steady: bool
) -> Mark:
    """Tempo within 4 %, and the same when it may be two or three times as fast or slow; key, and MIREX's weights for
    its relatives; the F-measure of beats within 70 ms.
    """
    tempo = heard.tempo or 0.0
    score = key_score(heard.key, heard.mode, key, mode)
    return Mark(
        style,
        steady,
        f"{bpm:.1f} {key} {mode}",
        f"{tempo:.1f} {heard.key} {heard.mode}",
        near(tempo, bpm),
        any(near(tempo, bpm * ratio) for ratio in (1, 2, 3, 1 / 2, 1 / 3)),
        heard.tempo_confidence,
        score == 1.0,
        score,
        heard.key_confidence,
        f_measure(np.array(heard.beats_ms) / 1000, beats_s),
        heard.beats_confidence,
    )


def near(tempo: float, bpm: float) -> bool:
    return abs(tempo / bpm - 1) <= TEMPO_TOLERANCE


def key_score(key: str | None, mode: str | None, right_key: str, right_mode: str) -> float:
    """MIREX's: 1 for the key, 0.5 a fifth above, 0.3 for its relative, 0.2 for its parallel, 0 else."""
    if key is None or mode is None:
        return 0.0
    away = (KEYS.index(key) - KEYS.index(right_key)) % 12
    if mode == right_mode:
        return {0: 1.0, 7: 0.5}.get(away, 0.0)
    relative = 9 if right_mode == "major" else 3
    return {relative: 0.3, 0: 0.2}.get(away, 0.0)


def f_measure(found: npt.NDArray[np.float64], written: npt.NDArray[np.float64]) -> float:
    """The harmonic mean of precision and recall; each beat is matched once."""
    matched, after = 0, 0
    for each in written:
        while after < len(found) and found[after] < each - BEAT_TOLERANCE_S:
            after += 1
        if after < len(found) and found[after] <= each + BEAT_TOLERANCE_S:
            matched += 1
            after += 1
    return 2 * matched / max(1, len(found) + len(written))
