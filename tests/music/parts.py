"""The parts of a song of the test set, bar by bar: chords by numeral, bass, broken and struck chords, drums, melody.

Owns which notes are played on which beat. Refuses to know when a beat falls and how it sounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from tests.music.styles import Style, Way

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_QUALITIES = {
    "": (),
    "7": (10,),
    "maj7": (11,),
    "9": (10, 14),
    "add9": (14,),
    "m7b5": (10,),
}
_NUMERAL = re.compile(r"^(b?)([iIvV]+)(m7b5|maj7|add9|7|9)?(?:/(\d))?$")
_DEGREES = ("i", "ii", "iii", "iv", "v", "vi", "vii")


@dataclass(frozen=True)
class Chord:
    """A bass note and the notes above a root, in semitones above C."""

    root: int
    bass: int
    intervals: tuple[int, ...]

    @property
    def tones(self) -> frozenset[int]:
        return frozenset((self.root + each) % 12 for each in self.intervals)


@dataclass
class Sheet:
    """What is played: (beat, beats, voice, pitch, velocity)."""

    notes: list[tuple[float, float, str, float, float]] = field(default_factory=list)
    strokes: list[tuple[float, str, float]] = field(default_factory=list)


def read_chord(text: str, tonic: int, mode: str) -> Chord:
    """`V7`, `bVII`, `iim7b5`, `V/7` (a degree of the scale in the bass) in a key."""
    found = _NUMERAL.match(text)
    assert found, text
    flat, numeral, quality, over = found.groups()
    degree = _DEGREES.index(numeral.lower())
    steps = SCALES["major"] if flat else SCALES[mode]
    root = (tonic + steps[degree] - bool(flat)) % 12
    third = 3 if numeral.islower() else 4
    fifth = 6 if quality == "m7b5" else 7
    bass = (tonic + SCALES[mode][int(over) - 1]) % 12 if over else root
    return Chord(root, bass, (0, third, fifth, *_QUALITIES[quality or ""]))


def voicing(chord: Chord) -> list[int]:
    """The chord's notes around middle C, lowest first."""
    return sorted(55 + (chord.root + each - 55) % 12 + (12 if each > 12 else 0) for each in chord.intervals)


def accompany(
    sheet: Sheet,
    style: Style,
    way: Way,
    chord: Chord,
    following: Chord,
    start: float,
    within: tuple[int, int],
    rng: np.random.Generator,
) -> None:
    """Bass and chords from one step of the bar to another."""
    begin, close = within
    low = 33 + (chord.bass - 33) % 12
    degrees = {"1": low, "3": low + (chord.intervals[1]), "5": low + chord.intervals[2], "8": low + 12}
    signs = _signs(way.bass, begin, close)
    for place, step in enumerate(signs):
        end = signs[place + 1] if place + 1 < len(signs) else close
        sign = way.bass[step] if way.bass[step] != "." else "1"
        if sign == "w":
            toward = 33 + (following.bass - 33) % 12
            walk = [low, low + chord.intervals[1], low + chord.intervals[2], toward + (1 if rng.random() < 0.5 else -1)]
            pitch = walk[place % 4]
        else:
            pitch = degrees[sign]
        length = min(4 * style.steps, end - step) / style.steps
        sheet.notes.append((start + step / style.steps, length * 0.92, "bass", pitch, 0.8 - 0.1 * (step > 0)))
    voiced = voicing(chord)
    signs = _signs(way.chords, begin, close)
    for place, step in enumerate(signs):
        sign = way.chords[step] if way.chords[step] != "." else "x"
        end = signs[place + 1] if place + 1 < len(signs) else close
        length = (end - step) / style.steps
        at = start + step / style.steps
        if sign == "x":
            for pitch in voiced:
                sheet.notes.append((at, length * 0.95, "chords", pitch, 0.5 + 0.1 * (step == 0)))
        elif sign != "-":
            index = int(sign)
            pitch = voiced[index % len(voiced)] + 12 * (index // len(voiced))
            sheet.notes.append((at, max(length, 0.5) * 0.95, "chords", pitch, 0.55))


def _signs(pattern: str, begin: int, close: int) -> list[int]:
    """Steps at which something happens; a chord that comes amid a held one is struck anew."""
    signs = [step for step in range(begin, min(close, len(pattern))) if pattern[step] != "."]
    held = pattern[:begin].rstrip(".")
    if begin and held and held[-1] not in "-" and begin not in signs and len(signs) < 2:
        signs.insert(0, begin)
    return signs


def drum(sheet: Sheet, style: Style, way: Way, start: float, rng: np.random.Generator) -> None:
    for name, pattern in way.drums.items():
        for step, sign in enumerate(pattern):
            if sign == "." or (sign == "o" and rng.random() < 0.1):
                continue
            sheet.strokes.append((start + step / style.steps, name, 0.9 if sign == "x" else 0.45))


def motif(style: Style, rng: np.random.Generator) -> list[tuple[float, float]]:
    """A bar's rhythm: (beat in the bar, beats), a rest now and then."""
    notes: list[tuple[float, float]] = []
    step, most = 0, style.beats * style.steps
    while step < most:
        length = min(int(rng.choice(style.lead_steps)), most - step)
        if rng.random() < 0.85:
            notes.append((step / style.steps, length / style.steps))
        step += length
    return notes


def sing(
    sheet: Sheet,
    home: frozenset[int],
    style: Style,
    motif: list[tuple[float, float]],
    chord: Chord,
    start: float,
    line: int,
    bar: int,
    rng: np.random.Generator,
) -> int:
    """The melody of a bar: chord tones where they are heard, passing tones between; where it ended."""
    scale = chord.tones | home
    for at, length in motif:
        strong = at == int(at)
        wanted = chord.tones if strong or length >= 1 else scale
        target = line + int(rng.choice([-4, -3, -2, -1, 1, 2, 3, 4]))
        target = min(84, max(62, target))
        line = min(
            (pitch for pitch in range(target - 6, target + 7) if pitch % 12 in wanted), key=lambda p: abs(p - target)
        )
        sheet.notes.append((start + at, length * 0.95, "lead", line, 0.75))
    return line
