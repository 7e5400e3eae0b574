"""Carries the end of a sign-in session from the bus, through the broker, to all that ends with it: sockets, streams.

Owns the topic `session_ended:{session_id}`. Refuses to know why a session ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from realtime.broker import Broker
from realtime.sockets import OpenSockets
from services.events import Bus, Event, SessionEnded

KIND = "session_ended"


class EndsWithSession(Protocol):
    """Something that is over when its session is: streams under way, tickets."""

    def end_session(self, session_id: str) -> object:
        """Let go of all that this session has."""


class SessionEnds:
    """Between `start` and `stop`, an ended session has no open socket, here or in another process.

    `others` are told of it as the sockets are.
    """

    def __init__(
        self, *, bus: Bus, broker: Broker, sockets: OpenSockets, others: Sequence[EndsWithSession] = ()
    ) -> None:
        self._bus = bus
        self._broker = broker
        self._sockets = sockets
        self._others = others
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to listen."""
        self._undo = [self._broker.listen(self._heard), self._bus.hear(SessionEnded, self._told)]

    def stop(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def _told(self, event: Event) -> None:
        if isinstance(event, SessionEnded):
            ids = {"user_id": event.user_id, "session_id": event.session_id}
            self._broker.publish(f"{KIND}:{event.session_id}", ids)

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        if topic.startswith(f"{KIND}:"):
            self._sockets.end_session(ids["session_id"])
            for other in self._others:
                other.end_session(ids["session_id"])
