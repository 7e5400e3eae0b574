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
    """Between `start` and `stop`, every revision that any process tells of is noted."""

    def __init__(self, *, memory: RoomMemory, broker: Broker) -> None:
        self._memory = memory
        self._broker = broker
        self._undo: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._undo = self._broker.listen(self._heard)

    def stop(self) -> None:
        """Listen no more."""
        if self._undo is not None:
            self._undo()
            self._undo = None

    def _heard(self, topic: str, ids: dict[str, Any]) -> None:
        kind, _, room_id = topic.partition(":")
        if kind == KIND:
            self._memory.heard(room_id, ids["rev"])
