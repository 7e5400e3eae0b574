"""Songs in the same key at the same tempo, by what was measured or tagged.

Pure. Owns what is the same: the key as written, and a tempo within three parts in a hundred.
"""

from __future__ import annotations

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
    """What somebody listens to, by key; the earlier in the list the rather named."""

    def __init__(self, songs: Sequence[Song]) -> None:
        self._of_key: dict[str, list[Song]] = {}
        for song in songs:
            if song.features.key and song.features.tempo:
                self._of_key.setdefault(song.features.key, []).append(song)

    def same_as(self, song: Song) -> str | None:
        """The first of them that sounds the same, another than the song itself."""
        if not song.features.key:
            return None
        alike = (other for other in self._of_key.get(song.features.key, ()) if other.id != song.id)
        return next((other.id for other in alike if is_same_sound(song, other)), None)
