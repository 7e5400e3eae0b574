"""A small ensemble in a round room: violin or clarinet, strings, cello, harp, piano, and something that
glitters."""

from __future__ import annotations

import numpy as np

from services.demo.bands.parts import arpeggio, bass_of, fifth_of, held, legato, melody, struck, voiced
from services.demo.composer import Note, Piece
from services.demo.mixing import Arrangement, Track

_FULL = ("verse", "lift", "peak", "outro")


def arrange_chamber(piece: Piece, rng: np.random.Generator) -> Arrangement:
    """The parts of a waltz: the bass on one, the chord on two and three, the tune above, an answer when it
    returns."""
    colours = piece.score.colours
    chords = voiced(piece, centre=62, low=53, high=74)
    high = voiced(piece, centre=74, low=66, high=86)
    lead, sparkle = colours["lead"], colours["sparkle"]
    playful = sparkle == "pizzicato"
    tune = legato(melody(piece, ("verse", "lift", "peak", "outro", "close"), 12))
    crisp = [Note(n.start, n.length * (0.62 if playful and n.length <= 1 else 1.0), n.pitch, n.velocity) for n in tune]
    answer = [
        Note(note.start, note.length, piece.score.key.step(note.pitch + 12, -2), 0.5)
        for note in legato(melody(piece, ("verse", "peak"), turns=(1, 2)))
    ]
    glitter = [
        Note(note.start, 0.8, note.pitch + (24 if not playful else 12), 0.45)
        for note in melody(piece, ("peak", "lift") if not playful else ("verse",), turns=())
        if note.start == int(note.start)
    ]
    bass = [
        Note(
            harmony.start,
            harmony.length * (0.32 if playful else 0.75),
            bass_of(harmony.chord, 36) if index % 2 == 0 else fifth_of(harmony.chord, bass_of(harmony.chord, 36) - 8),
            0.65,
        )
        for section in piece.sections
        for index, harmony in enumerate(section.chords)
    ]
    chimes = ((1.0, 0.7, 0.42), (2.0, 0.7, 0.38))
    harp_order = "012" if piece.score.bpm > 120 else "012321"
    harp_step = 1.0 if piece.score.bpm > 120 else 0.5
    return Arrangement(
        tracks=[
            Track(lead, crisp, -3.0, pan=-0.1, reverb=0.42, loose_ms=14),
            Track("clarinet" if lead == "violin" else "violin", answer, -9.5, pan=0.3, reverb=0.5, loose_ms=20),
            Track("pizzicato" if playful else "cello", bass, -5.0, pan=0.18, reverb=0.3, loose_ms=10),
            Track(
                "pizzicato",
                list(struck(chords, _FULL if playful else (), chimes)),
                -7.0,
                spread=0.5,
                reverb=0.35,
            )
            if playful
            else Track("piano", list(struck(chords, _FULL, chimes)), -7.5, spread=0.4, reverb=0.35, loose_ms=10),
            Track("strings", list(held(chords, ("lift", "peak", "close"), 0.55)), -9.5, spread=0.55, reverb=0.5),
            Track("strings", list(held(high, ("peak",), 0.5)), -14.0, spread=0.6, reverb=0.6),
            Track(
                "harp",
                list(arpeggio(chords, ("intro", "verse", "lift", "outro"), harp_order, harp_step, 0.45)),
                -8.5,
                spread=0.5,
                reverb=0.45,
                loose_ms=12,
            ),
            Track(
                "celesta",
                glitter,
                -13.0,
                pan=0.35,
                reverb=0.6,
                loose_ms=10,
            ),
        ],
        room_s=2.2,
        damping_hz=4800,
        reverb_lu=-5.5,
        glue=1.6,
        tail_s=3.5,
        fade_out_s=2.5,
    )
