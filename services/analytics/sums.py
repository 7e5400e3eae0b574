"""What some plays come to: pure arithmetic, shared by the counting and by whoever adds days up.

Owns what a skip and a place in a song are. Refuses to know days, stores and people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.listening.listens import is_listen

PLACES = 10
"""Where a song was left is told in tenths of it."""
OTHER = "other"


@dataclass(slots=True)
class Sum:
    """Plays; time heard; plays whose end is known; of these the completed and the skipped; by source.

    `skipped_sources` are skips by source, `known_sources` the plays with a known end by source, `left` the plays
    that were left before the end by the tenth of the song where that was.
    """

    plays: int = 0
    ms_heard: int = 0
    known: int = 0
    completed: int = 0
    skips: int = 0
    sources: dict[str, int] = field(default_factory=dict)
    known_sources: dict[str, int] = field(default_factory=dict)
    skipped_sources: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def take(self, play: Mapping[str, Any], duration_ms: int) -> None:
        """One play more, of a song of this length (0 when unknown)."""
        self.plays += 1
        heard, is_completed = play.get("ms_played"), bool(play.get("completed"))
        if heard is None and is_completed:
            heard = duration_ms
        self.ms_heard += heard or 0
        source = play.get("source") or OTHER
        _count(self.sources, source)
        if heard is None:
            return
        self.known += 1
        _count(self.known_sources, source)
        if is_completed:
            self.completed += 1
            return
        if not is_listen(heard, duration_ms):
            self.skips += 1
            _count(self.skipped_sources, source)
        if duration_ms > 0:
            _count(self.left, str(min(heard * PLACES // duration_ms, PLACES - 1)))

    def join(self, other: Mapping[str, Any]) -> None:
        """What a stored sum says, added."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + (other.get(name) or 0))
        for name in _MAPS:
            own: dict[str, int] = getattr(self, name)
            for key, more in (other.get(name) or {}).items():
                own[key] = own.get(key, 0) + more

    def document(self) -> dict[str, Any]:
        """For the store: without what is nothing."""
        return {name: value for name in (*_NUMBERS, *_MAPS) if (value := getattr(self, name))}

    @property
    def hours(self) -> float:
        """Time heard in hours."""
        return self.ms_heard / 3_600_000

    @property
    def skip_rate(self) -> float | None:
        """Skips of the plays whose end is known; None when none is."""
        return self.skips / self.known if self.known else None

    @property
    def completion_rate(self) -> float | None:
        """Completed of the plays whose end is known; None when none is."""
        return self.completed / self.known if self.known else None


_NUMBERS = ("plays", "ms_heard", "known", "completed", "skips")
_MAPS = ("sources", "known_sources", "skipped_sources", "left")


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1
