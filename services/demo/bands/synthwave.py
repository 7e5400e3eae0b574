"""Machines by the sea: sequenced bass, drums with long tails, arpeggios in echo; and its quieter cousin,
the tide."""

from __future__ import annotations

import numpy as np

from services.demo.bands.parts import Voiced, arpeggio, bass_of, groove, held, legato, melody, voiced
from services.demo.composer import Note, Piece, Section
from services.demo.drums import CLAP, CRASH, HAT, KICK, OPEN_HAT, SHAKER, SNARE, SWELL, TOM
from services.demo.mixing import Arrangement, Track

_BEATS = {
    "back": {KICK: "X.......X.x.....", SNARE: "....X.......X...", HAT: "x.o.x.o.x.o.x.oo"},
    "four": {
        KICK: "X...X...X...X...",
        CLAP: "....x.......x...",
        HAT: "o.,.o.,.o.,.o.,o",
        OPEN_HAT: "..o...o...o...o.",
    },
    "half": {
        KICK: "X.....x.....,...",
        SNARE: "........X.......",
        HAT: "x.o,x.o.x.o,x.oo",
        SHAKER: ",o,o,o,o,o,o,o,o",
    },
}
_ALL = ("intro", "verse", "lift", "peak", "outro", "close")


def arrange_synthwave(piece: Piece, rng: np.random.Generator) -> Arrangement:
    """The full machine park; a `pad` colour of strings brings a guest section in."""
    colours = piece.score.colours
    chords = voiced(piece, centre=60, low=52, high=72)
    high = voiced(piece, centre=67, low=60, high=79)
    beats = piece.beats
    lead = colours["lead"]
    tune = legato(melody(piece, ("verse", "lift", "peak", "outro", "close"), 12 if lead == "saw" else 0))
    tracks = [
        Track(
            "bright_pad",
            list(held(chords, _ALL, 0.5)),
            -8.0,
            spread=0.3,
            reverb=0.35,
            chorus_ms=2.0,
            duck=0.6,
            sweep=((0, 500), (beats * 0.14, 2600), (beats * 0.55, 4200), (beats * 0.9, 5200), (beats, 900)),
            loose_ms=0,
        ),
        Track(
            "synth_bass",
            _sequence(chords, colours["beat"]),
            -4.0,
            reverb=0.03,
            duck=0.45,
            roof_hz=4200,
            loose_ms=0,
        ),
        Track(
            "blip",
            list(arpeggio(high, ("intro", "verse", "lift", "peak", "outro"), "0121^2101", 0.25, 0.5)),
            -11.0,
            pan=0.25,
            reverb=0.3,
            echo=0.4,
            sweep=((0, 700), (beats * 0.14, 3500), (beats * 0.4, 6000), (beats * 0.88, 7500), (beats, 900)),
            loose_ms=0,
        ),
        Track(lead, tune, -4.5, reverb=0.4, echo=0.3, chorus_ms=1.2, roof_hz=9000, loose_ms=3),
        Track("kit", _drums(piece, colours["beat"], rng), -3.0, reverb=0.22, drive=1.4, kit="bright", loose_ms=0),
    ]
    if colours.get("pad") == "strings":
        guests = voiced(piece, centre=70, low=62, high=82)
        tracks.append(
            Track(
                "strings",
                list(held(guests, ("verse", "lift", "outro", "close"), 0.5)),
                -8.5,
                spread=0.5,
                reverb=0.5,
            )
        )
    else:
        double = [Note(note.start, note.length, note.pitch, 0.5) for note in melody(piece, ("peak",))]
        tracks.append(Track("glass", double, -12.0, pan=-0.3, reverb=0.5, echo=0.3))
    return Arrangement(tracks=tracks, room_s=2.4, damping_hz=5200, reverb_lu=-6.0, glue=2.5, tail_s=3.2)


def arrange_tide(piece: Piece, rng: np.random.Generator) -> Arrangement:
    """Two musicians who share a beach: machines kept low, pads kept wide, the sea behind both."""
    colours = piece.score.colours
    chords = voiced(piece, centre=58, low=48, high=70)
    high = voiced(piece, centre=72, low=62, high=84)
    lead = colours["lead"]
    beats = piece.beats
    tune = legato(melody(piece, ("verse", "lift", "peak", "outro", "close"), 12 if lead == "glass" else 0))
    roots = [
        Note(harmony.start + at, length, bass_of(harmony.chord, 31), 0.6)
        for section in piece.sections
        for harmony in section.chords
        for at, length in (((0.0, 2.4), (2.5, 1.4)) if section.role != "close" else ((0.0, 4.0),))
    ]
    return Arrangement(
        tracks=[
            Track(
                "warm_pad",
                list(held(chords, _ALL, 0.7)),
                -5.5,
                spread=0.3,
                reverb=0.45,
                chorus_ms=2.5,
                duck=0.5,
                sweep=((0, 450), (beats * 0.4, 2600), (beats * 0.8, 3800), (beats, 500)),
                loose_ms=0,
            ),
            Track("choir", list(held(high, ("lift", "peak"), 0.5)), -12.0, spread=0.4, reverb=0.7, duck=0.3),
            Track("sub", roots, -5.0, reverb=0.0, duck=0.4, loose_ms=2),
            Track(
                "electric_piano",
                list(arpeggio(high, ("verse", "lift", "peak", "outro"), "0213", 0.5, 0.45)),
                -9.5,
                spread=0.4,
                reverb=0.4,
                echo=0.35,
                loose_ms=8,
            ),
            Track(
                "blip",
                list(arpeggio(high, ("lift", "peak"), "0.2.1.3.", 0.25, 0.4)),
                -14.0,
                pan=0.4,
                reverb=0.5,
                echo=0.4,
            ),
            Track(lead, tune, -3.5, reverb=0.5, echo=0.3, loose_ms=6),
            Track(
                "kit",
                _drums(piece, colours["beat"], rng),
                -6.0,
                reverb=0.2,
                drive=1.2,
                roof_hz=11_000,
                kit="bright",
                loose_ms=3,
            ),
        ],
        room_s=3.0,
        damping_hz=4200,
        reverb_lu=-5.0,
        texture="sea",
        texture_lu=-18.0,
        glue=2.0,
        tail_s=4.0,
        fade_out_s=3.0,
    )


def _sequence(chords: list[Voiced], beat: str) -> list[Note]:
    """Eighths on the root with octaves off the beat; fewer of them under a half-time drum."""
    line: list[Note] = []
    for section, harmony, _ in chords:
        root = bass_of(harmony.chord, 31)
        if section.role in ("intro", "close"):
            line.append(Note(harmony.start, harmony.length, root, 0.4))
            continue
        shape: tuple[tuple[float, float, int], ...]
        if beat == "half":
            shape = ((0.0, 1.4, 0), (1.5, 0.9, 0), (2.5, 0.5, 12), (3.0, 0.9, 0))
        else:
            shape = tuple((step * 0.5, 0.42, 12 if beat == "four" and step % 2 else 0) for step in range(8))
        for at, length, lift in shape:
            if at < harmony.length:
                line.append(Note(harmony.start + at, length, root + lift, 0.75 if at == int(at) else 0.6))
    return line


def _drums(piece: Piece, beat: str, rng: np.random.Generator) -> list[Note]:
    """The beat by section: quiet in the intro, a fill and a crash at every seam, kick alone to the end."""
    notes: list[Note] = []
    pattern = _BEATS[beat]
    for section in piece.sections:
        end = section.start + section.bars * 4
        if section.role == "intro":
            notes += groove(piece, section, {HAT: pattern[HAT].replace("x", "o")}, rng, sparse=0.3)
            notes.append(Note(end - 120 / 60 * piece.score.bpm / 60, 2, SWELL, 0.45))
            continue
        if section.role == "close":
            notes += [Note(section.start, 1, KICK, 0.8), Note(section.start, 4, CRASH, 0.5)]
            continue
        lines = dict(pattern)
        if section.role == "outro":
            lines = {pitch: line for pitch, line in pattern.items() if pitch in (KICK, HAT, SHAKER)}
        notes += groove(piece, section, lines, rng, sparse=0.3)
        notes.append(Note(section.start, 4, CRASH, 0.55 if section.role in ("lift", "peak") else 0.35))
        notes += _fill(section, end, rng)
    return notes


def _fill(section: Section, end: float, rng: np.random.Generator) -> list[Note]:
    if section.role == "outro":
        return []
    hits = (SNARE, SNARE, TOM, TOM) if rng.random() < 0.5 else (TOM, SNARE, TOM, TOM)
    return [Note(end - 1 + index * 0.25, 0.25, hit, 0.5 + index * 0.1) for index, hit in enumerate(hits)]
