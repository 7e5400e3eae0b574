"""The written music of one record: Halden Vey's.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

VEY: dict[str, Score] = {
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
