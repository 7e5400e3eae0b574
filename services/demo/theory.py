"""Keys, scales, chords by Roman numeral, and how the voices of one chord walk to the next.

Owns the arithmetic of pitch (MIDI numbers, middle C = 60). Refuses to know rhythm, sound or songs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
"""Semitones above the tonic for each of the seven degrees."""

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NUMERALS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
_CHORD = re.compile(r"^([b#]?)([iIvV]+)([a-z0-9]*)(?:/([1-7]))?$")

# Suffix → semitones above the root, for numerals written large (major third) and small (minor third).
_LARGE: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "6": (0, 4, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "7": (0, 4, 7, 10),
    "9": (0, 4, 7, 10, 14),
    "13": (0, 4, 10, 14, 21),
    "13sus": (0, 5, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "maj7": (0, 4, 7, 11),
    "maj9": (0, 4, 7, 11, 14),
    "add9": (0, 4, 7, 14),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7sus": (0, 5, 7, 10),
}
_SMALL: dict[str, tuple[int, ...]] = {
    "": (0, 3, 7),
    "6": (0, 3, 7, 9),
    "7": (0, 3, 7, 10),
    "9": (0, 3, 7, 10, 14),
    "11": (0, 3, 7, 10, 14, 17),
    "add9": (0, 3, 7, 14),
    "dim7": (0, 3, 6, 9),
    "7b5": (0, 3, 6, 10),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic such as `Eb` or `F#` and one of `MODES`."""

    tonic: str
    mode: str

    @property
    def root(self) -> int:
        """The tonic's pitch class, 0 to 11."""
        accidental = {"": 0, "b": -1, "#": 1}[self.tonic[1:]]
        return (_LETTERS[self.tonic[0]] + accidental) % 12

    @property
    def scale(self) -> frozenset[int]:
        """The seven pitch classes of the scale."""
        return frozenset((self.root + step) % 12 for step in MODES[self.mode])

    @property
    def initial_key(self) -> str:
        """The key as tags spell it (`Eb`, `F#m`): modes count by their third, major or minor."""
        return self.tonic + ("m" if MODES[self.mode][2] == 3 else "")

    def pitch(self, degree: int, octave: int = 4, accidental: int = 0) -> int:
        """Degree 1 is the tonic in the given octave (C4 = 60); 8 is an octave higher, 0 one step below."""
        octaves, index = divmod(degree - 1, 7)
        return 12 * (octave + 1 + octaves) + self.root + MODES[self.mode][index] + accidental

    def step(self, pitch: int, steps: int) -> int:
        """The pitch so many scale steps above (or below) `pitch`; off-scale pitches count from the note
        below."""
        ladder = [note for note in range(pitch - 24, pitch + 25) if note % 12 in self.scale]
        below = max(index for index, note in enumerate(ladder) if note <= pitch)
        return ladder[below + steps]


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord as pitch classes: its root, the semitones stacked on it, and its bass note."""

    root: int
    intervals: tuple[int, ...]
    bass: int

    @property
    def tones(self) -> frozenset[int]:
        """Its pitch classes."""
        return frozenset((self.root + interval) % 12 for interval in self.intervals)

    @property
    def colour(self) -> tuple[int, ...]:
        """Up to four pitch classes worth voicing; rich chords drop the fifth, then leave the root to the
        bass."""
        chosen = list(self.intervals)
        if len(chosen) > 4 and 7 in chosen:
            chosen.remove(7)
        if len(chosen) > 4:
            chosen.remove(0)
        return tuple((self.root + interval) % 12 for interval in chosen[:4])

    def clashes(self, pitch: int) -> bool:
        """Whether a long melody note would rub: a semitone above a chord tone or just under the third."""
        if pitch % 12 in self.tones:
            return False
        third = (self.root + self.intervals[1]) % 12
        return (pitch - 1) % 12 in self.tones or (pitch + 1) % 12 == third


def read_chord(key: Key, numeral: str) -> Chord:
    """`ii9`, `bVImaj7`, `V7b9`, `I/3` (third in the bass) in a key; ValueError when it is not one."""
    found = _CHORD.match(numeral)
    if found is None or found[2].lower() not in _NUMERALS:
        raise ValueError(f"not a chord: {numeral}")
    accidental, roman, suffix, bass_degree = found.groups()
    qualities = _LARGE if roman.isupper() else _SMALL
    if suffix not in qualities:
        raise ValueError(f"unknown chord quality: {numeral}")
    root = (key.pitch(_NUMERALS[roman.lower()]) + {"": 0, "b": -1, "#": 1}[accidental]) % 12
    bass = key.pitch(int(bass_degree)) % 12 if bass_degree else root
    return Chord(root, qualities[suffix], bass)


def read_progression(key: Key, text: str) -> list[list[Chord]]:
    """Bars separated by `|`, chords within a bar by spaces."""
    return [[read_chord(key, numeral) for numeral in bar.split()] for bar in text.split("|")]


def nearest(pitch: int, classes: frozenset[int]) -> int:
    """The closest pitch whose class is in `classes`; the lower one on a tie."""
    return min(range(pitch - 6, pitch + 7), key=lambda note: (note % 12 not in classes, abs(note - pitch), note))


def voice(chords: Sequence[Chord], *, centre: int = 62, low: int = 50, high: int = 77) -> list[tuple[int, ...]]:
    """One closely moving voicing a chord: ascending pitches within [low, high], every colour tone present.

    The first chord sits around `centre`; each next one is the placement with the least total motion, with a
    small pull back to the centre so that a long progression does not drift.
    """
    voicings: list[tuple[int, ...]] = []
    for chord in chords:
        classes = chord.colour
        choices = [[note for note in range(low, high + 1) if note % 12 == tone] for tone in classes]
        placed = {tuple(sorted(combo)) for combo in itertools.product(*choices)}
        close = [notes for notes in placed if notes[-1] - notes[0] <= 16] or list(placed)
        previous = voicings[-1] if voicings else None
        voicings.append(min(close, key=lambda notes: (_effort(previous, notes, centre), notes)))
    return voicings


def _effort(previous: tuple[int, ...] | None, notes: tuple[int, ...], centre: int) -> float:
    drift = abs(sum(notes) / len(notes) - centre)
    # Seconds low in a chord sound muddy, and a minor second at the top sounds sour.
    mud = sum(2.0 for lower, upper in itertools.pairwise(notes) if upper - lower < 3 and lower < 58)
    sour = 3.0 if notes[-1] - notes[-2] == 1 else 0.0
    if previous is None:
        return drift * 2 + mud + sour
    motion = motion_between(previous, notes)
    return motion + drift * 0.8 + mud + sour


def motion_between(before: Sequence[int], after: Sequence[int]) -> float:
    """Semitones the voices travel, each new note counted from the nearest old one and the other way round."""
    arriving = sum(min(abs(note - old) for old in before) for note in after)
    leaving = sum(min(abs(note - old) for note in after) for old in before)
    return (arriving + leaving) / 2
