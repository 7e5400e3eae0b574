"""Keeps the search index equal to the store.

Owns when things are read and written: at once when this process tells that they changed, within two seconds when
another process changed them (each collection is followed by its `updated_at`), all of it when the index is missing,
damaged or of another version. Refuses to know how questions are asked.

One process writes, the one that holds the lock; others of the same data folder read along, and take over when it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

from services.clock import Clock
from services.errors import Unavailable
from services.events import Bus
from services.search.entries import SHAPES, Kind
from services.search.entries import VERSION as ENTRIES_VERSION
from services.search.folding import VERSION as FOLDING_VERSION
from services.search.notes import Notes
from services.search.reading import Reading
from services.search.whole import Progress, Whole, write
from storage.collections.store import Store
from storage.search_index.generations import Generations, State
from storage.search_index.index import IndexAway, IndexDamaged, SearchIndex, close_index

log = logging.getLogger("tutti.search")

POLL_SECONDS = 1.0
COMMIT_SECONDS = 0.3
PROVE_SECONDS = 3600.0
RETRY_SECONDS = 5.0
AWAY_SECONDS = 2.0
# Writers stamp a row before it is committed: rows this much older than the newest one are looked at again.
OVERLAP = timedelta(seconds=2)
LONG_OVERLAP = timedelta(seconds=60)
LONG_EVERY = 10

Answer = TypeVar("Answer")


class Indexing:
    """The index, and the task that keeps it. Without `start` it is brought up to date by `catch_up` alone."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, generations: Generations) -> None:
        self._clock = clock
        self._notes = Notes(bus)
        self._generations = generations
        self._version = f"{generations.layout}.{ENTRIES_VERSION}.{FOLDING_VERSION}"
        self._reading = Reading(store)
        self._whole = Whole(self._reading, clock, self._work, generations.take)
        self._index: SearchIndex | None = None
        self._state: State | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._busy = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._passes = 0
        self._spoiled = False
        self._proved_at: float | None = None
        self._passed_at = 0.0
        self._away_until_s = float("-inf")

    async def start(self) -> None:
        """Follow the store from here on. Returns at once; until the index is open, `index` is Unavailable."""
        self._notes.listen()
        self._task = asyncio.create_task(self._follow(), name="search indexing")

    async def stop(self) -> None:
        """Finish what is being written and let go of the lock. May be called in any state, and twice."""
        self._notes.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        async with self._busy:
            worker, self._worker = self._worker, None
            index, self._index = self._index, None
            if worker is not None:
                if index is not None:
                    await asyncio.get_running_loop().run_in_executor(worker, close_index, index)
                await asyncio.to_thread(worker.shutdown)
            await asyncio.to_thread(self._generations.release)

    async def index(self) -> SearchIndex:
        """The index to ask. Unavailable while it is being made. Without a following task the first call makes it."""
        if self._clock.monotonic() < self._away_until_s:
            raise _away()
        if self._index is None and self._task is None:
            try:
                await self.catch_up()
            except IndexAway as fault:
                raise self.away(fault) from fault
        if self._index is None:
            raise Unavailable("The search index is being made just now.", code="SEARCH_AWAY", retry_after=2.0)
        return self._index

    async def catch_up(self) -> None:
        """One pass: everything that changed in the store is found from here on. Makes the index where there is none."""
        async with self._busy:
            await self._open()
            if self._generations.writing:
                await self._pass(long=True)

    async def rebuild(self, progress: Progress | None = None) -> None:
        """Make the whole index again, beside the old one until it is done. Unavailable when another process writes."""
        async with self._busy:
            if not await self._work(self._generations.take):
                raise Unavailable("Another process keeps the search index.", code="SEARCH_ELSEWHERE")
            await self._make(progress)

    async def wish(self) -> None:
        """Ask the process that writes to make the index again; it does so within seconds."""
        await self._work(self._generations.wish)

    async def wished(self) -> bool:
        """Whether such a wish still waits."""
        return await self._work(self._generations.wished)

    async def prove(self) -> int:
        """Hold the index against the store; how many entries were missing, stale or left over, and are right now."""
        async with self._busy:
            if self._index is None or not self._generations.writing:
                return 0
            return await self._whole.prove(self._index)

    def note(self, kind: Kind, ids: tuple[str, ...]) -> None:
        """These may have changed, or be gone: look at them soon. Beyond 10,000 the following by time must do."""
        self._notes.note(kind, ids)

    def damaged(self, index: SearchIndex, fault: IndexDamaged) -> Unavailable:
        """What to raise when `index` could not be read; it is made again in the background."""
        if self._index is index:
            log.error("the search index is damaged", extra={"reason": str(fault)})
            # Opening the same files again would only find the same damage.
            self._index, self._spoiled = None, True
            self._notes.wake()
        return Unavailable("The search index is being made just now.", code="SEARCH_AWAY", retry_after=2.0)

    def away(self, fault: IndexAway) -> Unavailable:
        """What to raise when the engine could not be reached. For two seconds nobody waits for it again."""
        now_s = self._clock.monotonic()
        if now_s >= self._away_until_s:
            log.warning("the search engine is away", extra={"reason": str(fault)})
        self._away_until_s = now_s + AWAY_SECONDS
        return _away()

    async def _follow(self) -> None:
        while True:
            try:
                async with self._busy:
                    await self._turn()
                pause = POLL_SECONDS
            except IndexAway as fault:
                self.away(fault)
                pause = AWAY_SECONDS
            except (Unavailable, IndexDamaged, OSError) as fault:
                log.warning("the search index could not be brought up to date", extra={"reason": str(fault)})
                pause = RETRY_SECONDS
            except Exception:
                log.exception("the search index could not be brought up to date")
                pause = RETRY_SECONDS
            # Never more often than commits may come; a note in the meantime ends the wait early.
            await asyncio.sleep(COMMIT_SECONDS)
            await self._notes.wait(pause - COMMIT_SECONDS)

    async def _turn(self) -> None:
        await self._open()
        if not self._generations.writing or self._index is None:
            return
        if await self._work(self._generations.wished):
            await self._make(None)
            await self._work(self._generations.grant)
        self._passes += 1
        try:
            await self._pass(long=self._passes % LONG_EVERY == 1)
            if self._proved_at is None or self._clock.monotonic() - self._proved_at > PROVE_SECONDS:
                self._proved_at = self._clock.monotonic()
                await self._whole.prove(self._index, self._meanwhile)
        except IndexDamaged as fault:
            # On a full disk a new one would not fit either; what can be read goes on answering till one is made.
            await self._work(self._generations.make_sure_of_room)
            log.error("the search index is damaged", extra={"reason": str(fault)})
            await self._make(None)

    async def _meanwhile(self) -> None:
        """Comparing a large library takes long: what changes is found in the meantime too."""
        if self._clock.monotonic() - self._passed_at > COMMIT_SECONDS:
            await self._pass(long=False)

    async def _open(self) -> None:
        """Have an index open: the good generation, or one made now when it is ours to write."""
        writing = await self._work(self._generations.take)
        state = await self._work(self._generations.state)
        if self._spoiled and not writing:
            await self._work(self._generations.wish)
            self._spoiled = False
        if state is not None and state.version == self._version and not self._spoiled:
            if self._index is None or self._state is None or self._state.folder != state.folder:
                await self._open_generation(state)
            elif not writing:
                await self._refresh(self._index)
        if writing and (self._index is None or state is None):
            if state is not None:
                log.warning("the search index is made again", extra={"had": state.version, "needs": self._version})
            await self._make(None)

    async def _open_generation(self, state: State) -> None:
        old = self._index
        try:
            self._index = await self._work(partial(self._generations.open, state))
            self._state = state
        except IndexDamaged as fault:
            log.warning("the search index cannot be opened", extra={"reason": str(fault)})
            self._index = None
            return
        if self._generations.writing:
            # What a killed process began and did not get done.
            await self._work(partial(self._generations.sweep, state))
        if old is not None:
            await self._work(partial(close_index, old))

    async def _refresh(self, index: SearchIndex) -> None:
        try:
            await self._work(index.refresh)
        except IndexDamaged:
            # The writer may just have put a new generation in its place: opened on the next turn.
            self._index = None

    async def _make(self, progress: Progress | None) -> None:
        state = await self._work(lambda: self._generations.fresh(self._version))
        begun = self._clock.monotonic()
        try:
            index, done = await self._fill(state, progress)
            await self._work(lambda: self._generations.keep(state))
        except BaseException:
            # Or every try on a full disk would leave another folder behind.
            await self._work(lambda: self._generations.discard(state))
            raise
        old, self._index, self._state = self._index, index, state
        self._spoiled, self._proved_at = False, self._clock.monotonic()
        if old is not None:
            await self._work(partial(close_index, old))
        await self._work(lambda: self._generations.sweep(state))
        took_s = round(self._clock.monotonic() - begun, 3)
        log.info("the search index is made", extra={"entries": done, "took_s": took_s})

    async def _fill(self, state: State, progress: Progress | None) -> tuple[SearchIndex, int]:
        index = await self._work(partial(self._generations.begin, state))
        done = await self._whole.fill(index, progress)
        state.marks = self._reading.marks()
        return index, done

    async def _pass(self, *, long: bool) -> None:
        """Everything that was noted, and everything whose time says that it changed, in commits of 500."""
        index, state = self._index, self._state
        if index is None or state is None:
            return
        self._reading.begin(state.marks)
        noted = self._notes.take()
        try:
            for kind in SHAPES:
                ids = [id for noted_kind, id in noted if noted_kind is kind]
                async for documents, gone in self._reading.some(kind, ids):
                    await self._work(partial(write, self._reading, index, kind, documents, gone))
                overlap = LONG_OVERLAP if long else OVERLAP
                async for documents in self._reading.changed(kind, self._clock.now(), overlap):
                    await self._work(partial(write, self._reading, index, kind, documents, []))
        except BaseException:
            self._notes.give_back(noted)
            raise
        self._passed_at = self._clock.monotonic()
        marks = self._reading.marks()
        if marks != state.marks:
            state.marks = marks
            await self._work(lambda: self._generations.keep(state))

    async def _work(self, job: Callable[[], Answer]) -> Answer:
        """Run in the one thread that touches the index for writing."""
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="search-index")
        return await asyncio.get_running_loop().run_in_executor(self._worker, job)


def _away() -> Unavailable:
    return Unavailable("The search engine does not answer just now.", code="SEARCH_AWAY", retry_after=AWAY_SECONDS)
