"""From a score's few lines to a whole piece: sections, chords in time, and a melody that develops its themes.

Owns form and melody. Refuses to know instruments and sound; the bands decide who plays what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from services.demo.theory import Chord, Key, nearest, read_chord, read_progression

_TOKEN = re.compile(r"^(?:(r)|([b#]?)([1-7])([',]*))(?:/([0-9.]+))?$")
_FORM = re.compile(r"^(\w+)=(\w):(\d+)$")


@dataclass(frozen=True, slots=True)
class Note:
    """A pitch for a while: start and length in beats, velocity 0 to 1."""

    start: float
    length: float
    pitch: int
    velocity: float = 0.7


@dataclass(frozen=True, slots=True)
class Score:
    """What is written down for a song.

    `form` lists sections as `verse=A:8` (a role, the letter of its harmony and theme, bars). `harmony` and
    `themes` are keyed by that letter. A theme is degrees with lengths in beats: `5/1.5`, `1'` an octave up,
    `r/2` a rest, `|` between bars. `swing` delays every second half beat: 0.5 is straight, 0.66 a triplet.
    """

    band: str
    key: Key
    bpm: float
    beats_per_bar: int
    form: str
    harmony: dict[str, str]
    themes: dict[str, str]
    close: str
    octave: int = 4
    swing: float = 0.5
    ritardando: float = 0.0
    colours: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Harmony:
    """A chord and the beats it holds."""

    start: float
    length: float
    chord: Chord


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the form: its role (`intro`, `verse`, `lift`, `peak`, `outro`, `close`), beats and
    content."""

    role: str
    start: float
    bars: int
    chords: tuple[Harmony, ...]
    melody: tuple[Note, ...]
    turn: int
    """How often this letter has been heard before: the bands add a layer when it returns."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A composed song, in beats; `seconds` turns beats into time, with the ending's slowing down."""

    score: Score
    sections: tuple[Section, ...]

    @property
    def beats(self) -> float:
        """Length in beats, the closing bar included."""
        last = self.sections[-1]
        return last.start + last.bars * self.score.beats_per_bar

    @property
    def melody(self) -> list[Note]:
        """The melody of all sections."""
        return [note for section in self.sections for note in section.melody]

    def seconds(self, beat: float) -> float:
        """When a beat sounds. A ritardando of 0.3 ends the last two bars 30 % slower than the tempo."""
        plain = beat * 60.0 / self.score.bpm
        begin = self.sections[-1].start - self.score.beats_per_bar
        over = max(0.0, beat - begin)
        span = 2.0 * self.score.beats_per_bar
        return plain + self.score.ritardando * over * over / (2 * span) * 60.0 / self.score.bpm

    def swung(self, beat: float) -> float:
        """The beat after swing: the second half of each beat comes late, the rest is stretched around it."""
        whole, part = divmod(beat, 1.0)
        swing = self.score.swing
        return whole + (part * 2 * swing if part < 0.5 else swing + (part - 0.5) * 2 * (1 - swing))


def read_theme(key: Key, text: str, octave: int, beats_per_bar: int) -> list[list[tuple[int | None, float]]]:
    """Bars of (pitch or None for a rest, beats); ValueError when a bar does not add up."""
    bars: list[list[tuple[int | None, float]]] = []
    for bar in text.split("|"):
        tokens: list[tuple[int | None, float]] = []
        for token in bar.split():
            found = _TOKEN.match(token)
            if found is None:
                raise ValueError(f"not a note: {token}")
            rest, accidental, degree, marks, length = found.groups()
            beats = float(length) if length else 1.0
            if rest:
                tokens.append((None, beats))
                continue
            shift = {"": 0, "b": -1, "#": 1}[accidental]
            tokens.append((key.pitch(int(degree), octave + marks.count("'") - marks.count(","), shift), beats))
        if abs(sum(beats for _, beats in tokens) - beats_per_bar) > 1e-6:
            raise ValueError(f"this bar is not {beats_per_bar} beats long: {bar.strip()}")
        bars.append(tokens)
    return bars


def compose(score: Score, rng: np.random.Generator) -> Piece:
    """The whole piece; the same score and seed give the same notes."""
    sections: list[Section] = []
    heard: dict[str, int] = {}
    start = 0.0
    roles = [_FORM.match(word) for word in score.form.split()]
    for found in roles:
        if found is None:
            raise ValueError(f"not a form: {score.form}")
        role, letter, bars = found[1], found[2], int(found[3])
        chords = tuple(_spread(score, letter, start, bars))
        turn = heard.get(letter, 0)
        melody: tuple[Note, ...] = ()
        if role not in ("intro", "break"):
            melody = tuple(_sing(score, letter, start, bars, chords, turn, rng, thin=role == "outro"))
            heard[letter] = turn + 1
        sections.append(Section(role, start, bars, chords, melody, turn))
        start += bars * score.beats_per_bar
    final = read_chord(score.key, score.close)
    length = float(score.beats_per_bar)
    last = nearest(sections[-1].melody[-1].pitch if sections[-1].melody else 72, frozenset({score.key.root}))
    ending = (Note(start, length, last, 0.6),)
    sections.append(Section("close", start, 1, (Harmony(start, length, final),), ending, 0))
    return Piece(score, tuple(sections))


def _spread(score: Score, letter: str, start: float, bars: int) -> Iterator[Harmony]:
    """The progression laid over so many bars, repeating; chords share their bar equally."""
    progression = read_progression(score.key, score.harmony[letter])
    for bar in range(bars):
        chords = progression[bar % len(progression)]
        share = score.beats_per_bar / len(chords)
        for index, chord in enumerate(chords):
            yield Harmony(start + bar * score.beats_per_bar + index * share, share, chord)


def _sing(
    score: Score,
    letter: str,
    start: float,
    bars: int,
    chords: tuple[Harmony, ...],
    turn: int,
    rng: np.random.Generator,
    *,
    thin: bool,
) -> Iterator[Note]:
    """The theme over these bars: fitted to its chords, ornamented when it returns, closed at the end."""
    theme = read_theme(score.key, score.themes[letter], score.octave, score.beats_per_bar)
    notes: list[Note] = []
    for bar in range(bars):
        at = start + bar * score.beats_per_bar
        again = turn + bar // len(theme)
        for pitch, beats in theme[bar % len(theme)]:
            if pitch is not None:
                weight = 0.78 if at == int(at) else 0.66
                notes.append(Note(at, beats, pitch, weight + 0.05 * float(rng.uniform(-1, 1))))
                if again and not thin:
                    notes[-1:] = _ornament(score.key, notes, rng)
            at += beats
    if thin:
        # An outro remembers the theme: its long notes only.
        notes = [note for note in notes if note.length >= 1.0]
    fitted = [_fit(note, chord_at(chords, note.start)) for note in notes]
    if fitted:
        final = fitted[-1]
        home = nearest(final.pitch, chord_at(chords, final.start).tones)
        end = start + bars * score.beats_per_bar
        fitted[-1] = replace(final, pitch=home, length=max(final.length, min(2.0, end - final.start)))
    yield from fitted


def _ornament(key: Key, notes: list[Note], rng: np.random.Generator) -> list[Note]:
    """The newest note, sometimes varied: split by its upper neighbour, or a passing tone led into it."""
    note = notes[-1]
    if note.length < 1.0 or rng.random() > 0.28:
        return [note]
    if note.length >= 1.5 and rng.random() < 0.5:
        neighbour = key.step(note.pitch, 1)
        quick = note.length / 4 if note.length <= 2 else 0.5
        rest = note.length - 2 * quick
        return [
            replace(note, length=quick),
            Note(note.start + quick, quick, neighbour, note.velocity * 0.85),
            Note(note.start + 2 * quick, rest, note.pitch, note.velocity * 0.9),
        ]
    half = note.length / 2
    toward = key.step(note.pitch, int(rng.choice([-1, 1])))
    return [replace(note, length=half), Note(note.start + half, half, toward, note.velocity * 0.85)]


def _fit(note: Note, chord: Chord) -> Note:
    """Long notes rest on chord tones and strong ones avoid clashes; short ones may pass freely."""
    strong = note.start == int(note.start) and note.length >= 0.75
    if (note.length >= 2.0 and note.pitch % 12 not in chord.tones) or (strong and chord.clashes(note.pitch)):
        return replace(note, pitch=nearest(note.pitch, chord.tones))
    return note


def chord_at(chords: tuple[Harmony, ...], beat: float) -> Chord:
    """The chord sounding at a beat (the first one before any begins)."""
    sounding = [harmony for harmony in chords if harmony.start <= beat + 1e-6]
    return (sounding[-1] if sounding else chords[0]).chord
