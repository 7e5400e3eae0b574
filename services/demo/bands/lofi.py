"""A small club at night: tine piano, upright bass, dusty drums, and a lead that takes its time."""

from __future__ import annotations

import numpy as np

from services.demo.bands.parts import bass_of, fifth_of, groove, legato, melody, struck, strummed, voiced
from services.demo.composer import Note, Piece
from services.demo.drums import HAT, KICK, OPEN_HAT, RIM, SHAKER, SNARE
from services.demo.mixing import Arrangement, Track

_COMPING = (
    ((0.0, 1.4, 0.55), (1.5, 0.9, 0.4), (2.5, 1.4, 0.48)),
    ((0.0, 2.2, 0.52), (2.5, 0.4, 0.36), (3.0, 1.0, 0.45)),
)
_LEADS = {"vibraphone": 12, "guitar": 0, "voice": 0}


def arrange_lofi(piece: Piece, rng: np.random.Generator) -> Arrangement:
    """The band's parts; the guitar lead and the voice stay in their own octave, the vibraphone climbs one."""
    lead = piece.score.colours["lead"]
    chords = voiced(piece, centre=60, low=50, high=72)
    playing = ("intro", "verse", "lift", "outro", "close")
    pattern = _COMPING[int(rng.integers(len(_COMPING)))]
    keys = strummed(struck(chords, playing, pattern), 0.025)
    tune = melody(piece, ("verse", "lift", "outro", "close"), _LEADS[lead] if piece.score.octave < 5 else 0)
    if lead == "voice":
        tune = legato(tune)
    answers = [
        Note(note.start + 0.02, note.length, note.pitch + 12, 0.35)
        for note in melody(piece, ("lift",))
        if note.length >= 1.0
    ]
    drums: list[Note] = []
    for section in piece.sections:
        if section.role == "intro":
            drums += groove(piece, section, {SHAKER: "..o...o...o...o."}, rng)
        elif section.role in ("verse", "lift"):
            hats = "x.o.x.o,x.o.x.o," if section.role == "verse" else "x.o,x.oox.o,x.o,"
            kit = {KICK: "X......x.,X....." if section.role == "verse" else "X.....,x..X..,..", HAT: hats}
            kit[RIM if section.turn == 0 and section.role == "verse" else SNARE] = "....x.......x..,"
            drums += groove(piece, section, kit, rng, sparse=0.5)
            drums.append(Note(section.start + section.bars * 4 - 0.5, 0.5, OPEN_HAT, 0.4))
        elif section.role == "outro":
            drums += groove(piece, section, {KICK: "x.......o.......", HAT: "o...o...o...o..."}, rng)
    return Arrangement(
        tracks=[
            Track("electric_piano", keys, -5.0, spread=0.25, reverb=0.3, tremolo=0.22, roof_hz=5200, loose_ms=9),
            Track("upright", _walk(piece, rng), -4.5, reverb=0.05, roof_hz=2600, loose_ms=8),
            Track(lead, tune, -4.0, pan=0.1, reverb=0.45, echo=0.18, loose_ms=14),
            Track("celesta", answers, -15.0, pan=-0.4, reverb=0.6, echo=0.3),
            Track("kit", drums, -5.5, reverb=0.12, drive=1.3, roof_hz=8500, kit="dusty", loose_ms=5),
        ],
        room_s=1.5,
        damping_hz=3200,
        texture=piece.score.colours["texture"],
        texture_lu=-21.0 if piece.score.colours["texture"] == "rain" else -22.0,
        tape_ms=0.55,
        roof_hz=11_000,
        glue=2.5,
    )


def _walk(piece: Piece, rng: np.random.Generator) -> list[Note]:
    """Roots on one, fifths or octaves on the way, and a step into the next chord."""
    spans = [(section, harmony) for section in piece.sections for harmony in section.chords]
    line: list[Note] = []
    for index, (section, harmony) in enumerate(spans):
        root = bass_of(harmony.chord)
        if section.role in ("intro", "close"):
            line.append(Note(harmony.start, harmony.length, root, 0.6))
            continue
        following = bass_of(spans[index + 1][1].chord) if index + 1 < len(spans) else root
        approach = following + (1 if root > following else -1)
        if harmony.length >= 4:
            line.append(Note(harmony.start, 1.4, root, 0.75))
            middle = fifth_of(harmony.chord, root) if rng.random() < 0.65 else root + 12
            line.append(Note(harmony.start + 1.5, 0.5, root, 0.45))
            line.append(Note(harmony.start + 2, 1.4, middle, 0.62))
            line.append(Note(harmony.start + 3.5, 0.5, approach, 0.5))
        else:
            line.append(Note(harmony.start, harmony.length - 0.5, root, 0.72))
            line.append(Note(harmony.start + harmony.length - 0.5, 0.5, approach, 0.5))
    return line
