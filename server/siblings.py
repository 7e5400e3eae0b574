"""One of several processes, as it sees itself: the doors it was given, the supervisor it belongs to, its siblings.

Owns the process's end of the line. The end of that line is a wish to stop: nobody is left who would restart us.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Callable, Sequence

from server.control import FIGURES, READY, TELL, WANT, Line
from server.merged_figures import merged

ANSWER_S = 5.0
"""How long `/metrics` waits for siblings; a scraper's own patience is ten seconds."""


class Siblings:
    """What a process started by a supervisor knows. `listening` are descriptors of sockets that already listen."""

    def __init__(self, control: int, listening: Sequence[int]) -> None:
        self._control = control
        self.listening = [socket.socket(fileno=number) for number in listening]
        self._line: Line | None = None
        self._numbers = itertools.count()
        self._wanted: dict[int, asyncio.Future[dict[str, str]]] = {}
        self._own: Callable[[], bytes] = lambda: b""
        self._task: asyncio.Task[None] | None = None

    async def start(self, stop: asyncio.Event) -> None:
        """Listen to the supervisor; `stop` is set when it is gone."""
        self._line = await Line.over(socket.socket(fileno=self._control))
        self._task = asyncio.create_task(self._hear(self._line, stop), name="supervisor's line")

    async def stop(self) -> None:
        """Hang up. Safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._line is not None:
            self._line.close()

    def ready(self) -> None:
        """Tell that people are let in."""
        if self._line is not None:
            self._line.send(say=READY)

    def tell_figures(self, own: Callable[[], bytes]) -> None:
        """Answer the siblings' wish for our figures with these."""
        self._own = own

    async def figures(self) -> bytes:
        """The figures of all processes, each under its number; our own alone when the supervisor is silent."""
        if self._line is None:
            return self._own()
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._wanted[number] = answer
        self._line.send(say=WANT, number=number)
        try:
            async with asyncio.timeout(ANSWER_S):
                texts = await answer
        except TimeoutError:
            return self._own()
        finally:
            del self._wanted[number]
        return merged(texts)

    async def _hear(self, line: Line, stop: asyncio.Event) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            async for words in line.heard():
                if words["say"] == TELL:
                    line.send(say=FIGURES, number=words["number"], text=self._own().decode())
                elif (waiting := self._wanted.get(words["number"])) is not None and not waiting.done():
                    waiting.set_result(words["texts"])
            stop.set()
