"""Measures the sounds that wait, a few at a time, out of the listeners' way.

Owns when: soon after the catalogue changed, when the periodic job says so, or all at once for the command; and what
happens when a worker or a file fails. Refuses to know how sounds are measured and where results are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from services.analysis.decoding import Sound
from services.analysis.keeping import Keeping
from services.analysis.measuring import Measures
from services.analysis.song_progress import STEP, SongStage
from services.analysis.waiting import Waiting
from services.analysis.worker import Refusal, Task
from services.analysis.workers import TookTooLong, WorkerDied, Workers
from services.clock import Clock
from services.errors import Unavailable
from services.events import Bus, CatalogueChanged, Event, SongProgressed
from storage.records import AudioFile
from storage.records.sound_analysis import SoundAnalysis

log = logging.getLogger("tutti.analysis")

QUIET_SECONDS = 5.0
"""After a change the catalogue is given time to come to rest, and the machine to serve who wrote."""

YIELD_SECONDS = 0.25
RETRY_SECONDS = 10.0
ELSEWHERE_SECONDS = 1.0
FOLLOW_UP_SECONDS = 3.0
"""After a pass that met claims of others: they may be those of a process that was killed a moment ago."""
_UNKNOWN_DURATION_S = 3600.0
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: sounds looked at, of how many, and the file of the last one."""

    done: int
    total: int
    path: str


@dataclass(slots=True)
class Tally:
    """What a run did. `seconds_heard` is how long the measured sounds are; `away` were not there to be measured."""

    measured: int = 0
    known: int = 0
    failed: int = 0
    away: int = 0
    elsewhere: int = 0
    seconds_heard: float = 0.0
    failures: list[tuple[str, str]] = field(default_factory=list)


ShowProgress = Callable[[Progress], None]
FAILURES_TOLD = 20


class Analysing:
    """The work on what waits. `start` follows the catalogue; `run` does everything now. `stop` ends both at once.

    `busy` tells whether listeners need the processor: nothing new is begun then.
    """

    def __init__(
        self,
        waiting: Waiting,
        keeping: Keeping,
        workers: Workers,
        clock: Clock,
        bus: Bus,
        busy: Callable[[], bool],
        at_hand: Callable[[AudioFile], AbstractAsyncContextManager[str]],
        *,
        quiet_s: float = QUIET_SECONDS,
    ) -> None:
        self.workers = workers
        self.running = 0
        self.measured = 0
        self.failed = 0
        self._waiting = waiting
        self._keeping = keeping
        self._clock = clock
        self._bus = bus
        self._busy = busy
        self._at_hand = at_hand
        self._quiet_s = quiet_s
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._deaf: Callable[[], None] | None = None

    def start(self) -> None:
        """Measure what waits: what was left over first, from then on whenever there may be something new."""
        self._wake.set()
        self._deaf = self._bus.hear(CatalogueChanged, self._note)
        self._task = asyncio.create_task(self._follow(), name="sound analysis")

    async def stop(self) -> None:
        """End all measuring at once, processes included; nothing is lost. Safe in any state, and twice."""
        if self._deaf is not None:
            self._deaf()
            self._deaf = None
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self.workers.stop()

    async def catch_up(self) -> None:
        """Let the following task look whether something waits; the periodic job, safe at any time."""
        self._wake.set()

    async def run(self, show: ShowProgress = lambda _: None, *, everything: bool = False) -> Tally:
        """Measure all that waits, or `everything` again; what was done. Returns when other processes are done too."""
        tally = Tally()
        async with self._turn:
            if everything:
                await self._waiting.all_again()
            total, done = await self._waiting.count(), 0

            def told(file: AudioFile) -> None:
                nonlocal done
                done += 1
                show(Progress(done, max(done, total), file.path))

            try:
                while True:
                    tally.elsewhere = tally.away = 0
                    await self._pass(tally, told)
                    if not tally.elsewhere:
                        break
                    # Another process has these in hand; should it die, its claims end.
                    await asyncio.sleep(ELSEWHERE_SECONDS)
            finally:
                await self.workers.rest()
        return tally

    def _note(self, _: Event) -> None:
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            while self._wake.is_set():
                self._wake.clear()
                await asyncio.sleep(self._quiet_s)
            try:
                async with self._turn:
                    tally = Tally()
                    await self._pass(tally, lambda _: None)
                    await self.workers.rest()
                if tally.measured or tally.failed:
                    log.info("sounds measured", extra={"measured": tally.measured, "failed": tally.failed})
                if tally.elsewhere:
                    await self._later(FOLLOW_UP_SECONDS)
            except Unavailable as fault:
                log.warning("sounds could not be measured just now", extra={"reason": str(fault)})
                await self._later(RETRY_SECONDS)
            except Exception:
                log.exception("sounds could not be measured")
                await self._later(RETRY_SECONDS)

    async def _later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._wake.set()

    async def _pass(self, tally: Tally, told: Callable[[AudioFile], None]) -> None:
        """Every sound that waits and is nobody else's, once; as many at a time as there are workers."""
        files = self._waiting.files()
        asking = asyncio.Lock()

        async def measure_some() -> None:
            while True:
                async with asking:
                    file = await anext(files, None)
                if file is None:
                    return
                while self._busy():  # noqa: ASYNC110 - listeners come and go without telling
                    await asyncio.sleep(YIELD_SECONDS)
                await self._one(file, tally, told)

        hands = [
            asyncio.create_task(measure_some(), name=f"measure sounds {hand}") for hand in range(self.workers.size)
        ]
        try:
            await asyncio.gather(*hands)
        finally:
            for hand in hands:
                hand.cancel()
            await asyncio.gather(*hands, return_exceptions=True)
            await files.aclose()

    async def _one(self, file: AudioFile, tally: Tally, told: Callable[[AudioFile], None]) -> None:
        payload, limit_s = file.payload_hash, _time_limit_s(file)
        if payload is None:
            tally.away += 1
            return
        async with self._waiting.claimed(payload) as ours:
            if not ours:
                tally.elsewhere += 1
                return
            self._tell(file, STEP[SongStage.MEASURING])
            analysis = await self._keeping.known(payload)
            if analysis is not None:
                tally.known += 1
            else:
                analysis = await self._measure(file, payload, limit_s, tally)
            if analysis is None:
                tally.away += 1
            else:
                await self._keeping.adopt(analysis)
                self._tell(file, STEP[SongStage.READY])
        told(file)

    def _tell(self, file: AudioFile, step: int) -> None:
        if file.song_id is not None:
            self._bus.publish(SongProgressed(file.song_id, step))

    async def _measure(self, file: AudioFile, payload: str, limit_s: float, tally: Tally) -> SoundAnalysis | None:
        """The new record; None when the file is not what was imported, so that nothing can be said of this payload."""
        try:
            async with self._at_hand(file) as path:
                if not await asyncio.to_thread(_is_as_imported, path, file):
                    return None
                self.running += 1
                try:
                    answer = await self._answer(file, path, limit_s)
                finally:
                    self.running -= 1
                is_as_imported = await asyncio.to_thread(_is_as_imported, path, file)
        except Unavailable:
            return None
        if not isinstance(answer, Refusal):
            self.measured += 1
            tally.measured += 1
            tally.seconds_heard += answer.duration_ms / 1000
            return await self._keeping.measured(payload, answer)
        if not is_as_imported:
            return None
        self.failed += 1
        tally.failed += 1
        if len(tally.failures) < FAILURES_TOLD:
            tally.failures.append((file.path, answer.reason))
        if answer.bug is not None:
            log.error("a sound could not be measured", extra={"path": file.path, "trace_of_worker": answer.bug})
        else:
            log.info("a sound could not be measured", extra={"path": file.path, "reason": answer.reason})
        return await self._keeping.failed(payload, answer.reason)

    async def _answer(self, file: AudioFile, path: str, limit_s: float) -> Measures | Refusal:
        task = Task(Sound(path, file.sample_rate, file.channels), limit_s)
        status: int | None = None
        for _ in range(_TRIES):
            try:
                return await self.workers.measure(task)
            except TookTooLong:
                return Refusal(f"It was not measured within {limit_s:.0f} seconds.")
            except WorkerDied as death:
                status = death.status
                log.warning("a worker died while it measured a sound", extra={"path": file.path, "status": status})
        return Refusal(f"The process that measured it was ended {_TRIES} times (status {status}).")


def _time_limit_s(file: AudioFile) -> float:
    """Twice real time at worst, where a worker is a hundred times as fast: for slow and busy machines."""
    duration_s = file.duration_ms / 1000 if file.duration_ms else _UNKNOWN_DURATION_S
    return 120.0 + duration_s / 2


def _is_as_imported(path: str, file: AudioFile) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    if path != file.path:
        # A copy of what lies elsewhere has a time of its own.
        return status.st_size == file.size
    return (status.st_size, status.st_mtime_ns) == (file.size, file.mtime_ns)
