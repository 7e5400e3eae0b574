"""Who is inside: the requests being answered, so that a stop can wait for them."""

from __future__ import annotations

import asyncio


class Visits:
    """Counts requests between their `prepare` and their end."""

    def __init__(self) -> None:
        self._inside: set[object] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.draining = False

    def __len__(self) -> int:
        return len(self._inside)

    def enter(self, visitor: object) -> None:
        """A request begins."""
        self._inside.add(visitor)
        self._empty.clear()

    def leave(self, visitor: object) -> None:
        """It is over, answered or broken off; safe to say twice."""
        self._inside.discard(visitor)
        if not self._inside:
            self._empty.set()

    async def drained(self, grace_s: float) -> bool:
        """Wait until nobody is inside, at most `grace_s` seconds; whether that came true."""
        self.draining = True
        try:
            await asyncio.wait_for(self._empty.wait(), grace_s)
        except TimeoutError:
            return False
        return True
