"""The written music of one record: Paper Lantern Club's.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

LANTERN: dict[str, Score] = {
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
