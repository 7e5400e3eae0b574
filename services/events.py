"""What happened, told after it was written. Events carry ids only; each hearer re-reads with its own viewer.

Owns the event types and the bus inside one process. Refuses to know sockets, brokers and who listens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

log = logging.getLogger("tutti.events")


@dataclass(frozen=True, slots=True)
class NowPlayingChanged:
    """A listener started (or, with `song_id` None, stopped) playing a song."""

    user_id: str
    song_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A sign-in session is over (logged out, replayed, suspended): its sockets and streams go too."""

    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class CatalogueChanged:
    """Songs were added, changed, hidden or brought back by an import or an edit."""

    song_ids: tuple[str, ...]


Event = NowPlayingChanged | SessionEnded | CatalogueChanged
Hearer = Callable[[Event], None]


class Bus:
    """Hands each published event to its hearers at once. Hearers only take note (put on a queue); they never wait."""

    def __init__(self) -> None:
        self._hearers: dict[type, list[Hearer]] = {}

    def hear(self, kind: type, hearer: Hearer) -> Callable[[], None]:
        """Call `hearer` for each event of `kind`; the returned function stops that."""
        self._hearers.setdefault(kind, []).append(hearer)

        def deaf() -> None:
            if hearer in self._hearers.get(kind, []):
                self._hearers[kind].remove(hearer)

        return deaf

    def publish(self, event: Event) -> None:
        """Tell everybody who hears this kind. One hearer's bug is logged and does not silence the others."""
        for hearer in list(self._hearers.get(type(event), ())):
            try:
                hearer(event)
            except Exception:
                log.exception("event hearer failed", extra={"event": type(event).__name__})
