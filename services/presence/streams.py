"""Somebody who listens without a player's socket is here too: one seat for all streams they have open in a process.

Owns how many streams each person has open. Refuses to know what they listen to, and over what.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from services.presence.watching import PresenceWatch


@dataclass(slots=True)
class _Seat:
    name: str
    streams: int = 0


class StreamAttendance:
    """The seats of those who listen. A seat that is given up is not taken again: its last lease may end late."""

    def __init__(self, watch: PresenceWatch) -> None:
        self._watch = watch
        self._names = itertools.count(1)
        self._seats: dict[str, _Seat] = {}

    def __len__(self) -> int:
        return len(self._seats)

    async def begin(self, user_id: str) -> None:
        """One more stream of theirs is open, until `end` or `lose`."""
        seat = self._seats.get(user_id)
        if seat is None:
            seat = self._seats[user_id] = _Seat(self._watch.seat_called(f"streams-{next(self._names)}"))
        seat.streams += 1
        if seat.streams == 1:
            await self._watch.come(user_id, seat.name)

    async def end(self, user_id: str) -> None:
        """One of them is closed."""
        name = self._fewer(user_id)
        if name is not None:
            await self._watch.go(user_id, name)

    def lose(self, user_id: str) -> None:
        """One of them is gone without having been closed: nobody waits, and the lease ends by itself."""
        name = self._fewer(user_id)
        if name is not None:
            self._watch.lose(user_id, name)

    def _fewer(self, user_id: str) -> str | None:
        seat = self._seats[user_id]
        seat.streams -= 1
        if seat.streams:
            return None
        del self._seats[user_id]
        return seat.name
