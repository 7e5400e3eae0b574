"""A thing that a thousand follow is read once for each of its revisions, not a thousand times.

Owns the last readings, by id and revision, and who of many that ask at once does the reading. Refuses to know who may
see what was read: that is asked for each follower by whoever shows it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(slots=True)
class _Reading(Generic[State]):
    rev: int
    found: asyncio.Future[State | None]


class SharedReadings(Generic[State]):
    """At most `limit` readings; the one begun longest ago is forgotten first."""

    def __init__(
        self, load: Callable[[str], Awaitable[State | None]], rev: Callable[[State], int], *, limit: int = 512
    ) -> None:
        self._load = load
        self._rev = rev
        self._limit = limit
        self._readings: OrderedDict[str, _Reading[State]] = OrderedDict()

    async def read(self, id: str, rev: int | None) -> State | None:
        """The state at `rev` or later; with None, one that was read since the last `forget`. None when it is gone."""
        while (known := self._readings.get(id)) is not None and (rev is None or known.rev >= rev):
            if not known.found.done():
                # Not awaited itself: who gives up waiting must not cancel it for the others.
                await asyncio.wait([known.found])
            if not known.found.cancelled():
                return known.found.result()
        return await self._begin(id, -1 if rev is None else rev)

    def forget(self) -> None:
        """Nothing read until now is believed to be new."""
        self._readings.clear()

    async def _begin(self, id: str, rev: int) -> State | None:
        mine = _Reading[State](rev, asyncio.get_running_loop().create_future())
        self._readings[id] = mine
        self._readings.move_to_end(id)
        if len(self._readings) > self._limit:
            self._readings.popitem(last=False)
        try:
            state = await self._load(id)
        except BaseException:
            # Each of the others reads for itself, and meets the trouble itself if it is still there.
            if self._readings.get(id) is mine:
                del self._readings[id]
            mine.found.cancel()
            raise
        if state is not None:
            mine.rev = max(rev, self._rev(state))
        mine.found.set_result(state)
        return state
