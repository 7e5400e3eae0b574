"""The written music of one record: Neon Heron's.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

HERON: dict[str, Score] = {
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
