"""The written music: one score a song, in the notation that `composer.Score` explains.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

_LANTERN: dict[str, Score] = {
    "last-stop": Score(
        band="lofi",
        key=Key("Eb", "major"),
        bpm=76,
        beats_per_bar=4,
        form="intro=A:2 verse=A:8 lift=B:4 verse=A:4 outro=A:2",
        harmony={"A": "ii9 | V13 | Imaj9 | vi9", "B": "IVmaj9 | iii7 | ii9 | V13sus V13"},
        themes={
            "A": "r/.5 5/.5 6/.5 1'/.5 2'/1.5 1'/.5 | 7 5/.5 6/.5 6/2 | r/.5 3/.5 5/.5 6/.5 7 5 | 6/1.5 5/.5 3/2",
            "B": "1'/1.5 7/.5 6 5 | 7/1.5 6/.5 5/2 | 6/1.5 5/.5 4 3 | 2 4 6 5",
        },
        close="Imaj9",
        swing=0.6,
        colours={"lead": "vibraphone", "texture": "rain"},
    ),
    "umbrella": Score(
        band="lofi",
        key=Key("G", "dorian"),
        bpm=84,
        beats_per_bar=4,
        form="intro=A:2 verse=A:8 lift=B:4 verse=A:4 outro=A:2",
        harmony={"A": "i9 | IV9 | VIImaj7 | IIImaj7", "B": "ii7 | v7 | IV9 | i9"},
        themes={
            "A": "5 4/.5 3/.5 1/2 | r/.5 2/.5 3/.5 4/.5 6 5 | 7/1.5 6/.5 4 2 | 3 2/.5 3/.5 5/2",
            "B": "1'/1.5 7/.5 5/2 | 4 5 7/.5 5/.5 4 | 6/2 r/.5 3/.5 4/.5 5/.5 | 2 3 1/2",
        },
        close="i9",
        swing=0.57,
        colours={"lead": "voice", "texture": "rain"},
    ),
    "vending": Score(
        band="lofi",
        key=Key("Db", "major"),
        bpm=70,
        beats_per_bar=4,
        form="intro=A:2 verse=A:4 lift=B:4 verse=A:4 outro=A:2",
        harmony={"A": "Imaj9 | iii7 VI7 | ii9 | V13", "B": "IVmaj9 | iv9 | iii7 | VI7b9"},
        themes={
            "A": "5 3/.5 5/.5 7/2 | 5 3 6/.5 5/.5 3 | 4/1.5 3/.5 2 6, | r 7,/.5 2/.5 4 3",
            "B": "1'/2 6 5 | b6/2 5/.5 4/.5 b3 | 3/1.5 5/.5 7/2 | 6 5 3/2",
        },
        close="I69",
        swing=0.62,
        colours={"lead": "guitar", "texture": "vinyl"},
    ),
    "windows": Score(
        band="lofi",
        key=Key("F", "minor"),
        bpm=92,
        beats_per_bar=4,
        form="intro=A:4 verse=A:8 lift=B:4 verse=A:4 outro=A:4",
        harmony={"A": "i9 | VImaj7 | IIImaj7 | V7b9", "B": "iv9 | VII13 | IIImaj7 | VImaj7"},
        themes={
            "A": "5/.5 5/.5 3/.5 4/.5 5/2 | r/.5 6/.5 5/.5 3/.5 1/2 | r/.5 3/.5 4/.5 5/.5 7 5 | 6 5/.5 4/.5 2 r",
            "B": "1'/1.5 7/.5 6 4 | 6 5 4/2 | 5/1.5 4/.5 3 7, | 1/2 3 r",
        },
        close="i9",
        swing=0.58,
        colours={"lead": "vibraphone", "texture": "vinyl"},
    ),
}

_VEY: dict[str, Score] = {
    "unmapped": Score(
        band="ambient",
        key=Key("D", "lydian"),
        bpm=60,
        beats_per_bar=4,
        form="intro=A:2 verse=A:4 lift=B:4 peak=A:4 outro=A:2",
        harmony={"A": "Imaj9 | vi9 | II/1 | iii7", "B": "vi9 | iii7 | II | V"},
        themes={"A": "5/3 3 | 2/2 5/2 | 6/3 4 | 3/4", "B": "1'/2 7/2 | 5/3 3 | 2/2 6/2 | 5/4"},
        close="Imaj9",
        ritardando=0.2,
        colours={"lead": "piano", "texture": "wind"},
    ),
    "fog": Score(
        band="ambient",
        key=Key("E", "minor"),
        bpm=56,
        beats_per_bar=3,
        form="intro=A:2 verse=A:4 lift=B:4 peak=A:4 outro=A:4",
        harmony={"A": "iadd9 | VImaj7 | IIIadd9 | VIIsus4", "B": "iv7 | iadd9 | VImaj7 | v7"},
        themes={"A": "5/2 4 | 3/3 | 2/2 3 | 1/3", "B": "4 6/2 | 5/3 | 3/2 1 | 2/3"},
        close="iadd9",
        ritardando=0.2,
        colours={"lead": "bell", "texture": "sea"},
    ),
    "rivers": Score(
        band="ambient",
        key=Key("Ab", "major"),
        bpm=66,
        beats_per_bar=4,
        form="intro=A:2 verse=A:4 lift=B:4 peak=A:4 outro=A:2",
        harmony={"A": "Iadd9 | V/7 | vi7 | IVmaj9", "B": "ii7 | IVmaj9 | I/3 | Vsus4"},
        themes={
            "A": "3/1.5 2/.5 1/2 | 2/2 5/2 | 1'/1.5 7/.5 5/2 | 6/3 5",
            "B": "4/2 6/2 | 5/1.5 4/.5 3/2 | 5/2 1'/2 | 2'/3 r",
        },
        close="Iadd9",
        ritardando=0.25,
        colours={"lead": "piano", "texture": "stream"},
    ),
}

_HERON: dict[str, Score] = {
    "wingspan": Score(
        band="synthwave",
        key=Key("A", "minor"),
        bpm=112,
        beats_per_bar=4,
        form="intro=A:4 verse=A:8 lift=B:4 peak=A:8 outro=A:4",
        harmony={"A": "i | VI | III | VII", "B": "iv | VI | i | v7"},
        themes={
            "A": "5/1.5 3/.5 4 5 | 6/1.5 5/.5 3/2 | 5/1.5 7/.5 1' 7 | 5 4 2/2",
            "B": "6 4/.5 6/.5 1'/2 | 1' 7/.5 6/.5 5 3 | 5/1.5 4/.5 3 1 | 2/2 4 5",
        },
        close="iadd9",
        colours={"lead": "saw", "beat": "back"},
    ),
    "motel": Score(
        band="synthwave",
        key=Key("F#", "minor"),
        bpm=94,
        beats_per_bar=4,
        form="intro=A:4 verse=A:8 lift=B:4 verse=A:4 outro=A:2",
        harmony={"A": "VImaj7 | VII | i7 | i7", "B": "iv7 | VII | IIImaj7 | VImaj7"},
        themes={
            "A": "r 3/.5 4/.5 5 3 | r 2/.5 4/.5 5/.5 4/1.5 | 3/1.5 1/.5 7, 1 | r/2 5,/.5 1/.5 3",
            "B": "1' 6 4 6 | 7/1.5 5/.5 4/2 | 5 7 5 3 | 1/3 r",
        },
        close="iadd9",
        colours={"lead": "voice", "beat": "half", "pad": "strings"},
    ),
    "highway": Score(
        band="synthwave",
        key=Key("D", "major"),
        bpm=124,
        beats_per_bar=4,
        form="intro=A:4 verse=A:8 lift=B:8 peak=A:8 outro=A:4",
        harmony={"A": "I | V | vi | IV", "B": "ii | IV | I/3 | V"},
        themes={
            "A": "3/.5 3/.5 5 3/.5 2/.5 1 | 2/1.5 7,/.5 5,/2 | 1/.5 1/.5 3 5/.5 3/.5 2 | 1/2 6,/2",
            "B": "4/1.5 5/.5 6/2 | 6 5/.5 4/.5 1'/2 | 1'/1.5 7/.5 5 3 | 2/3 r",
        },
        close="Iadd9",
        colours={"lead": "saw", "beat": "four"},
    ),
}

_FERRYMEN: dict[str, Score] = {
    "salt": Score(
        band="folk",
        key=Key("G", "major"),
        bpm=96,
        beats_per_bar=4,
        form="intro=A:2 verse=A:8 lift=B:4 verse=A:8 outro=A:1",
        harmony={"A": "I | V/7 | vi | IV | I/3 | ii7 | IV | V", "B": "IV | I/3 | ii7 | V"},
        themes={
            "A": "5, 1 2/.5 3/1.5 | 2 7, 5,/2 | 1 3 5/.5 3/1.5 | 4 3/.5 2/.5 1/2 "
            "| 5/1.5 3/.5 1/2 | 4 3/.5 2/.5 6,/2 | 1 2 4 3 | 2/3 r",
            "B": "6/1.5 5/.5 4/2 | 5/1.5 3/.5 1/2 | 4 3 2 6, | 2/2 5 r",
        },
        close="I",
        ritardando=0.3,
        colours={"lead": "voice"},
    ),
    "barco": Score(
        band="folk",
        key=Key("E", "minor"),
        bpm=126,
        beats_per_bar=3,
        form="intro=A:4 verse=A:8 lift=B:8 verse=A:8 outro=A:4",
        harmony={"A": "i | VII | VI | V7", "B": "iv | VII | III | VI | iv | i | V7 | i"},
        themes={
            "A": "5 5/.5 4/.5 3 | 4 2 7, | 3 3/.5 2/.5 1 | 2/2 r "
            "| 5 6/.5 5/.5 3 | 4/1.5 5/.5 2 | 3 4/.5 3/.5 1 | 2/1.5 r/.5 5,",
            "B": "4 5/.5 6/.5 1' | 7/2 4 | 5 4/.5 3/.5 5 | 1/2 r | 6 5/.5 4/.5 6 | 5 3 1 | 2 4 2 | 1/3",
        },
        close="i",
        ritardando=0.4,
        colours={"lead": "voice"},
    ),
    "ferry": Score(
        band="folk",
        key=Key("D", "mixolydian"),
        bpm=104,
        beats_per_bar=4,
        form="intro=A:4 verse=A:8 lift=B:4 verse=A:4 outro=A:2",
        harmony={"A": "I | VII | IV | I", "B": "IV | I/3 | v7 | VII"},
        themes={
            "A": "5/.5 5/.5 6/.5 5/.5 3 1 | 2/.5 1/.5 7, 2/2 | 4/.5 4/.5 6 5/.5 4/.5 1 | 3/3 r",
            "B": "6 4 1'/1.5 6/.5 | 5 3 1/2 | 7 5/.5 4/.5 2/2 | 4 2 7,/2",
        },
        close="Iadd9",
        swing=0.54,
        ritardando=0.2,
        colours={"lead": "whistle", "guest": "electric_piano"},
    ),
}

_AVIARY: dict[str, Score] = {
    "moons": Score(
        band="chamber",
        key=Key("Bb", "major"),
        bpm=144,
        beats_per_bar=3,
        form="intro=A:4 verse=A:8 verse=A:8 lift=B:8 peak=A:8 outro=A:4",
        harmony={
            "A": "I | vi | ii7 | V7 | I/3 | VI7 | ii7 | V7",
            "B": "IV | iv6 | I/3 | VI7 | ii7 | V7 | I | I",
        },
        themes={
            "A": "3/2 5 | 1'/2 7 | 6 4 6 | 5/3 | 3/2 5 | 6 5 3 | 4 6 2' | 7/2 r",
            "B": "4 6 1' | b6/2 1' | 5 1' 3' | 3' 2'/.5 #1'/.5 5 | 4 6 2' | 1' 7 6 | 5 3 5 | 1'/2 r",
        },
        close="I",
        ritardando=0.4,
        colours={"lead": "violin", "sparkle": "celesta"},
    ),
    "cat": Score(
        band="chamber",
        key=Key("G", "minor"),
        bpm=168,
        beats_per_bar=3,
        form="intro=A:4 verse=A:8 verse=A:8 lift=B:8 verse=A:8 outro=A:8",
        harmony={
            "A": "i | i | iv | V7 | i | VI | ii7b5 | V7",
            "B": "III | VII | VI | III/5 | iv | i/3 | V7 | V7",
        },
        themes={
            "A": "5/.5 4/.5 5 1' | 5/.5 4/.5 5 3 | 6/.5 5/.5 4 6 | 5/2 r "
            "| 1'/.5 7/.5 1' 5 | 6/.5 5/.5 6 3 | 4 2 6 | 5 r/2",
            "B": "7 5 3 | 7 4 2 | 3' 1' 6 | 5/2 r | 6/.5 6/.5 4 1' | 5/.5 5/.5 3 1' | 2' 1' 6 | 5 r/2",
        },
        close="i",
        ritardando=0.2,
        colours={"lead": "clarinet", "sparkle": "pizzicato"},
    ),
    "kettle": Score(
        band="chamber",
        key=Key("F", "major"),
        bpm=92,
        beats_per_bar=3,
        form="intro=A:4 verse=A:8 lift=B:4 peak=A:8 outro=A:2",
        harmony={
            "A": "I | iii7 | IVmaj7 | V7 | vi7 | ii7 | V7sus | V7",
            "B": "IVmaj7 | iii7 | ii7 | Imaj7",
        },
        themes={
            "A": "1 3 5 | 7/2 5 | 6/1.5 5/.5 1 | 2/3 | 3 5 1' | 6/2 4 | 5 4 1 | 2/2 r",
            "B": "6 1' 3' | 2'/2 7 | 1' 6 4 | 5/3",
        },
        close="Iadd9",
        ritardando=0.4,
        colours={"lead": "violin", "sparkle": "harp"},
    ),
}

_TIDE: dict[str, Score] = {
    "dear-moon": Score(
        band="tide",
        key=Key("B", "minor"),
        bpm=82,
        beats_per_bar=4,
        form="intro=A:2 verse=A:8 lift=B:4 verse=A:4 outro=A:2",
        harmony={"A": "iadd9 | VImaj7 | IIImaj7 | VIIadd9", "B": "iv7 | v7 | VImaj7 | VII"},
        themes={
            "A": "5/1.5 4/.5 3 2 | 1 2/.5 3/.5 5/2 | 5/1.5 7/.5 5 3 | 4/2 2 r",
            "B": "4 6 1'/1.5 6/.5 | 7 5 2/2 | 3 5 1'/2 | 7/1.5 4/.5 2/2",
        },
        close="iadd9",
        colours={"lead": "voice", "beat": "half"},
    ),
    "weather": Score(
        band="tide",
        key=Key("E", "major"),
        bpm=118,
        beats_per_bar=4,
        form="intro=A:4 verse=A:8 lift=B:4 peak=A:8 outro=A:4",
        harmony={"A": "IVmaj7 | I/3 | ii7 | vi7", "B": "IV | V | vi | I/3"},
        themes={
            "A": "3 1/.5 3/.5 5/2 | 5/1.5 3/.5 1/2 | 4 2/.5 4/.5 6/2 | 5 3 1/2",
            "B": "6/1.5 5/.5 4/2 | 5 7 2'/2 | 1'/1.5 7/.5 5/2 | 3/3 r",
        },
        close="Iadd9",
        colours={"lead": "glass", "beat": "four"},
    ),
}

SCORES: dict[str, Score] = {**_LANTERN, **_VEY, **_HERON, **_FERRYMEN, **_AVIARY, **_TIDE}
"""Every score by the short name the catalogue refers to it with."""
