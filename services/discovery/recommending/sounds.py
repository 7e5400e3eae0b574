"""Songs in the same key at the same tempo, by what was measured or tagged.

Pure. Owns what is the same: the key as written, and a tempo within three parts in a hundred.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from storage.records import Song

TEMPO_SHARE = 0.03


def is_same_sound(one: Song, other: Song) -> bool:
    """Whether both are known to be in one key, and their tempos differ by 3 % of the faster at most."""
    mine, theirs = one.features, other.features
    if not mine.key or mine.key != theirs.key or not mine.tempo or not theirs.tempo:
        return False
    return abs(mine.tempo - theirs.tempo) <= TEMPO_SHARE * max(mine.tempo, theirs.tempo)


class Sounds:
    """What somebody listens to, by key and step of tempo; the earlier in the list the rather named."""

    def __init__(self, songs: Sequence[Song]) -> None:
        self._steps: dict[tuple[str, int], list[tuple[int, Song]]] = {}
        for at, song in enumerate(songs):
            if song.features.key and song.features.tempo:
                self._steps.setdefault((song.features.key, _step(song.features.tempo)), []).append((at, song))

    def same_as(self, song: Song) -> str | None:
        """The first of them that sounds the same, another than the song itself."""
        key, tempo = song.features.key, song.features.tempo
        if not key or not tempo:
            return None
        # A step is as wide as tempos may differ, so what is the same is at most one step away.
        step = _step(tempo)
        near = [each for beside in (step - 1, step, step + 1) for each in self._steps.get((key, beside), ())]
        alike = [(at, other.id) for at, other in near if other.id != song.id and is_same_sound(song, other)]
        return min(alike)[1] if alike else None


def _step(tempo: float) -> int:
    return math.floor(math.log(tempo) / -math.log1p(-TEMPO_SHARE))
