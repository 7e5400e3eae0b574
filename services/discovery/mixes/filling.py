"""What a mix is made of: two songs that somebody knows, one that they do not, and so on; no artist twice in a row.

Pure. Refuses to know where the songs come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.discovery.radio.sequence import apart
from storage.records import Song

SIZE = 50
FAMILIAR = 33
"""About two thirds, where there are so many and as many new ones as are left."""


def fill(
    known: Mapping[str, float], fresh: Mapping[str, float], songs: Mapping[str, Song], chance: Callable[[str], float]
) -> list[str]:
    """The ids of a mix in order: of songs that are known and of those that are new to somebody, each with its weight.

    What weighs more is there more often; `chance` makes another mix each day. Where there are too few of the one there
    are more of the other.
    """

    def ranked(weights: Mapping[str, float]) -> list[str]:
        # The root: somebody who plays one song all day is not played it alone.
        drawn = {id: weight**0.5 * (0.4 + chance(id)) for id, weight in weights.items() if id in songs}
        return sorted(drawn, key=lambda id: (-drawn[id], id))

    familiar, new = ranked(known), ranked({id: weight for id, weight in fresh.items() if id not in known})
    room_for_new = SIZE - min(len(familiar), FAMILIAR)
    new = new[:room_for_new]
    familiar = familiar[: SIZE - len(new)]
    return [song.id for song in apart(_mixed(familiar, new, songs), SIZE, SIZE)]


def _mixed(familiar: Sequence[str], new: Sequence[str], songs: Mapping[str, Song]) -> list[Song]:
    """Both evenly through the whole, as many of each as there are."""
    places = [((at + 0.5) / len(familiar), 0, id) for at, id in enumerate(familiar)]
    places += [((at + 0.5) / len(new), 1, id) for at, id in enumerate(new)]
    return [songs[id] for _, _, id in sorted(places)]
