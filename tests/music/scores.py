"""The test set: songs with a known tempo, key and beat, composed by chance from a seed and played by `instruments`.

Owns harmony, melody, time and the mixing of a song; `plans` lists the whole set in two halves that share no seed, no
progression, no pattern and not every style. Refuses to know what listens.
"""

from __future__ import annotations

import itertools
import re
import zlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tests.music.instruments import RATE, Sound, Tone, play, some_tone, strike
from tests.music.grooves import by_chance
from tests.music.styles import PROGRESSIONS, STYLES, UNSEEN, Style, Way

KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_QUALITIES = {
    "": (), "7": (10,), "maj7": (11,), "9": (10, 14), "add9": (14,), "m7b5": (10,),
}
CHANCE = "by chance"
"""The style of a song whose groove is made up for it alone."""
_NUMERAL = re.compile(r"^(b?)([iIvV]+)(m7b5|maj7|add9|7|9)?(?:/(\d))?$")
_DEGREES = ("i", "ii", "iii", "iv", "v", "vi", "vii")


@dataclass(frozen=True)
class Plan:
    """Everything that decides how a song sounds. `drift` is how far the tempo strays, `snr_db` the noise below it."""

    name: str
    style: str
    half: int
    bpm: float
    tonic: int
    mode: str
    swing: float = 0.5
    drift: float = 0.0
    reference_hz: float = 440.0
    lead_in_s: float = 0.0
    upbeat: bool = False
    modulates: bool = False
    snr_db: float = 60.0
    room: float = 0.2
    without_drums: bool = False
    bars_a_chord: float = 1.0
    seconds: float = 30.0

    @property
    def key(self) -> str:
        return KEYS[self.tonic]

    @property
    def steady(self) -> bool:
        """Whether the tempo holds."""
        return self.drift == 0


@dataclass(frozen=True)
class Performance:
    """A song as it sounds, and when its beats fall."""

    plan: Plan
    sound: Sound
    beats_s: npt.NDArray[np.float64]


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


def perform(plan: Plan) -> Performance:
    """The song; the same plan always sounds the same."""
    rng = np.random.default_rng(zlib.crc32(plan.name.encode()))
    style = by_chance(rng, plan.bpm) if plan.style == CHANCE else STYLES[plan.style]
    way = style.ways[plan.half if len(style.ways) > 1 else 0]
    bars = max(6, round(plan.seconds / (style.beats * 60 / plan.bpm)))
    chords = _harmony(plan, bars, rng)
    steps = style.beats * style.steps
    sheet = Sheet()
    lead = bool(rng.random() < style.lead)
    intro = int(rng.integers(0, 3))
    motifs = [_motif(style, rng) for _ in range(2)]
    line = 72 + plan.tonic % 5
    for bar in range(bars):
        last = bar == bars - 1
        chord, second = chords[2 * bar : 2 * bar + 2]
        start = bar * style.beats
        if last:
            for pitch in _voicing(chord):
                sheet.notes.append((start, style.beats, "chords", pitch, 0.6))
            sheet.notes.append((start, style.beats, "bass", 36 + (chord.bass - 36) % 12, 0.7))
            break
        if chord is second:
            _accompany(sheet, style, way, chord, chords[2 * bar + 2], start, (0, steps), rng)
        else:
            _accompany(sheet, style, way, chord, second, start, (0, steps // 2), rng)
            _accompany(sheet, style, way, second, chords[2 * bar + 2], start, (steps // 2, steps), rng)
        if not plan.without_drums and bar >= intro:
            _drum(sheet, style, way, start, rng)
        if lead and bar >= min(intro, 1):
            line = _sing(sheet, plan, style, motifs[bar % 2 if bar % 8 < 6 else 0], chord, start, line, bar, rng)
    if plan.upbeat:
        for step in (2, 1):
            sheet.notes.append((-step / 2, 0.5, "lead", 60 + (plan.tonic + 7) % 12, 0.6))
    return _sound(plan, style, way, sheet, bars, rng)


def _harmony(plan: Plan, bars: int, rng: np.random.Generator) -> list[Chord]:
    """A chord for each half bar: one progression, now and then a second one, and home at the end."""
    choices = PROGRESSIONS[plan.mode][plan.half]
    first, second = (choices[int(each)].split() for each in rng.choice(len(choices), 2, replace=False))
    chords: list[Chord] = []
    halves = round(2 * plan.bars_a_chord)
    while len(chords) < 2 * bars - 2:
        texts = second if (len(chords) // 16) % 3 == 2 else first
        away = 2 if plan.modulates and len(chords) >= 1.4 * bars else 0
        for text in texts:
            chords += [read_chord(text, (plan.tonic + away) % 12, plan.mode)] * halves
    chords = chords[: 2 * bars - 2]
    home = "I" if plan.mode == "major" else "i"
    return chords + [read_chord(home, (plan.tonic + 2 * plan.modulates) % 12, plan.mode)] * 2


def _voicing(chord: Chord) -> list[int]:
    """The chord's notes around middle C, lowest first."""
    return sorted(55 + (chord.root + each - 55) % 12 + (12 if each > 12 else 0) for each in chord.intervals)


def _accompany(
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
    voiced = _voicing(chord)
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


def _drum(sheet: Sheet, style: Style, way: Way, start: float, rng: np.random.Generator) -> None:
    for name, pattern in way.drums.items():
        for step, sign in enumerate(pattern):
            if sign == "." or (sign == "o" and rng.random() < 0.1):
                continue
            sheet.strokes.append((start + step / style.steps, name, 0.9 if sign == "x" else 0.45))


def _motif(style: Style, rng: np.random.Generator) -> list[tuple[float, float]]:
    """A bar's rhythm: (beat in the bar, beats), a rest now and then."""
    notes: list[tuple[float, float]] = []
    step, most = 0, style.beats * style.steps
    while step < most:
        length = min(int(rng.choice(style.lead_steps)), most - step)
        if rng.random() < 0.85:
            notes.append((step / style.steps, length / style.steps))
        step += length
    return notes


def _sing(
    sheet: Sheet, plan: Plan, style: Style, motif: list[tuple[float, float]], chord: Chord, start: float, line: int, bar: int,
    rng: np.random.Generator,
) -> int:
    """The melody of a bar: chord tones where they are heard, passing tones between; where it ended."""
    scale = {(chord_tone) % 12 for chord_tone in chord.tones} | {(plan.tonic + each) % 12 for each in SCALES[plan.mode]}
    for at, length in motif:
        strong = at == int(at)
        wanted = chord.tones if strong or length >= 1 else scale
        target = line + int(rng.choice([-4, -3, -2, -1, 1, 2, 3, 4]))
        target = min(84, max(62, target))
        line = min((pitch for pitch in range(target - 6, target + 7) if pitch % 12 in wanted), key=lambda p: abs(p - target))
        sheet.notes.append((start + at, length * 0.95, "lead", line, 0.75))
    return line


def _clock(plan: Plan, beats: float, rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Beats, an eighth apart, and when they fall; the tempo strays by a slow wave and a little chance."""
    grid = np.arange(-4, beats + 8, 0.125)
    phases = rng.uniform(0, 2 * np.pi, 2)
    wave = 0.7 * np.sin(2 * np.pi * grid / 16 + phases[0]) + 0.3 * np.sin(2 * np.pi * grid / 5 + phases[1])
    pace = 60 / (plan.bpm * (1 + plan.drift * wave))
    times = np.concatenate([[0.0], np.cumsum((pace[1:] + pace[:-1]) / 2 * 0.125)])
    return grid, times - float(np.interp(0, grid, times))


def _swung(beat: float, swing: float, style: Style) -> float:
    """The beat after swing: eighths in jazz, sixteenths where the sixteenths swing."""
    unit = 0.5 if style.tempi[1] <= 102 else 1.0
    whole, part = divmod(beat / unit, 1.0)
    return unit * (whole + (part * 2 * swing if part < 0.5 else swing + (part - 0.5) * 2 * (1 - swing)))


def _sound(plan: Plan, style: Style, way: Way, sheet: Sheet, bars: int, rng: np.random.Generator) -> Performance:
    grid, times = _clock(plan, bars * style.beats, rng)
    offset = plan.lead_in_s + (60 / plan.bpm * 1.2 if plan.upbeat else 0.1)

    def when(beat: float) -> float:
        return float(np.interp(_swung(beat, plan.swing, style), grid, times)) + offset

    total = round((when(bars * style.beats) + 1.5) * RATE)
    parts = {name: np.zeros(total, dtype=np.float32) for name in ("lead", "chords", "bass", "drums")}
    voices = {"bass": way.bass_voice, "chords": str(rng.choice(way.chord_voices)), "lead": str(rng.choice(way.lead_voices))}
    tones = {name: some_tone(rng) for name in parts}
    loose = float(rng.uniform(0.002, 0.009))
    known: dict[tuple[str, float, float], Sound] = {}
    for beat, length, part, pitch, velocity in sheet.notes:
        seconds = max(0.08, round((when(beat + length) - when(beat)) / 0.03) * 0.03)
        mark = (part, pitch, seconds)
        if mark not in known:
            known[mark] = play(voices[part], pitch, seconds, tones[part], plan.reference_hz)
        _add(parts[part], known[mark], when(beat) + loose * rng.standard_normal(), velocity * rng.uniform(0.85, 1.1))
    for beat, name, velocity in sheet.strokes:
        stroke = strike(name, tones["drums"], rng)
        _add(parts["drums"], stroke, when(beat) + 0.5 * loose * rng.standard_normal(), velocity * rng.uniform(0.85, 1.1))
    levels = {"lead": 0.9, "chords": 0.8, "bass": 1.0, "drums": float(rng.uniform(0.8, 1.6))}
    mix = np.zeros(total, dtype=np.float32)
    for name, part in parts.items():
        loud = float(np.sqrt(np.mean(part[part != 0] ** 2))) if part.any() else 1.0
        mix += part * (levels[name] * 0.1 / max(loud, 1e-6))
    mix = _in_a_room(mix, plan.room, rng)
    loud = float(np.sqrt(np.mean(mix**2)))
    mix += (loud * 10 ** (-plan.snr_db / 20) * rng.standard_normal(total)).astype(np.float32)
    beats = np.array([when(beat) for beat in range(bars * style.beats)])
    return Performance(plan, (mix / max(1e-9, float(np.abs(mix).max())) * 0.8).astype(np.float32), beats)


def _add(track: Sound, sound: Sound, at_s: float, level: float) -> None:
    start = max(0, round(at_s * RATE))
    end = min(len(track), start + len(sound))
    if end > start:
        track[start:end] += np.float32(level) * sound[: end - start]


def _in_a_room(dry: Sound, wetness: float, rng: np.random.Generator) -> Sound:
    """With a tail of decaying noise, a second long."""
    time = np.arange(RATE) / RATE
    tail = rng.standard_normal(RATE) * np.exp(-time / 0.22)
    tail /= np.sqrt(np.sum(tail**2))
    size = 1 << (len(dry) + RATE - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(tail, size), size)[: len(dry)]
    return (dry + wetness * wet).astype(np.float32)


def plans(half: int, rounds: int = 8) -> list[Plan]:
    """The songs of a half (0 development, 1 held out): each style `rounds` times, keys and modes taken in turn.

    The development half has grooves by chance besides, as many again, so that nothing is learned by heart.
    """
    rng = np.random.default_rng(4_100 + half)
    turns = itertools.cycle((tonic, mode) for tonic in rng.permutation(12) for mode in ("major", "minor"))
    listed: list[Plan] = []
    names = [name for name in STYLES if half == 1 or name not in UNSEEN]
    names += [CHANCE] * (len(names) if half == 0 else 0)
    for turn in range(rounds):
        for place, name in enumerate(names):
            tonic, mode = next(turns)
            if name == CHANCE:
                usual, any_tempo = rng.triangular(np.log(58), np.log(108), np.log(186)), rng.uniform(np.log(55), np.log(186))
                bpm = float(np.exp(usual if turn % 2 else any_tempo))
                strays, swings = 0.0, (0.5, 0.5, 0.5, 0.58, 0.64, 0.67)
            else:
                style = STYLES[name]
                low, high = style.tempi
                bpm = low + (high - low) * (turn + float(rng.random())) / rounds
                strays, swings = style.drift if rng.random() < 0.7 else 0.0, style.swing
            if name not in ("house", "drum_and_bass", "trap") and rng.random() < 0.12:
                strays = float(rng.uniform(0.03, 0.08))
            listed.append(
                Plan(
                    f"{name}-{half}-{turn}-{place}",
                    name,
                    half,
                    round(bpm, 1),
                    int(tonic),
                    mode,
                    swing=float(rng.choice(swings)),
                    drift=strays,
                    reference_hz=float(rng.choice([440.0, 440.0, rng.uniform(432, 446)])),
                    lead_in_s=float(rng.choice([0.0, 0.0, rng.uniform(0.5, 3.0)])),
                    upbeat=bool(rng.random() < 0.2),
                    modulates=bool(rng.random() < 0.1),
                    snr_db=float(rng.choice([60.0, 40.0, 25.0])),
                    room=float(rng.uniform(0.0, 0.5)),
                    without_drums=bool(rng.random() < 0.15),
                    bars_a_chord=float(rng.choice([1.0, 1.0, 1.0, 2.0, 0.5])),
                )
            )
    return listed
