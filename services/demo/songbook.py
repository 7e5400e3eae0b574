"""The written music: one score a song, in the notation that `composer.Score` explains.

Owns which songs there are; the music of each record is in `scores`. Refuses to know titles, tags and files.
"""

from __future__ import annotations

from services.demo.composer import Score
from services.demo.scores.aviary import AVIARY
from services.demo.scores.ferrymen import FERRYMEN
from services.demo.scores.heron import HERON
from services.demo.scores.lantern import LANTERN
from services.demo.scores.tide import TIDE
from services.demo.scores.vey import VEY

SCORES: dict[str, Score] = {**LANTERN, **VEY, **HERON, **FERRYMEN, **AVIARY, **TIDE}
"""Every score by the short name the catalogue refers to it with."""
