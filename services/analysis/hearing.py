"""Tempo, beats, key and feel of a sound, as the record keeps them.

Owns how sure the measures of a part of a sound may be. Refuses to know how they are made: that is `music.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Feel:
    """The music measures of a sound; the names and meanings are those of `SoundAnalysis`."""

    tempo: float | None = None
    tempo_confidence: float = 0.0
    beats_ms: list[int] = field(default_factory=list)
    beats_confidence: float = 0.0
    key: str | None = None
    mode: str | None = None
    key_confidence: float = 0.0
    energy: float | None = None
    energy_confidence: float = 0.0
    danceability: float | None = None
    danceability_confidence: float = 0.0
    valence: float | None = None
    valence_confidence: float = 0.0


def feel_of(mono: NDArray[np.float32], heard: float) -> Feel:
    """The measures of a sound of which `mono` is the beginning, the part `heard` (0 to 1) of it.

    Beats are told of whole sounds only; the others of a part too, with that much less confidence.
    """
    del mono, heard
    return Feel()
