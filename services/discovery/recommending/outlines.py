"""Outlines of songs by id, remembered for some minutes: what discovery looks at again and again.

Owns the bounds of that memory. What the catalogue tells of is forgotten; what is shown is read again in any case.
Refuses to know who may see what.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from services.clock import Clock
from services.events import Bus, CatalogueChanged, Event
from storage.records import Song

MOST = 20_000
"""About 1.5 KB each."""

KEPT_S = 300.0


class Outlines:
    """Song outlines by id."""

    def __init__(self, clock: Clock, bus: Bus) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Song]] = OrderedDict()
        bus.hear(CatalogueChanged, self._forget)

    def known(self, ids: Sequence[str]) -> dict[str, Song]:
        """Those of `ids` that are remembered."""
        since = self._clock.monotonic() - KEPT_S
        found: dict[str, Song] = {}
        for id in ids:
            kept = self._kept.get(id)
            if kept is not None and kept[0] > since:
                found[id] = kept[1]
        return found

    def keep(self, songs: Iterable[Song]) -> None:
        """Remember these."""
        now = self._clock.monotonic()
        for song in songs:
            self._kept[song.id] = (now, song)
            self._kept.move_to_end(song.id)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def _forget(self, event: Event) -> None:
        ids = event.song_ids if isinstance(event, CatalogueChanged) else ()
        if not ids:
            self._kept.clear()
        for id in ids:
            self._kept.pop(id, None)
