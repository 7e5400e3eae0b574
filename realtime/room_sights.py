"""Word that somebody's account changed, for the rooms they follow: what they may see is decided anew, at once.

Owns which open sources are whose. Refuses to know what changed (a filter of explicit songs, a role) and what is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakSet

from realtime.broker import Broker
from services.events import Bus, Event, UserChanged

KIND = "sight"


class Looking(Protocol):
    """A source that can give its state anew."""

    def look_again(self) -> None:
        """Give the state once more, for whom its follower is now."""


class RoomSights:
    """Between `start` and `stop`, a change of somebody's account in any process reaches their sources here."""

    def __init__(self, *, bus: Bus, broker: Broker, forget: Callable[[str], None]) -> None:
        """`forget` is told whose account is not as this process remembers it."""
        self._forget = forget
        self._bus = bus
        self._broker = broker
        self._sources: dict[str, WeakSet[Looking]] = {}
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to listen."""
        self._undo = [self._broker.listen(self._heard), self._bus.hear(UserChanged, self._told)]

    def stop(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def add(self, user_id: str, source: Looking) -> None:
        """Tell this source from now on, until `discard`."""
        self._sources.setdefault(user_id, WeakSet()).add(source)

    def discard(self, user_id: str, source: Looking) -> None:
        """Tell it no more."""
        sources = self._sources.get(user_id)
        if sources is not None:
            sources.discard(source)
            if not sources:
                del self._sources[user_id]

    def _told(self, event: Event) -> None:
        if isinstance(event, UserChanged):
            self._broker.publish(f"{KIND}:{event.user_id}", {})

    def _heard(self, topic: str, _: dict[str, Any]) -> None:
        kind, __, user_id = topic.partition(":")
        if kind == KIND:
            self._forget(user_id)
            for source in list(self._sources.get(user_id, ())):
                source.look_again()
