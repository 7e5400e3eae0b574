"""Tells every process of the house what happened: topics and ids, never records.

Owns the protocol that brokers keep and the broker of a house with one process. Refuses to know who acts on it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

log = logging.getLogger("tutti.realtime")

Listener = Callable[[str, dict[str, Any]], None]
"""Called with a topic and the ids, on the loop; takes note and returns at once."""


class Broker(Protocol):
    """A note published anywhere reaches every listener of every process, in this process at once.

    Delivery is at least once between processes and in order per publisher; a listener therefore sets, never adds.
    """

    @property
    def connected(self) -> bool:
        """Whether the other processes hear us now."""

    def publish(self, topic: str, payload: dict[str, Any]) -> None:
        """Tell `payload`, a flat JSON object of ids and numbers, under `topic`. Never waits, never fails."""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every topic; the returned function stops that."""

    def on_return(self, look: Callable[[], None]) -> Callable[[], None]:
        """Call `look` whenever the others are heard again after an outage: what they said meanwhile was missed. The
        returned function stops that."""

    async def start(self) -> None:
        """Begin to exchange notes with other processes."""

    async def stop(self) -> None:
        """Exchange no more; safe at any time, also before `start`."""


class Listeners:
    """Those who hear one broker. A listener's bug is logged and does not silence the others."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> Callable[[], None]:
        """Enter a listener; the returned function strikes it out."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def tell(self, topic: str, payload: dict[str, Any]) -> None:
        """Hand a note to everybody."""
        for listener in list(self._listeners):
            try:
                listener(topic, payload)
            except Exception:
                # The publisher has moved on, and one listener's bug is not the others'.
                log.exception("broker listener failed", extra={"topic": topic})


class LocalBroker:
    """The broker of a single process: a note is delivered before `publish` returns."""

    def __init__(self) -> None:
        self._listeners = Listeners()

    @property
    def connected(self) -> bool:
        """Always: there is no other process."""
        return True

    def publish(self, topic: str, payload: dict[str, Any]) -> None:
        """Tell everybody here."""
        self._listeners.tell(topic, payload)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Hear every topic; the returned function stops that."""
        return self._listeners.add(listener)

    def on_return(self, look: Callable[[], None]) -> Callable[[], None]:
        """Nobody is ever away."""
        return lambda: None

    async def start(self) -> None:
        """Nothing to do: there is no other process."""

    async def stop(self) -> None:
        """Nothing to undo."""
