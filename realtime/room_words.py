"""Word from other processes that a room is at a revision, for the memory of rooms: nothing older is shown from then on.

Stands before the rooms' own news among the carriers: who is told of a change then reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from realtime.broker import Broker
from services.rooms.memory import RoomMemory

KIND = "room"


class RoomWords:
    """Between `start` and `stop`, each revision any process tells of is noted; after an outage nothing is believed."""

    def __init__(self, *, memory: RoomMemory, broker: Broker) -> None:
        self._memory = memory
        self._broker = broker
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to listen."""
        self._undo = [self._broker.listen(self._heard), self._broker.on_return(self._memory.doubt)]

    def stop(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        kind, _, room_id = topic.partition(":")
        if kind == KIND:
            self._memory.heard(room_id, ids["rev"])
