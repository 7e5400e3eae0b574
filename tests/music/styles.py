"""How each style of the test set is played: patterns on a grid of steps, who plays them, and at what tempi.

A bar has 16 steps in four-four, 12 in three-four and in six-eight (whose beat is the dotted quarter). Drum lines use
`x` and `o` for loud and soft; bass lines name chord degrees (`1`, `5`, `8`, `w` a walking note); chords are struck
with `x`, held until the next sign, cut by `-`, or broken by the digits of their notes. Each style has two ways of
being played: the first stands in the development half, the second in the held-out half.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Way:
    """One way to play a style."""

    drums: dict[str, str] = field(default_factory=dict)
    bass: str = ""
    chords: str = "x..............."
    bass_voice: str = "bass"
    chord_voices: tuple[str, ...] = ("piano",)
    lead_voices: tuple[str, ...] = ("flute",)


@dataclass(frozen=True)
class Style:
    """A style: its metre, tempi, the melody's smallest usual step, and its ways."""

    ways: tuple[Way, ...]
    tempi: tuple[int, int]
    beats: int = 4
    steps: int = 4
    lead_steps: tuple[int, ...] = (2, 4, 4, 8)
    swing: tuple[float, ...] = (0.5,)
    drift: float = 0.0
    lead: float = 0.8
    """How often a song of this style has a melody."""


STYLES: dict[str, Style] = {
    "rock": Style(
        (
            Way({"kick": "x.......x.x.....", "snare": "....x.......x...", "hat": "x.o.x.o.x.o.x.o."}, "1.1.1.1.1.1.1.1.", "x...x.x...x.x...", "bass", ("steel", "saw"), ("saw", "voice")),
            Way({"kick": "x.....x.x.......", "snare": "....x.......x..o", "hat": "x.x.x.x.x.x.x.x.", "ride": "................"}, "1...1.1.1...5.1.", "x.x.x.x.x.x.x.x.", "synth_bass", ("guitar", "organ"), ("reed", "voice")),
        ),
        (70, 165),
    ),
    "house": Style(
        (
            Way({"kick": "x...x...x...x...", "clap": "....x.......x...", "open": "..x...x...x...x."}, "..1...1...1...1.", "x..x..x...x..x..", "synth_bass", ("saw", "organ"), ("saw",)),
            Way({"kick": "x...x...x...x...", "hat": "x.x.x.x.x.x.x.x.", "snare": "....x.......x..."}, "1..11.1.1..11.1.", "0123012301230123", "synth_bass", ("saw", "tines"), ("voice",)),
        ),
        (108, 140),
        lead=0.5,
    ),
    "ballad": Style(
        (
            Way({}, "1.......5.......", "0.2.3.2.1.2.3.2.", "piano", ("piano",), ("piano", "voice")),
            Way({}, "1...............", "x...x...x...x...", "bass", ("tines", "piano"), ("strings", "flute")),
        ),
        (60, 84),
        lead_steps=(4, 4, 8, 2),
        drift=0.03,
    ),
    "jazz": Style(
        (
            Way({"ride": "x...x.o.x...x.o.", "hat": "....x.......x...", "kick": "o.......o......."}, "w...w...w...w...", "x.....x-........", "bass", ("piano",), ("reed", "vibes")),
            Way({"ride": "x...x.o.x...x.o.", "hat": "....x.......x...", "snare": "......o.......o."}, "w...w...w...w...", "..x-......x-..x-", "bass", ("guitar", "piano"), ("flute", "piano")),
        ),
        (100, 180),
        swing=(0.62, 0.67),
    ),
    "reggae": Style(
        (
            Way({"kick": "........x.......", "snare": "........x.......", "hat": "x.o.x.o.x.o.x.o."}, "1..5..1.....5.8.", "..x-..x-..x-..x-", "bass", ("organ", "steel"), ("voice",)),
            Way({"kick": "x.......x.......", "rim": "........x.......", "hat": "..x...x...x...x.", "shaker": "o.o.o.o.o.o.o.o."}, "1.....5.8...5...", "....x-......x-..", "bass", ("steel", "piano"), ("reed",)),
        ),
        (68, 100),
    ),
    "bossa": Style(
        (
            Way({"rim": "x..x..x...x..x..", "kick": "x..xx..xx..xx..x", "shaker": "o.o.o.o.o.o.o.o."}, "1.....5.5.....1.", "x..x..x...x..x..", "bass", ("guitar",), ("flute", "voice")),
            Way({"rim": "x..x....x...x...", "hat": "o.o.o.o.o.o.o.o."}, "1..1..5.1..1..5.", "..x..x..x..x..x.", "bass", ("guitar", "tines"), ("reed", "vibes")),
        ),
        (104, 150),
    ),
    "waltz": Style(
        (
            Way({}, "1...........", "....x.-.x.-.", "bass", ("strings", "piano"), ("reed", "strings")),
            Way({"kick": "x...........", "hat": "....x...x...", "ride": "............"}, "1.......5...", "0.1.2.3.2.1.", "bass", ("guitar", "harpsichord"), ("flute", "piano")),
        ),
        (84, 178),
        beats=3,
        lead_steps=(4, 4, 8, 2),
    ),
    "six_eight": Style(
        (
            Way({"kick": "x...........", "snare": "......x.....", "hat": "x.o.o.x.o.o."}, "1.......5...", "0.1.2.3.2.1.", "bass", ("guitar", "piano"), ("voice",)),
            Way({"kick": "x.........x.", "snare": "......x.....", "ride": "x.o.o.x.o.o."}, "1.....5.....", "x...x.x...x.", "bass", ("organ", "steel"), ("saw", "reed")),
        ),
        (60, 92),
        beats=2,
        steps=6,
        lead_steps=(2, 4, 6),
    ),
    "folk": Style(
        (
            Way({}, "1...5...1...5...", "0.3.1.3.0.2.1.3.", "guitar", ("guitar",), ("voice", "flute")),
            Way({"shaker": "x.o.x.o.x.o.x.o."}, "1.......5.......", "x...x.x...x.x.x.", "guitar", ("steel",), ("reed", "voice")),
        ),
        (76, 140),
    ),
    "chamber": Style(
        (
            Way({}, "1.......1.......", "x.......x.......", "strings", ("strings",), ("strings",)),
            Way({}, "1...3...5...3...", "x...x...x...x...", "reed", ("strings", "pad"), ("reed", "flute")),
        ),
        (66, 120),
        lead_steps=(2, 4, 4, 8),
        drift=0.03,
    ),
    "boom_bap": Style(
        (
            Way({"kick": "x......x..x.....", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "1......1..1.....", "x.........x.....", "bass", ("tines", "vibes"), ("flute",)),
            Way({"kick": "x.x....x.x......", "snare": "....x..o....x...", "hat": "x.xox.x.x.xox.x."}, "1.1......1....5.", "x...x...........", "synth_bass", ("piano", "guitar"), ("vibes",)),
        ),
        (74, 102),
        swing=(0.54, 0.58),
        lead=0.6,
    ),
    "solo": Style(
        (
            Way({}, "1.......5.......", "................", "piano", ("piano",), ("piano",)),
            Way({}, "1...5...1...5...", "................", "guitar", ("guitar",), ("guitar", "harpsichord")),
        ),
        (66, 132),
        lead_steps=(2, 2, 4, 4),
        drift=0.05,
        lead=1.0,
    ),
    "funk": Style(
        (
            Way({"kick": "x.....x...x..x..", "snare": "....x..o.o..x..o", "hat": "xoxoxoxoxoxoxoxo"}, "1..1..8...1.5.8.", "..-x-..x-..x-.x-", "bass", ("steel", "organ"), ("saw",)),
            Way({"kick": "x.x.......xx....", "snare": "....x..o.o..x...", "hat": "xoxoxoxoxoxoxoxo"}, "1.1....81.1..5..", "x-.x-.x-..x-..x-", "synth_bass", ("steel", "tines"), ("reed",)),
        ),
        (92, 124),
        lead=0.5,
    ),
    "drum_and_bass": Style(
        (
            Way({"kick": "x.........x.....", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "1.......5.......", "x...............", "synth_bass", ("pad",), ("saw",)),
            Way({"kick": "x.....x...x.....", "snare": "....x..o.o..x...", "hat": "x.xxx.xxx.xxx.xx"}, "1.....1...5.....", "x...............", "synth_bass", ("pad", "tines"), ("voice",)),
        ),
        (156, 180),
        lead=0.5,
    ),
    "march": Style(
        (
            Way({"kick": "x.......x.......", "snare": "....x.xx....x.xx"}, "1.......5.......", "....x-......x-..", "reed", ("reed",), ("reed",)),
            Way({"kick": "x.......x.......", "snare": "x.ooxxx.x.ooxxx."}, "1.......5.......", "....x-......x-..", "bass", ("organ", "reed"), ("flute", "reed")),
        ),
        (96, 132),
        lead_steps=(2, 4, 4),
    ),
    "baroque": Style(
        (
            Way({}, "1...3...5...8...", "................", "harpsichord", ("harpsichord",), ("harpsichord", "strings")),
            Way({}, "w...w...w...w...", "0213021302130213", "harpsichord", ("harpsichord",), ("flute", "strings")),
        ),
        (72, 126),
        lead_steps=(1, 2, 2, 2, 4),
        lead=1.0,
    ),
    "trap": Style(
        (
            Way({"kick": "x......x..x.....", "clap": "....x.......x...", "hat": "x.x.x.x.x.x.xxxx"}, "1.........1.....", "x...............", "synth_bass", ("vibes", "pad"), ("flute",)),
            Way({"kick": "x.....x.........", "clap": "....x.......x...", "hat": "x.x.xxx.x.x.x.xx"}, "1.....1.........", "0..1..2.3..2..1.", "synth_bass", ("vibes", "guitar"), ("voice",)),
        ),
        (62, 82),
        lead=0.5,
    ),
    "punk": Style(
        (
            Way({"kick": "x.......x.x.....", "snare": "....x.......x...", "hat": "x...x...x...x..."}, "1.1.1.1.1.1.1.1.", "x.x.x.x.x.x.x.x.", "bass", ("saw", "steel"), ("voice",)),
            Way({"kick": "x.x.....x.x.....", "snare": "....x.......x...", "ride": "x...x...x...x..."}, "1.1.1.1.5.5.1.1.", "x.x.x.x.x.x.x.x.", "synth_bass", ("saw",), ("saw",)),
        ),
        (144, 180),
    ),
}

UNSEEN = frozenset({"funk", "drum_and_bass", "march", "baroque"})
"""Styles that only the held-out half plays."""

PROGRESSIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "major": (
        (
            "I V vi IV", "I IV V I", "ii7 V7 Imaj7 vi7", "I vi IV V", "I IV I V7", "vi IV I V", "I iii IV V7", "Imaj7 IVmaj7 Imaj7 V7",
            "I V/7 vi iii IV I ii V7", "I bVII IV I", "IV I V vi", "I ii IV I",
        ),
        (
            "I vi ii7 V7", "I IV vi V", "I V IV I", "Imaj7 VI7 ii7 V7", "I I IV V7 I vi ii V", "I iii vi IV", "IVmaj7 V7 iii7 vi7 ii7 V7 Imaj7 Imaj7",
            "I IV ii V7", "I V I IV I V7 I I", "vi V IV V I V I I", "Iadd9 IV iv I", "I V ii IV",
        ),
    ),
    "minor": (
        (
            "i VI III VII", "i iv V7 i", "i VII VI V7", "iim7b5 V7 i7 i7", "i iv VII III", "i v VI iv", "i VI iv V7", "i7 iv7 i7 V7",
            "i VII i VII", "i V7 i iv i V7 i i", "i III VII VI", "i IV7 i IV7",
        ),
        (
            "i VII VI VII", "i iv i V7", "i7 VImaj7 iim7b5 V7", "VI VII i i", "i V7 VI III iv i iv V7", "i VI VII i", "iv7 VII7 IIImaj7 VImaj7 iim7b5 V7 i i",
            "i III iv VI", "i v iv i", "i iv VI V7", "i9 iv9 i9 v7", "i bII V7 i",
        ),
    ),
}
"""Progressions by mode: those of the development half, then those of the held-out half."""
