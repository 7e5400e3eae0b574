"""Carries "somebody is seen by others than before" and "somebody follows others than before" to every process.

Owns the topics `seen:{user_id}` and `follows:{user_id}`, and who listens on whose behalf here. Refuses to know who may
see whom: whoever is told asks that again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

from realtime.broker import Broker
from services.events import Bus, Event, UserChanged, UserFollowed, UserUnfollowed

SEEN_KIND = "seen"
FOLLOWS_KIND = "follows"


class Source(Protocol):
    """What somebody listens to."""

    def look_again(self) -> None:
        """Its viewer follows others than before."""


class SourcesOf:
    """Who listens on whose behalf. Weak, so that a source that was dropped without being closed leaves as well."""

    def __init__(self) -> None:
        self._by_viewer: dict[str, WeakSet[Source]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_viewer.values()))

    def add(self, viewer_id: str | None, source: Source) -> None:
        """Enter a source; nobody follows anybody."""
        if viewer_id is not None:
            self._by_viewer.setdefault(viewer_id, WeakSet()).add(source)

    def discard(self, viewer_id: str | None, source: Source) -> None:
        """Strike a source out; no matter whether it was in."""
        sources = self._by_viewer.get(viewer_id or "")
        if sources is not None:
            sources.discard(source)
            if not sources:
                del self._by_viewer[viewer_id or ""]

    def look_again(self, viewer_id: str) -> None:
        """Let all that somebody listens to look again."""
        for source in list(self._by_viewer.get(viewer_id, ())):
            source.look_again()


class PeopleNews:
    """Between `start` and `stop`, what one process changed every process hears."""

    def __init__(self, *, bus: Bus, broker: Broker) -> None:
        self._bus = bus
        self._broker = broker
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to carry."""
        self._undo = [self._bus.hear(kind, self._told) for kind in (UserChanged, UserFollowed, UserUnfollowed)]

    def stop(self) -> None:
        """Carry no more."""
        while self._undo:
            self._undo.pop()()

    def _told(self, event: Event) -> None:
        match event:
            case UserChanged(user_id=user_id):
                self._broker.publish(f"{SEEN_KIND}:{user_id}", {})
            case UserFollowed(user_id=user_id) | UserUnfollowed(user_id=user_id):
                self._broker.publish(f"{FOLLOWS_KIND}:{user_id}", {})
