"""How fast a sound's beats follow one another: the possible tempi, and what speaks for each.

Owns periodicity and the choice of the octave. Refuses to know where the beats fall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analysis.music.chroma import Chroma, harmony_turns
from services.analysis.music.keys import chords_of
from services.analysis.music.onsets import Floats, Onsets
from services.analysis.music.weighing import chances
from services.analysis.music.weights import TEMPO_CALM, TEMPO_WEIGHTS

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds from beat to beat, and how likely that is right, its octave included."""

    period_s: float
    confidence: float


SLOWEST_BPM, FASTEST_BPM = 48.0, 208.0
_WINDOW_S, _STEP_S = 12.0, 3.0
_LONGEST_LAG_S = 6.0
_SHORTEST_LAG_S = 0.1
_LAG_STEP = 0.01
_IMAGES = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
_RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
_RECURRENCE, _NOISE_RECURS, _SURELY_RECURS = 0.02, 0.08, 0.2
"""How strongly something must recur in what has a pitch, and in what has none: noise by itself reaches 0.07."""
_PITCHED = 0.15
_LIVELIEST = 0.02
"""Flux that the liveliest fiftieth of the frames must reach: a held tone has no beat, however it trembles."""
_BINS = 24
"""Places in two beats."""


def find_tempo(onsets: Onsets, chroma: Chroma) -> Tempo | None:
    """The tempo, or None where nothing recurs.

    Every simple multiple and part of the strongest periods is a candidate, since the strongest is often twice or half
    the beat (Percival and Tzanetakis, Streamlined Tempo Estimation, IEEE TASLP 2014, learn that choice from examples
    likewise). Which of them people would tap is weighed by the evidence of `evidence`.
    """
    if float(np.percentile(onsets.flux.mean(axis=1), 98)) < _LIVELIEST:
        return None
    periods_s, table, recurrence = evidence(onsets, chroma)
    if recurrence < (_RECURRENCE if chroma.clarity > _PITCHED else _NOISE_RECURS):
        return None
    likely = chances(table, TEMPO_WEIGHTS, TEMPO_CALM)
    best = int(np.argmax(likely))
    trust = min(1.0, recurrence / _SURELY_RECURS)
    return Tempo(float(periods_s[best]), float(likely[best]) * trust)


def accents(onsets: Onsets) -> Floats:
    """The onsets' registers, each freed of its slow changes and brought to a common height; silent ones stay small."""
    around = max(3, round(onsets.rate * 0.8))
    rising = np.maximum(0.0, onsets.flux - _mean_around(onsets.flux, around))
    spread = rising.std(axis=0)
    common = max(float(spread.max()), 1e-9)
    return np.asarray(rising / np.maximum(spread, 0.25 * common), dtype=np.float32)


def _mean_around(rows: Floats, frames: int) -> Floats:
    padded = np.pad(rows, ((frames // 2 + 1, frames - frames // 2 - 1), (0, 0)), mode="edge")
    summed = np.cumsum(padded, axis=0, dtype=np.float64)
    return np.asarray((summed[frames:] - summed[:-frames]) / frames, dtype=np.float32)


class Periods:
    """How strongly a row of values repeats after so many seconds, averaged over windows, on a logarithmic scale."""

    def __init__(self, values: Floats, rate: float) -> None:
        lags_s = np.exp(np.arange(np.log(_SHORTEST_LAG_S), np.log(_LONGEST_LAG_S), _LAG_STEP))
        self._first = float(np.log(_SHORTEST_LAG_S))
        size = min(len(values), round(_WINDOW_S * rate))
        step = max(1, round(_STEP_S * rate))
        most = min(size * 3 // 4, int(_LONGEST_LAG_S * rate) + 2)
        length = 1 << int(np.ceil(np.log2(max(2, size + most))))
        strength = np.zeros(max(2, most + 1))
        energy = 1e-9
        for start in range(0, max(1, len(values) - size + 1), step):
            piece = values[start : start + size].astype(np.float64)
            piece = piece - piece.mean()
            power = np.abs(np.fft.rfft(piece, length)) ** 2
            repeated = np.fft.irfft(power, length)[: most + 1]
            strength[: most + 1] += repeated * size / (size - np.arange(most + 1))
            energy += float(repeated[0])
        self._curve = np.interp(lags_s * rate, np.arange(len(strength)), strength / energy, right=0.0)
        wide = np.lib.stride_tricks.sliding_window_view(np.pad(self._curve, 2, mode="edge"), 5)
        self._peaks = wide.max(axis=1)

    def at(self, seconds: Numbers | float) -> Numbers:
        """The strength of these periods, where needed of their nearest neighbours within 2 %."""
        place = np.round((np.log(seconds) - self._first) / _LAG_STEP).astype(int)
        inside = (place >= 0) & (place < len(self._peaks))
        return np.where(inside, self._peaks[np.clip(place, 0, len(self._peaks) - 1)], 0.0)

    def exact(self, seconds: Numbers | float) -> Numbers:
        """The strength of exactly these periods."""
        place = (np.log(seconds) - self._first) / _LAG_STEP
        strength: Numbers = np.interp(place, np.arange(len(self._curve)), self._curve, left=0.0, right=0.0)
        return strength


def candidates(total: Periods) -> Numbers:
    """Periods in seconds that may be the beat: the best two by a comb of multiples, and their simple images."""
    scale = np.exp(np.arange(np.log(60 / FASTEST_BPM), np.log(60 / SLOWEST_BPM), _LAG_STEP / 2))
    comb = (
        total.exact(scale) + 0.7 * total.exact(2 * scale) + 0.35 * total.exact(3 * scale) + 0.5 * total.exact(4 * scale)
    )
    found: list[float] = []
    tops = np.nonzero((comb[1:-1] >= comb[:-2]) & (comb[1:-1] > comb[2:]))[0] + 1
    if not len(tops):
        tops = np.array([int(np.argmax(comb))])
    for top in sorted(tops, key=lambda each: -comb[each])[:3]:
        for image in _IMAGES:
            period = float(scale[top]) * image
            if 60 / FASTEST_BPM <= period <= 60 / SLOWEST_BPM:
                near = period * np.exp(np.linspace(-0.02, 0.02, 9))
                period = float(near[np.argmax(total.exact(near) + total.exact(2 * near) + 0.5 * total.exact(4 * near))])
                if all(abs(np.log(period / other)) > 0.045 for other in found):
                    found.append(period)
    return np.array(found)


def evidence(onsets: Onsets, chroma: Chroma) -> tuple[Numbers, Numbers, float]:
    """The candidates, in seconds, a row for each of what speaks for it, and how strongly anything recurs, 0 to 1."""
    registers = accents(onsets)
    total = registers.sum(axis=1)
    both = Periods(total, onsets.rate)
    periods_s = candidates(both)
    low = Periods(registers[:, 0] + registers[:, 1], onsets.rate)
    high = Periods(registers[:, 2] + registers[:, 3], onsets.rate)
    harmony = Periods(harmony_turns(chroma), chroma.rate)
    columns = [both.at(periods_s * ratio) for ratio in _RATIOS]
    columns += [low.at(periods_s * ratio) for ratio in (1 / 2, 1.0, 2.0, 3.0, 4.0)]
    columns += [high.at(periods_s * ratio) for ratio in (1 / 3, 1 / 2, 1.0, 2.0, 4.0)]
    columns += [harmony.at(periods_s * ratio) for ratio in (1.0, 2.0, 3.0, 4.0, 6.0, 8.0)]
    for each in (both, low, high, harmony):
        # A metre is duple or triple: either speaks for the beat, a draw between them against it.
        duple, triple = (each.at(2 * periods_s) + each.at(4 * periods_s)) / 2, each.at(3 * periods_s)
        columns += [np.abs(duple - triple), np.maximum(duple, triple), np.maximum(each.at(4 * periods_s), triple)]
    for each in (both, low, high):
        halves, thirds = each.at(periods_s / 2), each.at(periods_s / 3)
        columns += [np.abs(halves - thirds), np.maximum(halves, thirds)]
    columns.append(np.maximum(harmony.at(6 * periods_s), harmony.at(8 * periods_s)))
    recurrence = float(both.at(periods_s).max())
    columns.append(both.at(periods_s) / max(recurrence, 1e-9))
    columns.append(np.log(resonance(60 / periods_s)))
    octaves = np.log2(60 / periods_s / 110)
    columns += [octaves, octaves**2]
    for accent in (total, registers[:, 0], registers[:, 1], registers[:, 2] + registers[:, 3]):
        crowd = np.log2(events_a_second(accent, onsets.rate) * periods_s + 0.05)
        columns += [crowd, crowd**2]
    crowd = np.log2(_chord_changes(chroma) * periods_s + 0.02)
    columns += [crowd, crowd**2]
    folded = np.array([_places(registers, onsets.rate, float(period)) for period in periods_s])
    return periods_s, np.concatenate([np.array(columns).T, folded], axis=1), recurrence


def resonance(bpm: Numbers | float) -> Numbers:
    """How readily people tap at a tempo: a damped resonance at 2 Hz (van Noorden and Moelants, 1999)."""
    hertz, natural, damping = np.asarray(bpm) / 60, 2.0, 1.6
    curve = 1 / np.sqrt((natural**2 - hertz**2) ** 2 + damping * hertz**2) - 1 / np.sqrt(natural**4 + hertz**4)
    readiness: Numbers = np.maximum(curve, 1e-3)
    return readiness


def events_a_second(accent: Floats, rate: float) -> float:
    """Accents a second that stand out of their surroundings."""
    if len(accent) < 5:
        return 0.0
    wide = np.lib.stride_tricks.sliding_window_view(np.pad(accent, 3, mode="edge"), 7).max(axis=1)
    tall = float(np.percentile(accent, 98))
    return float(np.sum((accent >= wide) & (accent > 0.3 * tall))) * rate / len(accent)


def _chord_changes(chroma: Chroma) -> float:
    """Changes of the likeliest chord a second; changes back within half a second do not count."""
    named = np.argmax(chords_of(chroma), axis=1)
    steady = max(2, round(chroma.rate * 0.4))
    if len(named) <= 2 * steady:
        return 0.0
    runs = np.flatnonzero(np.diff(named)) + 1
    bounds = np.concatenate([[0], runs, [len(named)]])
    long = np.diff(bounds) >= steady
    kept = named[bounds[:-1]][long]
    return float(np.count_nonzero(np.diff(kept))) * chroma.rate / len(named)


def _places(registers: Floats, rate: float, period_s: float) -> Numbers:
    """What happens on the beat, between the beats, and on every other beat.

    The accents of each stretch of eight beats are folded onto two beats; the fold is turned so that the beats carry
    most. Kick and snare that take turns (low and high accents on different beats) are the mark of the backbeat.
    """
    span = 2 * period_s * rate
    frames = np.arange(len(registers))
    stretch = (frames / (4 * span)).astype(int)
    bins = (frames / span * _BINS).astype(int) % _BINS
    count = int(stretch[-1]) + 1
    index = stretch * _BINS + bins
    folds = np.stack(
        [
            np.bincount(index, registers[:, n], minlength=count * _BINS).reshape(count, _BINS)
            for n in range(registers.shape[1])
        ]
    )
    blurred = folds + 0.5 * (np.roll(folds, 1, axis=2) + np.roll(folds, -1, axis=2))
    weighted = 1.5 * blurred[0] + blurred[1] + blurred[2] + 0.5 * blurred[3]
    half = _BINS // 2
    shift = np.argmax((weighted + np.roll(weighted, -half, axis=1))[:, :half], axis=1)
    order = (np.arange(_BINS)[None, :] + shift[:, None]) % _BINS
    turned = np.take_along_axis(blurred, np.broadcast_to(order, blurred.shape), axis=2)
    low, high = turned[0] + 0.5 * turned[1], turned[2] + 0.5 * turned[3]
    every = low + high
    whole = every.sum(axis=1) / _BINS + 1e-6
    lows = low.sum(axis=1) / _BINS + 1e-6
    highs = high.sum(axis=1) / _BINS + 1e-6
    on = (every[:, 0] + every[:, half]) / 2
    halves = (every[:, 6] + every[:, 18]) / 2
    thirds = (every[:, 4] + every[:, 16]) / 2 + (every[:, 8] + every[:, 20]) / 2
    quarters = (every[:, 3] + every[:, 9] + every[:, 15] + every[:, 21]) / 4
    low_turn = (low[:, 0] - low[:, half]) / (low[:, 0] + low[:, half] + lows)
    high_turn = (high[:, 0] - high[:, half]) / (high[:, 0] + high[:, half] + highs)
    low_half = (low[:, 6] + low[:, 18]) / (low[:, 0] + low[:, half] + lows)
    high_half = (high[:, 6] + high[:, 18]) / (high[:, 0] + high[:, half] + highs)
    found = [
        on / whole,
        halves / whole,
        thirds / whole / 2,
        quarters / whole,
        (low[:, 0] + low[:, half]) / 2 / lows,
        (high[:, 0] + high[:, half]) / 2 / highs,
        np.abs(low_turn),
        np.abs(high_turn),
        np.maximum(0.0, -low_turn * high_turn),
        np.maximum(0.0, low_turn * high_turn),
        np.abs(every[:, 0] - every[:, half]) / (every[:, 0] + every[:, half] + whole),
        low_half,
        high_half,
        np.abs(low_half - high_half),
        every.min(axis=1) / whole,
    ]
    return np.array([float(each.mean()) for each in found])
