"""The written music of one record: The Tin Aviary's.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

AVIARY: dict[str, Score] = {
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
