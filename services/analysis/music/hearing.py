"""What is heard of the music in a sound, or in the part of it that was kept.

Owns how sure the measures of a part may be. Refuses to know how they are made: that is `music.py`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.analysis.k_weighting import MONO_RATE
from services.analysis.music.music import Music, measure


def hear(mono: NDArray[np.float32], part: float) -> Music:
    """The music of a sound of which `mono` is the beginning: `part` (0 to 1) of it.

    Beats are told of whole sounds only; all else of a part too, with that much less confidence.
    """
    music = measure(mono, MONO_RATE)
    if part >= 1.0:
        return music
    return replace(
        music,
        tempo_confidence=music.tempo_confidence * part,
        beats_ms=[],
        beats_confidence=0.0,
        key_confidence=music.key_confidence * part,
        energy_confidence=music.energy_confidence * part,
        danceability_confidence=music.danceability_confidence * part,
        valence_confidence=music.valence_confidence * part,
    )
