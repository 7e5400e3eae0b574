"""Where the beats of a sound fall, once its tempo is known.

Owns the path from beat to beat. Refuses to choose the tempo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analysis.music.chroma import Chroma, harmony_turns
from services.analysis.music.onsets import Floats, Onsets
from services.analysis.music.tempo import accents
from services.analysis.music.weighing import chances
from services.analysis.music.weights import SHIFT_WEIGHTS

Numbers = npt.NDArray[np.float64]

_TIGHTNESS = 120.0
_REACH = 0.22
"""How far one beat may be longer or shorter than the tempo says, as a share."""


SHIFTS = (0.0, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4)
"""By how much of a beat a regular path may have missed the beats."""


@dataclass(frozen=True, slots=True)
class Beats:
    """Beats in seconds, ascending. `likelihood` is that of their lying on the beat and not between, 0 to 1;
    `evenness` says how alike they are and `strength` how far the accents they meet stand out.
    """

    seconds: Numbers
    likelihood: float
    strength: float
    evenness: float


def track(onsets: Onsets, chroma: Chroma, period_s: float) -> Beats:
    """The beats of a sound whose beats are about `period_s` apart.

    Dynamic programming after Ellis, Beat Tracking by Dynamic Programming (JNMR 2007): each beat is worth the accent it
    falls on and what the best beat before it was worth, less the square of the logarithm of how far their distance
    strays from the period. The path found may run between the beats (cymbals and chords off the beat are loud), so the
    places between are heard too: where the bass and the harmony change is where the beats are, and there the path is
    sought again.
    """
    registers = accents(onsets)
    pulse = pulse_of(registers, period_s * onsets.rate)
    path = best_path(pulse, period_s * onsets.rate)
    if len(path) < 4:
        return Beats(path / onsets.rate, 0.0, 0.0, 0.0)
    likely = chances(shift_evidence(registers, onsets.rate, chroma, path), SHIFT_WEIGHTS)
    chosen = int(np.argmax(likely))
    if chosen:
        pulse = pulse * _near(shifted(path, SHIFTS[chosen]), len(pulse), period_s * onsets.rate)
        path = best_path(pulse, period_s * onsets.rate)
    path = _trimmed(path, pulse)
    seconds = _refined(path, pulse) / onsets.rate
    if len(seconds) < 4:
        return Beats(seconds, 0.0, 0.0, 0.0)
    apart = np.log(np.diff(seconds))
    uneven = float(np.median(np.abs(np.diff(apart))) + np.median(np.abs(apart - np.median(apart))))
    return Beats(seconds, float(likely[chosen]), float(pulse[path].mean()), float(np.exp(-12.0 * uneven)))


def pulse_of(registers: Floats, span: float) -> Floats:
    """One row of accents, of the registers that mark beats, blurred by a share of the beat."""
    pulse = _smoothed(registers @ np.array([1.6, 1.0, 1.0, 0.5], dtype=np.float32), span / 24)
    return np.asarray(pulse / max(float(pulse.std()), 1e-9), dtype=np.float32)


def shifted(path: npt.NDArray[np.int64], share: float) -> Numbers:
    """The places that share of the way from each beat to the next."""
    if share == 0.0:
        return path.astype(np.float64)
    return path[:-1] + share * np.diff(path)


def shift_evidence(registers: Floats, rate: float, chroma: Chroma, path: npt.NDArray[np.int64]) -> Numbers:
    """A row for each of `SHIFTS`: what speaks for the beats' lying there."""
    wide = np.maximum(registers, np.maximum(np.roll(registers, 1, axis=0), np.roll(registers, -1, axis=0)))
    turns = harmony_turns(chroma)
    rows = []
    for share in SHIFTS:
        places = shifted(path, share)
        nearest = np.clip(np.round(places).astype(int), 0, len(wide) - 1)
        met = wide[nearest]
        turned = np.interp(places / rate * chroma.rate, np.arange(len(turns)), turns)
        ever, odd = met.mean(axis=0), np.abs(met[::2].mean(axis=0) - met[1::2].mean(axis=0))
        bars = max(float(turned[n::4].mean()) for n in range(4))
        rows.append([*ever, *odd, float(turned.mean()), bars, float(np.abs(turned[::2].mean() - turned[1::2].mean()))])
    table = np.array(rows)
    table = table / (table.mean(axis=0) + 1e-6)
    marks = np.array([[share == 0, share == 0.5, share in (1 / 3, 2 / 3)] for share in SHIFTS], dtype=np.float64)
    return np.concatenate([table, marks], axis=1)


def _near(places: Numbers, frames: int, span: float) -> Floats:
    """A bell around each place, a tenth of a beat wide."""
    nearest = np.clip(np.searchsorted(places, np.arange(frames)), 1, len(places) - 1)
    away = np.minimum(np.abs(np.arange(frames) - places[nearest - 1]), np.abs(np.arange(frames) - places[nearest]))
    beyond = (np.arange(frames) < places[0] - span / 2) | (np.arange(frames) > places[-1] + span / 2)
    return np.where(beyond, 1.0, np.exp(-0.5 * (away / (0.1 * span)) ** 2)).astype(np.float32)


def _smoothed(pulse: Floats, frames: float) -> Floats:
    """Blurred by a bell of this width."""
    reach = max(1, round(3 * frames))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(frames, 0.5)) ** 2)
    return np.asarray(np.convolve(pulse, bell / bell.sum(), mode="same"), dtype=np.float32)


def best_path(pulse: Floats, span: float) -> npt.NDArray[np.int64]:
    """Frames of the beats."""
    near, far = max(1, round(span * (1 - _REACH))), max(2, round(span * (1 + _REACH)))
    distances = np.arange(far, near - 1, -1)
    cost = -_TIGHTNESS * np.log(distances / span) ** 2
    count = len(pulse)
    worth = np.zeros(count + far)
    before = np.full(count, -1, dtype=np.int64)
    # Rows of `far` zeros stand for the silence before the sound: a first beat follows nothing.
    for start in range(0, count, near):
        end = min(count, start + near)
        # No beat of this stretch can follow another of it, so the whole stretch is decided at once.
        views = np.lib.stride_tricks.sliding_window_view(worth[start : end + far - near], len(distances))
        sums = views[: end - start] + cost
        best = np.argmax(sums, axis=1)
        gained = sums[np.arange(end - start), best]
        source = np.arange(start, end) - distances[best]
        follows = (gained > 0) & (source >= 0)
        worth[far + start : far + end] = pulse[start:end] + np.where(follows, gained, 0.0)
        before[start:end] = np.where(follows, source, -1)
    tail = max(0, count - far)
    at = tail + int(np.argmax(worth[far + tail :]))
    path = []
    while at >= 0:
        path.append(at)
        at = int(before[at])
    return np.array(path[::-1], dtype=np.int64)


def _trimmed(frames: npt.NDArray[np.int64], pulse: Floats) -> npt.NDArray[np.int64]:
    """Without the beats before the first and after the last accent."""
    if len(frames) < 3:
        return frames
    heard = pulse[frames] > 0.25 * float(np.median(pulse[frames]))
    places = np.nonzero(heard)[0]
    return frames[places[0] : places[-1] + 1] if len(places) else frames


def _refined(frames: npt.NDArray[np.int64], pulse: Floats) -> Numbers:
    """Between the frames, by a parabola through the accent."""
    inner = np.clip(frames, 1, max(1, len(pulse) - 2))
    if len(pulse) < 3:
        return frames.astype(np.float64)
    left, middle, right = (pulse[inner + n].astype(np.float64) for n in (-1, 0, 1))
    bend = left - 2 * middle + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    exact: Numbers = frames + np.clip(shift, -0.5, 0.5)
    return exact
