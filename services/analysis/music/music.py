"""What a listener hears in a sound: tempo and beats, key and mode, energy, danceability, valence.

Owns the order of listening and what can be told at all. Refuses to know files, jobs and records: samples in, facts out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from services.analysis.music import beats, feel, keys, tempo
from services.analysis.music.chroma import hear_chroma
from services.analysis.music.onsets import Floats, hear_onsets

SHORTEST_S = 5.0
"""Shorter sounds have neither tempo nor key."""
_SILENCE = 10 ** (-66 / 20)
_FEWEST_BEATS = 6


@dataclass(frozen=True, slots=True)
class Music:
    """The measures of one sound. None where it could not be told; then its confidence is 0.

    `tempo` is in beats a minute, the median where it strays; `beats_ms` are the beats, in milliseconds from the
    beginning. `key` is one of C, C#, D … B, `mode` is major or minor. `energy`, `danceability` and `valence` go from
    0 to 1. Confidences go from 0 to 1; those of tempo, beats and key are likelihoods of being right: of answers at 0.7
    or more at least 95 of a hundred are.
    """

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


def measure(mono: Floats, sample_rate: int = 22_050) -> Music:
    """Everything that can be told of a sound, given as one row of samples around -1 to 1.

    22,050 Hz is the rate it was made for. Takes the whole sound however long: it is read in blocks, and besides the
    samples needs less than 100 MB for an hour. Any finite samples have an answer; infinite ones count as full scale and
    those that are no numbers as silence.
    """
    if sample_rate < 4_000:
        raise ValueError(f"too low a sample rate: {sample_rate}")
    sound = np.asarray(mono, dtype=np.float32).reshape(-1)
    if len(sound) < SHORTEST_S * sample_rate:
        return Music()
    onsets = hear_onsets(sound, sample_rate)
    if float(np.percentile(onsets.level, 98)) < _SILENCE:
        return Music()
    chroma = hear_chroma(sound, sample_rate)
    heard = feel.bearing(onsets)
    length = min(1.0, len(sound) / sample_rate / 20)
    key = keys.find_key(chroma)
    pace = tempo.find_tempo(onsets, chroma)
    found = beats.track(onsets, chroma, pace.period_s) if pace else None
    if pace is None or found is None or len(found.seconds) < _FEWEST_BEATS:
        pace, found = None, None
    bpm = _pace(found, pace) if pace and found else None
    return Music(
        tempo=None if bpm is None else round(bpm, 2),
        tempo_confidence=round(pace.confidence, 3) if pace else 0.0,
        beats_ms=[round(1000 * each) for each in found.seconds] if found else [],
        beats_confidence=round(pace.confidence * found.likelihood, 3) if pace and found else 0.0,
        key=keys.NAMES[key.tonic] if key else None,
        mode=key.mode if key else None,
        key_confidence=round(key.confidence, 3) if key else 0.0,
        energy=round(feel.energy(heard), 3),
        energy_confidence=round(feel.ENERGY_TRUST * length, 3),
        danceability=round(feel.danceability(heard, found, bpm), 3) if found and bpm else None,
        danceability_confidence=round(feel.DANCE_TRUST * length * (0.5 + 0.5 * pace.confidence), 3) if pace else 0.0,
        valence=round(feel.valence(heard, key.major, bpm), 3) if key and bpm else None,
        valence_confidence=round(feel.VALENCE_TRUST * length * key.confidence, 3) if key and bpm else 0.0,
    )


def _pace(found: beats.Beats, pace: tempo.Tempo) -> float:
    """Beats a minute by the beats themselves, as long as they agree with the tempo they were sought at."""
    span = min(8, len(found.seconds) - 1)
    apart = float(np.median(found.seconds[span:] - found.seconds[:-span])) / span
    return 60.0 / (apart if abs(np.log(apart / pace.period_s)) < 0.1 else pace.period_s)
