"""What every band needs to write its parts: voiced chords, bass notes, grooves and arpeggios.

Owns patterns over a piece's sections. Refuses to know any one style.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from services.demo.composer import Harmony, Note, Piece, Section
from services.demo.theory import Chord, voice

Voiced = tuple[Section, Harmony, tuple[int, ...]]
"""A chord in its section, with the pitches chosen for it."""


def voiced(piece: Piece, *, centre: int, low: int, high: int) -> list[Voiced]:
    """All chords of the piece in order, voice-led from the first to the last."""
    flat = [(section, harmony) for section in piece.sections for harmony in section.chords]
    pitches = voice([harmony.chord for _, harmony in flat], centre=centre, low=low, high=high)
    return [(section, harmony, notes) for (section, harmony), notes in zip(flat, pitches, strict=True)]


def held(chords: Iterable[Voiced], roles: Sequence[str], velocity: float) -> Iterator[Note]:
    """Every chord held for its length, in sections with these roles."""
    for section, harmony, pitches in chords:
        if section.role in roles:
            for pitch in pitches:
                yield Note(harmony.start, harmony.length, pitch, velocity)


def struck(
    chords: Iterable[Voiced], roles: Sequence[str], pattern: Sequence[tuple[float, float, float]]
) -> Iterator[Note]:
    """Chords repeated in a rhythm: (beat in the chord, length, velocity); a closing chord is struck once."""
    for section, harmony, pitches in chords:
        if section.role == "close":
            yield from (Note(harmony.start, harmony.length, pitch, 0.5) for pitch in pitches)
            continue
        if section.role not in roles:
            continue
        for at, length, velocity in pattern:
            if at < harmony.length:
                for pitch in pitches:
                    yield Note(harmony.start + at, min(length, harmony.length - at), pitch, velocity)


def strummed(notes: Iterable[Note], beats_apart: float) -> list[Note]:
    """Notes that start together, rolled from the lowest up."""
    groups: dict[float, list[Note]] = {}
    for note in notes:
        groups.setdefault(note.start, []).append(note)
    rolled: list[Note] = []
    for together in groups.values():
        for place, note in enumerate(sorted(together, key=lambda one: one.pitch)):
            rolled.append(replace(note, start=note.start + place * beats_apart))
    return rolled


def bass_of(chord: Chord, low: int = 29) -> int:
    """The chord's bass note within the octave above `low`."""
    return low + (chord.bass - low) % 12


def fifth_of(chord: Chord, above: int) -> int:
    """The chord's fifth (or what stands for it) just above a bass note."""
    fifths = [interval for interval in chord.intervals if 6 <= interval % 12 <= 8]
    return above + ((chord.root + (fifths[0] if fifths else 7)) - above) % 12


def arpeggio(
    chords: Iterable[Voiced], roles: Sequence[str], order: str, step: float, velocity: float
) -> Iterator[Note]:
    """Broken chords: digits of `order` pick a voice from the lowest, `^` after one lifts it an octave, `.`
    rests."""
    steps: list[tuple[int, int] | None] = []
    for sign in order:
        last = steps[-1] if steps else None
        if sign == "^" and last is not None:
            steps[-1] = (last[0], 12)
        else:
            steps.append(None if sign == "." else (int(sign), 0))
    for section, harmony, pitches in chords:
        if section.role not in roles:
            continue
        for index in range(round(harmony.length / step)):
            chosen = steps[index % len(steps)]
            if chosen is not None:
                pitch = pitches[chosen[0] % len(pitches)] + chosen[1]
                accent = 0.1 if index % 4 == 0 else 0.0
                yield Note(harmony.start + index * step, step * 1.6, pitch, velocity + accent)


def melody(piece: Piece, roles: Sequence[str], transpose: int = 0, *, turns: Sequence[int] = ()) -> list[Note]:
    """The tune in these sections; with `turns`, only when the section returns for that many times."""
    return [
        replace(note, pitch=note.pitch + transpose)
        for section in piece.sections
        if section.role in roles and (not turns or section.turn in turns)
        for note in section.melody
    ]


_HITS = {"X": 0.95, "x": 0.75, "o": 0.45, ",": 0.28}


def groove(
    piece: Piece, section: Section, patterns: dict[int, str], rng: np.random.Generator, *, sparse: float = 0.0
) -> Iterator[Note]:
    """A bar of drums for every bar of a section.

    Patterns spread evenly over the bar: `X` accent, `x` hit, `o` soft, `,` ghost, anything else silence;
    ghosts are left out with probability `sparse`, so that no two bars are quite the same.
    """
    beats = piece.score.beats_per_bar
    for bar in range(section.bars):
        at = section.start + bar * beats
        for pitch, pattern in patterns.items():
            step = beats / len(pattern)
            for index, sign in enumerate(pattern):
                if sign in _HITS and not (sign == "," and rng.random() < sparse):
                    yield Note(at + index * step, step, pitch, _HITS[sign] + 0.06 * float(rng.uniform(-1, 1)))


def legato(notes: list[Note], overlap: float = 0.0) -> list[Note]:
    """Each note held until the next begins when the gap is under half a beat: a sung line."""
    joined: list[Note] = []
    for index, note in enumerate(notes):
        gap = notes[index + 1].start - (note.start + note.length) if index + 1 < len(notes) else 1.0
        length = note.length + (gap if 0 < gap < 0.5 else 0.0) + overlap
        joined.append(replace(note, length=length))
    return joined
