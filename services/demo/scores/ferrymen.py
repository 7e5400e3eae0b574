"""The written music of one record: Inês Calado's letters'.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

FERRYMEN: dict[str, Score] = {
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
