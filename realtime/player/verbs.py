"""What a player may ask for: each operation's name, the function that does it, and who may ask.

Owns the table. The operations themselves stand in `<noun>_verbs.py` beside it, a few lines around one
service call each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from realtime.player.frames import Body
from services.house import House
from services.viewer import Viewer

Answer = Mapping[str, Any] | None


class Player(Protocol):
    """One open socket, as an operation sees it."""

    house: House
    viewer: Viewer
    """Who is there; nobody before `hello`. The guest of a room has a viewer that opens this room alone."""
    device_id: str | None
    """The device this socket speaks for, once it said so."""

    def follow(self, topic: str, source: AsyncIterator[Mapping[str, Any]]) -> None:
        """Send `{"ev": kind, …}` (the topic's kind) for each of the source's items, newest first to survive: a slow
        player is given the latest state instead of every one. Following a topic again replaces its source."""

    def unfollow(self, topic: str) -> bool:
        """Follow it no more; whether it was followed."""

    def on_leaving(self, name: str, farewell: Callable[[], Awaitable[None]]) -> None:
        """Do this once the socket is gone, whyever; a later one of the same name replaces it."""


Verb = Callable[[Player, str, Body], Awaitable[Answer]]
"""Does one operation for a player; the text is the operation's id as the client chose it (`clientOpId`)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: `guests` may ask for it too, `anybody` even before `hello`; `price` is what it takes from the rate."""

    name: str
    verb: Verb
    guests: bool = False
    anybody: bool = False
    price: int = 1


class Verbs:
    """The table of operations; each module has one and they are joined at the start. ValueError for a name twice."""

    def __init__(self, *parts: Verbs) -> None:
        self._operations: dict[str, Operation] = {}
        for part in parts:
            for operation in part._operations.values():
                self._enter(operation)

    def __getitem__(self, name: str) -> Operation | None:
        return self._operations.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every operation there is."""
        return tuple(self._operations)

    def verb(self, name: str, *, guests: bool = False, anybody: bool = False, price: int = 1) -> Callable[[Verb], Verb]:
        """Enter a function as the operation `name`."""

        def enter(function: Verb) -> Verb:
            self._enter(Operation(name, function, guests, anybody, price))
            return function

        return enter

    def _enter(self, operation: Operation) -> None:
        if operation.name in self._operations:
            raise ValueError(f"the operation {operation.name} is entered twice")
        self._operations[operation.name] = operation
