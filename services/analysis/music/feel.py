"""How a sound feels: energy, danceability, valence.

Owns three small models whose terms can be named; they are judgements, not measurements, and their confidence says so.
Refuses to know samples: it weighs what the others heard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.analysis.music.beats import Beats
from services.analysis.music.onsets import Onsets
from services.analysis.music.tempo import accents, events_a_second, resonance

ENERGY_TRUST, DANCE_TRUST, VALENCE_TRUST = 0.7, 0.6, 0.35
"""The most that each model may be trusted: listeners agree on energy, less on dancing, little on valence."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """What the feel is drawn from, each of it a plain measure. `loud_db` is the level that a twentieth of the frames
    exceed, in dB against full scale; `density` is onsets a second; `bite` is the mean rise of the spectrum, tenths of
    log-magnitude a frame; `bright_hz` is the middle of the spectrum of the louder half; `low_share` is how much of the
    accents lies below 160 Hz.
    """

    loud_db: float
    density: float
    bite: float
    bright_hz: float
    low_share: float


def bearing(onsets: Onsets) -> Bearing:
    """The measures."""
    registers = accents(onsets)
    loud = onsets.level >= np.median(onsets.level)
    total = float(registers.sum())
    return Bearing(
        loud_db=20 * float(np.log10(max(float(np.percentile(onsets.level, 95)), 1e-6))),
        density=events_a_second(registers.sum(axis=1), onsets.rate),
        bite=10 * float(onsets.flux.mean()),
        bright_hz=float(np.mean(onsets.centroid_hz[loud])),
        low_share=float(registers[:, 0].sum()) / total if total > 0 else 0.0,
    )


def energy(heard: Bearing) -> float:
    """0 calm to 1 intense, rising with loudness, onset density, attack and brightness and with nothing else.

    These four are what listeners' ratings of arousal follow most closely (Schubert, Modeling Perceived Emotion with
    Continuous Musical Features, 2004; Gabrielsson and Lindström, The Role of Structure in the Musical Expression of
    Emotions, 2010). The weights are ours.
    """
    return (
        0.30 * _ramp(heard.loud_db, -45.0, -9.0)
        + 0.25 * _ramp(heard.density, 0.5, 8.0)
        + 0.25 * _ramp(heard.bite, 0.05, 0.9)
        + 0.20 * _ramp(float(np.log2(max(heard.bright_hz, 1.0))), np.log2(250.0), np.log2(4000.0))
    )


def danceability(heard: Bearing, beats: Beats, tempo: float) -> float:
    """0 to 1, rising with how far and how sharply the beats stand out, how even they are and how much of them the bass
    carries; a tempo near the resonance of walking and tapping (van Noorden and Moelants, 1999) helps, one far from it
    does harm.

    That a regular and marked pulse is what danceability needs is the finding of Streich and Herrera, Detrended
    Fluctuation Analysis of Music Signals: Danceability Estimation (2005); the form and the weights are ours.
    """
    moving = float(resonance(tempo) / resonance(115.0))
    return (
        0.25 * _ramp(beats.strength, 1.0, 4.0) * beats.evenness
        + 0.30 * _ramp(heard.bite, 0.1, 0.6)
        + 0.15 * beats.evenness
        + 0.15 * min(1.0, max(0.0, moving))
        + 0.15 * _ramp(heard.low_share, 0.05, 0.35)
    )


def valence(heard: Bearing, major: float, tempo: float) -> float:
    """0 sad to 1 glad, rising with how likely the mode is major, with the tempo and with brightness.

    Mode and tempo are the two largest influences found (Hevner 1935 and 1937; Husain, Thompson and Schellenberg,
    Effects of Musical Tempo and Mode, 2002). Words, voice and memory are not heard: trust it little.
    """
    bright = _ramp(float(np.log2(max(heard.bright_hz, 1.0))), np.log2(250.0), np.log2(4000.0)) - 0.5
    leaning = 2.2 * (major - 0.5) + 1.4 * float(np.log2(max(tempo, 1.0) / 105.0)) + 0.5 * bright
    return 1.0 / (1.0 + float(np.exp(-leaning)))


def _ramp(value: float, low: float, high: float) -> float:
    """0 at the low end, 1 at the high end, straight between."""
    return float(min(1.0, max(0.0, (value - low) / (high - low))))
