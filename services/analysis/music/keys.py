"""The key and mode of a sound, from its chroma.

Owns what a key sounds like. Refuses to know samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analysis.music.chroma import Chroma
from services.analysis.music.onsets import Floats
from services.analysis.music.weighing import chances
from services.analysis.music.weights import KEY_CALM, KEY_WEIGHTS

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES = ("major", "minor")

_KRUMHANSL_KESSLER = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
_TEMPERLEY = (
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)
_ALBRECHT_SHANAHAN = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)
_TRIADS = ((0, 4, 7), (0, 3, 7))
_SHARPNESS = 12.0
_CLARITY = (0.08, 0.2)
"""Below the first there are no notes, above the second there surely are; noise stays below."""


@dataclass(frozen=True, slots=True)
class Key:
    """`tonic` is semitones above C; `major` is how likely the mode is major, whatever the tonic."""

    tonic: int
    mode: str
    confidence: float
    major: float


def find_key(chroma: Chroma) -> Key | None:
    """The key that most of the sound is in, or None where nothing has a pitch.

    Evidence: correlation with the profiles of Krumhansl and Kessler (1982), Temperley (2007) and Albrecht and Shanahan
    (The Use of Large Corpora to Develop a New Type of Key-Finding Algorithm, 2013), and what profiles cannot see: which
    chords sound, which follow which, on which it begins and ends, and what the bass does. Relative keys share their
    notes and differ in these.
    """
    if chroma.clarity < _CLARITY[0]:
        return None
    likely = chances(evidence(chroma), KEY_WEIGHTS, KEY_CALM)
    best = int(np.argmax(likely))
    trust = min(1.0, (chroma.clarity - _CLARITY[0]) / (_CLARITY[1] - _CLARITY[0]))
    return Key(best % 12, MODES[best // 12], float(likely[best]) * trust, float(likely[:12].sum()))


def chords_of(chroma: Chroma) -> Floats:
    """How likely each of the 24 triads (C major, C# major, … B minor) is in each frame; zero where nothing sounds."""
    whole = _smooth(chroma.whole, 3)
    bass = _smooth(chroma.bass, 3)
    size = np.linalg.norm(whole, axis=1, keepdims=True)
    heard = whole / np.maximum(size, 1e-9)
    low = bass / np.maximum(np.linalg.norm(bass, axis=1, keepdims=True), 1e-9)
    templates = np.zeros((12, 24), dtype=np.float32)
    for mode, triad in enumerate(_TRIADS):
        for root in range(12):
            for tone in triad:
                templates[(root + tone) % 12, 12 * mode + root] = 1 / np.sqrt(3)
    match = heard @ templates + 0.25 * np.concatenate([low, low], axis=1)
    likely = np.exp(_SHARPNESS * (match - match.max(axis=1, keepdims=True)))
    likely /= likely.sum(axis=1, keepdims=True)
    sounding = size[:, 0] > 0.05 * max(float(np.percentile(size, 90)), 1e-9)
    return np.asarray(likely * sounding[:, None], dtype=np.float32)


def evidence(chroma: Chroma) -> npt.NDArray[np.float64]:
    """What speaks for each of the 24 keys: a row for each key, a column for each kind of evidence."""
    chords = chords_of(chroma)
    size = chroma.whole.sum(axis=1, keepdims=True)
    frames = np.sqrt(np.maximum(size, 1e-9))
    mean = _share((chroma.whole / frames).sum(axis=0))
    bass = _share((chroma.bass / np.sqrt(np.maximum(chroma.bass.sum(axis=1, keepdims=True), 1e-9))).sum(axis=0))
    share = _share(chords.sum(axis=0))
    sounding = np.nonzero(chords.sum(axis=1) > 0)[0]
    begin, end = (int(sounding[0]), int(sounding[-1]) + 1) if len(sounding) else (0, 1)
    second = max(1, round(chroma.rate))
    first = _share(chords[begin : begin + 3 * second].sum(axis=0))
    last = _share(chords[max(begin, end - 3 * second) : end].sum(axis=0))
    moves = np.mean([_moves(chords, round(lag * chroma.rate)) for lag in (0.75, 1.5, 2.5)], axis=0)
    rows = []
    for mode in range(2):
        for tonic in range(12):
            turned, low = np.roll(mean, -tonic), np.roll(bass, -tonic)
            shares, opening, closing = (_turn(each, tonic) for each in (share, first, last))
            moved = moves[_order(tonic)][:, _order(tonic)]
            home = 12 * mode
            own = [
                low[0],
                low[7],
                low[5],
                shares[home],
                shares[12 * (1 - mode)],
                shares[7],
                shares[12 + 7],
                shares[5],
                shares[12 + 5],
                shares[12 + 9] if mode == 0 else shares[8],
                shares[12 + 2] if mode == 0 else shares[3],
                shares[12 + 4] if mode == 0 else shares[10],
                opening[home],
                closing[home],
                moved[7, home],
                moved[12 + 7, home],
                moved[5, home] + moved[12 + 5, home],
                moved[10, home],
                turned[4 - mode] - turned[3 + mode],
                turned[11],
                turned[10],
                turned[0],
            ]
            blank = [0.0] * len(own)
            fits = [
                _likeness(turned, profile[mode]) for profile in (_KRUMHANSL_KESSLER, _TEMPERLEY, _ALBRECHT_SHANAHAN)
            ]
            fits.append(_likeness(low, _ALBRECHT_SHANAHAN[mode]))
            rows.append([*fits, float(mode), *(own if mode == 0 else blank), *(blank if mode == 0 else own)])
    return np.array(rows, dtype=np.float64)


def _order(tonic: int) -> npt.NDArray[np.int64]:
    """Where the 24 chords of a key on C stand when the key is on this tonic."""
    turned = (np.arange(12) + tonic) % 12
    return np.concatenate([turned, turned + 12])


def _turn(chords: npt.NDArray[np.float64], tonic: int) -> npt.NDArray[np.float64]:
    turned: npt.NDArray[np.float64] = chords[_order(tonic)]
    return turned


def _moves(chords: Floats, lag: int) -> npt.NDArray[np.float64]:
    """How often each chord is followed by each other one after so many frames, as shares."""
    if len(chords) <= lag:
        return np.zeros((24, 24))
    return _share((chords[:-lag].T @ chords[lag:]).astype(np.float64))


def _share(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    total = float(values.sum())
    return values.astype(np.float64) / total if total > 0 else values.astype(np.float64)


def _likeness(heard: npt.NDArray[np.float64], profile: tuple[float, ...]) -> float:
    """Pearson's correlation, 0 where nothing varies."""
    one, other = heard - heard.mean(), np.array(profile) - np.mean(profile)
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / size if size > 1e-12 else 0.0


def _smooth(rows: Floats, frames: int) -> Floats:
    """The mean of so many frames around each."""
    padded = np.pad(rows, ((frames // 2 + 1, frames // 2), (0, 0)))
    summed = np.cumsum(padded, axis=0, dtype=np.float64)
    return np.asarray((summed[frames:] - summed[:-frames]) / frames, dtype=np.float32)
