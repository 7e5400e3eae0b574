"""Carries "the catalogue is not what it was" to the answers that every process keeps.

Owns the topic `answers`. One word for whatever changed: an answer is made anew in less time than it takes to find out
whom a change concerns. Refuses to know what is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from realtime.broker import Broker
from services.events import AlbumReleased, Bus, CatalogueChanged, ContentModerated, Event

TOPIC = "answers"
CHANGES = (CatalogueChanged, AlbumReleased, ContentModerated)
"""What answers that may be kept tell of."""


class AnswerNews:
    """Between `start` and `stop`, a change in any process makes this one forget, and so does the end of an outage."""

    def __init__(self, forget: Callable[[], None], *, bus: Bus, broker: Broker) -> None:
        self._forget = forget
        self._bus = bus
        self._broker = broker
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to listen."""
        self._undo = [
            self._broker.listen(self._heard),
            self._broker.on_return(self._forget),
            *(self._bus.hear(kind, self._told) for kind in CHANGES),
        ]

    def stop(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def _told(self, _: Event) -> None:
        self._broker.publish(TOPIC, {})

    def _heard(self, topic: str, _: dict[str, Any]) -> None:
        if topic == TOPIC:
            self._forget()
