"""A kitchen full of strings: two guitars, a bass, a voice or a whistle, a foot on the floor."""

from __future__ import annotations

import numpy as np

from services.demo.bands.parts import (
    Voiced,
    bass_of,
    fifth_of,
    groove,
    held,
    legato,
    melody,
    struck,
    strummed,
    voiced,
)
from services.demo.composer import Note, Piece
from services.demo.drums import BRUSH, SHAKER, STOMP
from services.demo.mixing import Arrangement, Track


def arrange_folk(piece: Piece, rng: np.random.Generator) -> Arrangement:
    """The parts; a `guest` colour seats another instrument at the table."""
    colours = piece.score.colours
    waltz = piece.score.beats_per_bar == 3
    chords = voiced(piece, centre=60, low=52, high=71)
    upper = voiced(piece, centre=66, low=59, high=77)
    lead = colours["lead"]
    tune = legato(melody(piece, ("verse", "lift", "outro", "close"), 12 if lead == "whistle" else 0))
    second = [
        Note(note.start, note.length, piece.score.key.step(note.pitch, -2), 0.5)
        for note in legato(melody(piece, ("verse",), 12 if lead == "whistle" else 0, turns=(1,)))
    ]
    whistle = [
        Note(note.start + 0.01, note.length, note.pitch + 12, 0.55)
        for note in melody(piece, ("lift",))
        if note.length >= 1.0 and lead != "whistle"
    ]
    rhythm = ((1.0, 0.8, 0.38), (2.0, 0.8, 0.42)) if waltz else ((1.0, 0.9, 0.42), (2.5, 0.5, 0.3), (3.0, 0.9, 0.45))
    strum = strummed(struck(upper, ("lift", "verse"), rhythm), 0.03)
    drums: list[Note] = []
    for section in piece.sections:
        if section.role not in ("verse", "lift"):
            continue
        kit = {SHAKER: ",.o.o." if waltz else ",.o.,.o.,.o.,.oo"}
        if section.turn or section.role == "lift":
            kit[STOMP] = "x.." if waltz else "x...,...x......."
            kit[BRUSH] = ".,o" if waltz else "....o.......o..."
        drums += groove(piece, section, kit, rng, sparse=0.4)
    tracks = [
        Track("guitar", _fingers(piece, chords, waltz=waltz), -4.0, pan=-0.32, reverb=0.25, loose_ms=12),
        Track("steel", strum, -11.0, pan=0.42, reverb=0.25, floor_hz=180, loose_ms=10),
        Track("upright", _low(piece, waltz=waltz), -6.5, reverb=0.06, roof_hz=2400, loose_ms=8),
        Track(lead, tune, -3.0, pan=0.04, reverb=0.38, echo=0.06, loose_ms=12),
        Track("voice" if lead == "voice" else "clarinet", second, -10.5, pan=0.28, reverb=0.45, loose_ms=20),
        Track("whistle", whistle, -12.0, pan=-0.2, reverb=0.5, loose_ms=18),
        Track("strings", list(held(chords, ("lift", "close"), 0.5)), -14.0, spread=0.5, reverb=0.6),
        Track("kit", drums, -11.0, reverb=0.2, kit="wood", loose_ms=9),
    ]
    if "guest" in colours:
        comp = struck(chords, ("verse", "lift"), ((0.5, 0.9, 0.42), (2.0, 0.4, 0.35), (3.5, 0.5, 0.45)))
        tracks.append(
            Track(colours["guest"], strummed(comp, 0.02), -7.5, pan=0.3, reverb=0.3, tremolo=0.15, loose_ms=10)
        )
    return Arrangement(tracks=tracks, room_s=1.3, damping_hz=4200, reverb_lu=-8.0, glue=1.8, tail_s=3.0)


def _fingers(piece: Piece, chords: list[Voiced], *, waltz: bool) -> list[Note]:
    """Travis picking: the thumb walks root and fifth, the fingers answer off the beat."""
    shape = (
        ((0.0, "root", 0.7), (0.5, 1, 0.42), (1.0, 2, 0.52), (1.5, 1, 0.4), (2.0, 3, 0.5), (2.5, 1, 0.4))
        if waltz
        else (
            (0.0, "root", 0.7),
            (0.5, 2, 0.42),
            (1.0, "fifth", 0.55),
            (1.5, 1, 0.45),
            (2.0, "root", 0.62),
            (2.5, 3, 0.48),
            (3.0, "fifth", 0.52),
            (3.5, 1, 0.42),
        )
    )
    notes: list[Note] = []
    for section, harmony, pitches in chords:
        root = bass_of(harmony.chord, 40)
        if section.role == "close":
            for place, pitch in enumerate((root, *pitches)):
                notes.append(Note(harmony.start + place * 0.09, harmony.length, pitch, 0.55))
            continue
        for at, finger, velocity in shape:
            if at >= harmony.length:
                continue
            if finger == "root":
                pitch = root
            elif finger == "fifth":
                pitch = fifth_of(harmony.chord, root)
            else:
                pitch = pitches[int(finger) % len(pitches)]
            notes.append(Note(harmony.start + at, 1.5, pitch, velocity))
    return notes


def _low(piece: Piece, *, waltz: bool) -> list[Note]:
    line: list[Note] = []
    for section in piece.sections:
        for harmony in section.chords:
            root = bass_of(harmony.chord, 28)
            if section.role == "intro":
                continue
            if section.role in ("outro", "close") or waltz:
                line.append(Note(harmony.start, harmony.length * 0.9, root, 0.6))
                continue
            line.append(Note(harmony.start, 1.8, root, 0.65))
            line.append(Note(harmony.start + 2, 1.8, fifth_of(harmony.chord, root), 0.55))
    return line
