"""What a player may ask for: each operation's name, the function that does it, and who may ask.

Owns the table. The operations themselves stand in `<noun>_verbs.py` beside it, a few lines around one
service call each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graph.feeds import Feeds
from realtime.player.frames import Body
from services.house import House
from services.viewer import Viewer

Answer = Mapping[str, Any] | None


class Player(Protocol):
    """One open socket, as an operation sees it."""

    house: House
    feeds: Feeds
    """Where states that change come from."""
    viewer: Viewer
    """Who is there; nobody before `hello`. The guest of a room has a viewer that opens this room alone."""
    device_id: str | None
    """The device this socket speaks for, once it said so."""
    heard_at: float
    """When the frame of the operation in hand arrived, in seconds of the house's monotonic clock."""

    def follow(
        self, topic: str, source: AsyncIterator[Mapping[str, Any]], *, seen_as: Hashable = None, each: bool = False
    ) -> None:
        """Send `{"ev": kind, …}` (the topic's kind) for each of the source's items, newest first to survive: a slow
        player is given the latest state instead of every one. Following a topic again replaces its source; the first
        item leaves after the answer to the operation in hand. TooMany when the player follows too much.

        `seen_as` names a visibility: items of one topic, `rev` and visibility are the same for everybody, and are
        made into bytes once. None for items that are this player's alone. With `each` every item leaves, and the
        source waits for a slow player."""

    def unfollow(self, topic: str) -> bool:
        """Follow it no more; whether it was followed."""

    def on_leaving(self, name: str, farewell: Callable[[], Awaitable[None]]) -> None:
        """Do this once the socket is gone, whyever; a later one of the same name replaces it."""


Verb = Callable[[Player, str, Body], Awaitable[Answer]]
"""Does one operation for a player; the text is the operation's id as the client chose it (`clientOpId`)."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a topic's opener found: the source of its states, and by whom they are seen alike (`Player.follow`)."""

    source: AsyncIterator[Mapping[str, Any]]
    seen_as: Hashable = None
    each: bool = False


Opener = Callable[[Player, str, Body], Awaitable[Followed]]
"""Opens what `follow` names: the text is the topic's id, what stands after `kind:`; empty when nothing does."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of thing that `follow` follows; `guests` may too."""

    kind: str
    opener: Opener
    guests: bool = False


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
        self._topics: dict[str, Topic] = {}
        for part in parts:
            for operation in part._operations.values():
                self._enter(operation)
            for topic in part._topics.values():
                self._enter_topic(topic)

    def __getitem__(self, name: str) -> Operation | None:
        return self._operations.get(name)

    @property
    def free(self) -> frozenset[str]:
        """The operations that may be asked before `hello`."""
        return frozenset(name for name, operation in self._operations.items() if operation.anybody)

    def topic_of(self, kind: str) -> Topic | None:
        """How a kind of topic is followed."""
        return self._topics.get(kind)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every kind that can be followed."""
        return tuple(self._topics)

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

    def topic(self, kind: str, *, guests: bool = False) -> Callable[[Opener], Opener]:
        """Enter a function as the opener of a kind of topic, for `follow`."""

        def enter(function: Opener) -> Opener:
            self._enter_topic(Topic(kind, function, guests))
            return function

        return enter

    def _enter_topic(self, topic: Topic) -> None:
        if topic.kind in self._topics:
            raise ValueError(f"the topic {topic.kind} is entered twice")
        self._topics[topic.kind] = topic

    def _enter(self, operation: Operation) -> None:
        if operation.name in self._operations:
            raise ValueError(f"the operation {operation.name} is entered twice")
        self._operations[operation.name] = operation
