"""The written music of one record: Neon Heron's and Halden Vey's.

Owns progressions, themes, tempi and forms. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.theory import Key

TIDE: dict[str, Score] = {
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
