"""Keeps several processes serving one port: starts them, puts a new one in a dead one's place, renews them in turn.

Owns the listening socket, which outlives them all, so that who knocks while a process dies or is renewed is let in by
another. Starts each as a fresh interpreter: nothing is shared but the socket, and after an upgrade they run the new
program. Refuses to know what they do.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.control import FIGURES, READY, TELL, WANT, Line

log = logging.getLogger("tutti.supervisor")

FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 10.0
"""Between two starts of a process that dies again and again: the first wait, doubled each time, up to the longest."""
LIVED_S = 30.0
"""Who served so long has not died of its start: the next wait is the first one again."""
GATHER_S = 3.0
"""How long the figures of the processes are waited for; those of one that is busy or dead are left out."""
OVERTIME_S = 5.0
"""What a process gets on top of its time for draining, before it is killed."""

Words = Callable[[int, Sequence[int]], list[str]]
"""The command of a process, from the descriptors of its end of the line and of the listening sockets."""


class CannotStart(Exception):
    """The first process ended before it served; `code` is what it ended with."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the first process ended with {code}")
        self.code = code


@dataclass(slots=True)
class Child:
    """One living process, and its place among them (from 0)."""

    place: int
    process: asyncio.subprocess.Process
    line: Line
    born_s: float
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: bool = False
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)


class Supervisor:
    """Keeps `count` processes at work on `listening`. `start`, then `stop`; `renew` meanwhile, as often as wanted."""

    def __init__(
        self, words: Words, listening: Sequence[socket.socket], count: int, *, drain_s: float, start_s: float = 600.0
    ) -> None:
        self._words = words
        self._listening = listening
        self._count = count
        self._drain_s = drain_s
        self._start_s = start_s
        self._children: dict[int, Child] = {}
        self._failures = [0] * count
        self._restarting: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._renewing = asyncio.Lock()
        self._numbers = itertools.count()
        self._gathering: dict[int, tuple[set[int], dict[str, str], asyncio.Event]] = {}
        self.restarts = 0

    @property
    def pids(self) -> list[int]:
        """Of those that serve, by place."""
        return [self._children[place].process.pid for place in sorted(self._children)]

    async def start(self) -> None:
        """The first alone, for it prepares the store; then the others side by side. CannotStart when the first ends."""
        first = await self._begin(0)
        if not await self._comes_up(first):
            raise CannotStart(first.process.returncode or 1)
        self._take_in(first)
        others = [await self._begin(place) for place in range(1, self._count)]
        for child in others:
            self._take_in(child)
        await asyncio.gather(*(self._comes_up(child) for child in others))

    async def stop(self) -> None:
        """Ask all to finish, side by side; who takes longer than its time is killed."""
        self._stopping = True
        for task in [*self._restarting]:
            task.cancel()
        await asyncio.gather(*self._restarting, return_exceptions=True)
        await asyncio.gather(*(self._end(child) for child in [*self._children.values()]))
        self._children.clear()

    def kill(self) -> None:
        """End all of them at once."""
        for child in self._children.values():
            _signal(child, signal.SIGKILL)

    async def renew(self) -> None:
        """A new process in each place, one after another: it serves before the old one is asked to finish.

        Does nothing more when a new one does not come up, as with a setting that is wrong: the old ones go on.
        """
        async with self._renewing:
            log.info("processes are being renewed", extra={"processes": self._count})
            for place in range(self._count):
                if self._stopping:
                    return
                child = await self._begin(place)
                if not await self._comes_up(child):
                    log.error("a new process did not start; the old ones go on", extra={"place": place})
                    return
                old = self._children.get(place)
                self._take_in(child)
                if old is not None:
                    await self._end(old)
            log.info("processes were renewed", extra={"processes": self._count})

    async def _begin(self, place: int) -> Child:
        ours, theirs = socket.socketpair()
        doors = [each.fileno() for each in self._listening]
        try:
            process = await asyncio.create_subprocess_exec(
                *self._words(theirs.fileno(), doors), pass_fds=(theirs.fileno(), *doors), start_new_session=True
            )
        finally:
            theirs.close()
        child = Child(place, process, await Line.over(ours), asyncio.get_running_loop().time())
        child.tasks.append(asyncio.create_task(self._hear(child), name=f"line of process {place}"))
        return child

    async def _comes_up(self, child: Child) -> bool:
        """Whether it serves; False when it ended or its time for starting was over, and then it is gone."""
        waits = [asyncio.create_task(child.ready.wait()), asyncio.create_task(child.process.wait())]
        try:
            await asyncio.wait(waits, timeout=self._start_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            if not child.ready.is_set():
                await self._end(child, kill=True)
        return child.ready.is_set()

    def _take_in(self, child: Child) -> None:
        """From here on its death is somebody's business."""
        self._children[child.place] = child
        child.tasks.append(asyncio.create_task(self._watch(child), name=f"process {child.place}"))

    async def _watch(self, child: Child) -> None:
        code = await child.process.wait()
        if child.leaving or self._stopping:
            return
        child.line.close()
        lived_s = asyncio.get_running_loop().time() - child.born_s
        log.error("a process died", extra={"place": child.place, "code": code, "lived_s": round(lived_s, 1)})
        if self._children.get(child.place) is child:
            del self._children[child.place]
        for number in [*self._gathering]:
            self._miss(number, child.process.pid)
        if lived_s >= LIVED_S:
            self._failures[child.place] = 0
        task = asyncio.create_task(self._restart(child.place), name=f"restart of process {child.place}")
        self._restarting.add(task)
        task.add_done_callback(self._restarting.discard)

    async def _restart(self, place: int) -> None:
        failures = self._failures[place]
        self._failures[place] += 1
        await asyncio.sleep(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(failures, 16)))
        # A renewal that goes on meanwhile may have filled the place.
        if place not in self._children:
            self.restarts += 1
            child = await self._begin(place)
            self._take_in(child)

    async def _end(self, child: Child, *, kill: bool = False) -> None:
        child.leaving = True
        _signal(child, signal.SIGKILL if kill else signal.SIGTERM)
        try:
            async with asyncio.timeout(self._drain_s + OVERTIME_S):
                await child.process.wait()
        except TimeoutError:
            log.error("a process did not end in its time", extra={"place": child.place})
            _signal(child, signal.SIGKILL)
            await child.process.wait()
        child.line.close()
        for number in [*self._gathering]:
            self._miss(number, child.process.pid)

    async def _hear(self, child: Child) -> None:
        async for words in child.line.heard():
            if words["say"] == READY:
                child.ready.set()
            elif words["say"] == WANT:
                child.tasks.append(asyncio.create_task(self._gather(child, words["number"]), name="figures of all"))
                child.tasks = [task for task in child.tasks if not task.done()]
            elif words["say"] == FIGURES and words["number"] in self._gathering:
                _, texts, _ = self._gathering[words["number"]]
                texts[str(child.place)] = words["text"]
                self._miss(words["number"], child.process.pid)

    async def _gather(self, child: Child, answer_to: int) -> None:
        """Ask all for their figures, and tell them to the one that wanted them, with our own."""
        number, whole = next(self._numbers), asyncio.Event()
        asked = [each for each in self._children.values() if each.ready.is_set()]
        texts: dict[str, str] = {}
        self._gathering[number] = ({each.process.pid for each in asked}, texts, whole)
        for each in asked:
            each.line.send(say=TELL, number=number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATHER_S):
                await whole.wait()
        del self._gathering[number]
        child.line.send(say=FIGURES, number=answer_to, texts={**texts, "supervisor": self._figures()})

    def _miss(self, number: int, pid: int) -> None:
        waiting, _, whole = self._gathering[number]
        waiting.discard(pid)
        if not waiting:
            whole.set()

    def _figures(self) -> str:
        serving = sum(child.ready.is_set() for child in self._children.values())
        return (
            "# HELP tutti_processes Processes that serve.\n# TYPE tutti_processes gauge\n"
            f"tutti_processes {serving}\n"
            "# HELP tutti_process_restarts_total Processes that died and were started again.\n"
            f"# TYPE tutti_process_restarts_total counter\ntutti_process_restarts_total {self.restarts}\n"
        )


def _signal(child: Child, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        if child.process.returncode is None:
            child.process.send_signal(number)


def command(program: str, config: str) -> Words:
    """The words that start a process of this very program on these settings."""
    return lambda control, doors: [
        *(sys.executable, program, "--config", config, "serve"),
        *("--line", str(control), "--doors", ",".join(map(str, doors))),
    ]
