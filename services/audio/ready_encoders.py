"""Encoders that have started already and wait to be told what to encode: the start of a program, paid beforehand.

A distribution's ffmpeg takes a third of a segment's time to load its libraries. Owns which encoders wait, how many and
how long. Refuses to know sounds: whoever takes one tells it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from services.audio.ffmpeg import Ffmpeg, FfmpegFailed, WaitingFfmpeg

log = logging.getLogger("tutti.audio")

Arguments = tuple[str, ...]
"""What an encoder writes; what it reads it is told as a graph of filters."""

_READS_A_GRAPH = ("-f", "lavfi", "-graph_file", "pipe:0", "-i", "told-later", "-map", "0:a:0")


class ReadyEncoders:
    """At most `most` wait, one for each of the arguments used last; after `kept_s` without work none.

    They are started when nothing has been encoded for `quiet_s`, so that a start never takes the processor from work.
    An ffmpeg that cannot wait is started the usual way from then on. `begun` and `taken` count.
    """

    def __init__(self, ffmpeg: Ffmpeg, most: int, *, quiet_s: float = 0.25, kept_s: float = 900.0) -> None:
        self._ffmpeg = ffmpeg
        self._most = most
        self._quiet_s = quiet_s
        self._kept_s = kept_s
        self._wanted: OrderedDict[Arguments, None] = OrderedDict()
        self._waiting: dict[Arguments, WaitingFfmpeg] = {}
        self._at_work = 0
        self._resting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.begun = 0
        self.taken = 0

    @property
    def tasks(self) -> int:
        """Tasks that see to those that wait: one at most, beside such as are just ending."""
        return len(self._tasks)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(1 for child in self._waiting.values() if child.waits)

    def expect(self, arguments: Arguments) -> None:
        """Such an encode will be wanted: have one ready."""
        if not self._most:
            return
        self._wanted[arguments] = None
        self._wanted.move_to_end(arguments)
        while len(self._wanted) > self._most:
            self._wanted.popitem(last=False)
        if not self._at_work:
            self._rest()

    @contextmanager
    def work(self, arguments: Arguments, can_be_told: bool) -> Iterator[WaitingFfmpeg | None]:
        """While something is encoded: the encoder that waited for it, or None. Others are not started meanwhile."""
        self._at_work += 1
        if self._resting is not None:
            self._resting.cancel()
        try:
            yield self._take(arguments) if can_be_told else None
        finally:
            self._at_work -= 1
            if can_be_told:
                self.expect(arguments)
            elif not self._at_work:
                self._rest()

    async def stop(self) -> None:
        """End them all, start no more. Safe to call twice."""
        self._most = 0
        self._wanted.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end(list(self._waiting))

    def _take(self, arguments: Arguments) -> WaitingFfmpeg | None:
        child = self._waiting.pop(arguments, None)
        if child is None:
            return None
        if not child.waits:
            log.info("ffmpeg does not wait for a graph; encoders are started when they are needed")
            self._most = 0
            self._wanted.clear()
            return None
        self.taken += 1
        return child

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        if self._wanted:
            self._resting = asyncio.create_task(self._refill(), name="ready-encoders")
            self._tasks.add(self._resting)
            self._resting.add_done_callback(self._tasks.discard)

    async def _refill(self) -> None:
        await asyncio.sleep(self._quiet_s)
        await self._end([each for each in self._waiting if each not in self._wanted])
        for arguments in list(self._wanted):
            if arguments not in self._waiting:
                try:
                    self._waiting[arguments] = await self._ffmpeg.begin([*_READS_A_GRAPH, *arguments])
                except FfmpegFailed as failure:
                    log.warning("no encoder could be started ahead", extra={"reason": failure.reason})
                    return
                self.begun += 1
        await asyncio.sleep(self._kept_s)
        await self._end(list(self._waiting))

    async def _end(self, which: list[Arguments]) -> None:
        for arguments in which:
            child = self._waiting.pop(arguments, None)
            if child is not None:
                await child.end()
