"""The whole store against the whole index: filling a new one, and proving that one is equal to it.

Owns both walks, in batches of bounded size. Refuses to know which generation it is and who may write.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from services.clock import Clock
from services.errors import Unavailable
from services.search.entries import SHAPES, Kind
from services.search.reading import BATCH, Documents, Reading
from storage.search_index.index import SearchIndex

log = logging.getLogger("tutti.search")

TELL_SECONDS = 5.0

Progress = Callable[[int, int], None]
Meanwhile = Callable[[], Awaitable[None]]
Work = Callable[[Callable[[], Any]], Awaitable[Any]]


class Whole:
    """Walks over everything there is to find. `work` runs a job in the thread that writes the index; `hold` keeps the
    right to write, asked for after each batch, as a walk may take longer than a lease lasts."""

    def __init__(self, reading: Reading, clock: Clock, work: Work, hold: Callable[[], bool]) -> None:
        self._reading = reading
        self._clock = clock
        self._work = work
        self._hold = hold

    async def fill(self, index: SearchIndex, progress: Progress | None) -> int:
        """Put everything into an empty index and commit; how much that is. The log tells how far it is. Unavailable
        when another process has taken over the writing."""
        total, done, told = await self._reading.total(), 0, self._clock.monotonic()
        self._reading.restart(self._clock.now())
        for kind in SHAPES:
            async for documents in self._reading.everything(kind):
                await self._work(partial(self._reading.put, index, kind, documents, new=True))
                await self._go_on()
                done += len(documents)
                if progress is not None:
                    progress(done, max(total, done))
                if self._clock.monotonic() - told > TELL_SECONDS:
                    told = self._clock.monotonic()
                    log.info("making the search index", extra={"done": done, "total": total})
        await self._work(index.commit)
        return done

    async def prove(self, index: SearchIndex, meanwhile: Meanwhile | None = None) -> int:
        """Put right what is missing, stale or left over; how much that was. `meanwhile` runs after each batch."""
        wrong = 0
        for kind in SHAPES:
            async for documents in self._reading.everything(kind, batch=BATCH):
                stale = await self._work(partial(self._reading.stale, index, kind, documents))
                await self._work(partial(write, self._reading, index, kind, stale, []))
                await self._go_on()
                wrong += len(stale)
                if meanwhile is not None:
                    await meanwhile()
            left = await self._reading.left_over(index, kind, self._work)
            await self._work(partial(write, self._reading, index, kind, [], left))
            wrong += len(left)
        if wrong:
            log.info("search entries corrected", extra={"entries": wrong})
        return wrong

    async def _go_on(self) -> None:
        if not await self._work(self._hold):
            raise Unavailable("Another process keeps the search index.", code="SEARCH_ELSEWHERE")


def write(reading: Reading, index: SearchIndex, kind: Kind, documents: Documents, gone: list[str]) -> None:
    """Put and remove these and commit, if there are any. In a worker."""
    if documents:
        reading.put(index, kind, documents)
    if gone:
        index.remove(kind, gone)
    if documents or gone:
        index.commit()
