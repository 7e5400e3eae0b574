"""One musician and a lot of air: slow pads, a drone, a sparse melody that echoes, weather outside."""

from __future__ import annotations

import numpy as np

from services.demo.bands.parts import arpeggio, bass_of, held, melody, voiced
from services.demo.composer import Note, Piece
from services.demo.mixing import Arrangement, Track


def arrange_ambient(piece: Piece, rng: np.random.Generator) -> Arrangement:
    """The layers; the choir and the sparkle wait for the lift and the peak."""
    chords = voiced(piece, centre=59, low=48, high=72)
    high = voiced(piece, centre=74, low=64, high=86)
    everywhere = ("intro", "verse", "lift", "peak", "outro", "close")
    lead = piece.score.colours["lead"]
    tune = melody(piece, ("verse", "lift", "peak", "outro", "close"), 12 if lead == "bell" else 0)
    far = [Note(note.start + 0.03, note.length, note.pitch + 12, 0.4) for note in melody(piece, ("peak",))]
    beats = piece.beats
    drone = [
        Note(harmony.start, harmony.length, bass_of(harmony.chord, 33), 0.6)
        for section in piece.sections
        for harmony in section.chords
    ]
    order = "0213^" if piece.score.beats_per_bar == 4 else "021"
    ripple = list(arpeggio(chords, ("verse", "lift", "peak"), order, 0.5 if lead == "piano" else 1.0, 0.35))
    sparkle = [
        note for note in arpeggio(high, ("lift", "peak"), "2031", 0.5, 0.35) if rng.random() < 0.4 and note.start > 1
    ]
    return Arrangement(
        tracks=[
            Track(
                "warm_pad",
                list(held(chords, everywhere, 0.5)),
                -5.0,
                spread=0.3,
                reverb=0.5,
                chorus_ms=2.5,
                sweep=((0, 350), (beats * 0.3, 1300), (beats * 0.65, 3800), (beats, 500)),
                loose_ms=0,
            ),
            Track("glass_pad", list(held(high, ("lift", "peak", "close"), 0.5)), -11.0, spread=0.5, reverb=0.7),
            Track("choir", list(held(chords, ("peak",), 0.5)), -10.0, spread=0.4, reverb=0.8),
            Track("sub", drone, -7.0, reverb=0.0, loose_ms=0),
            Track(
                "harp" if lead == "bell" else "piano",
                ripple,
                -10.0,
                spread=0.6,
                reverb=0.6,
                echo=0.3,
                loose_ms=22,
            ),
            Track(lead, tune, -4.0, pan=-0.08, reverb=0.6, echo=0.35, loose_ms=18),
            Track("piano", far, -12.0, pan=0.35, reverb=0.9, echo=0.4, loose_ms=25),
            Track("bell", sparkle, -16.0, spread=0.8, reverb=0.9, echo=0.4, loose_ms=40),
        ],
        room_s=4.2,
        damping_hz=3600,
        reverb_lu=-4.0,
        echo_beats=1.5,
        texture=piece.score.colours["texture"],
        texture_lu=-20.0 if piece.score.colours["texture"] != "stream" else -22.0,
        glue=1.6,
        tail_s=5.5,
        fade_out_s=4.0,
    )
