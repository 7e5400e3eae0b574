"""A loop whose turns are short however many sockets are ready, and listening sockets that let a few in each turn.

When two thousand clients come back at once, asyncio would serve all of them in one turn, and nothing timed would run
meanwhile. Here a turn takes a handful, those that waited longest first, and fewer after a turn that took too long; who
is not let in yet waits in the kernel.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
from collections.abc import Callable, Iterable
from typing import Any

from services.clock import Clock

READY_AT_ONCE = 16
"""How many sockets one turn serves at most."""

TURN_S = 0.01
"""How much work, in seconds of processor, a turn may be. After one that was more the next serves half as many sockets,
and what they set going ends before more is begun; after each that was not, one more. So a crowd waits outside, and a
timer is late by two or three turns at most. How busy the machine is with others counts nothing: waiting for them with
fewer sockets would only take longer."""

LET_IN_AT_ONCE = 4
"""How many new connections one turn takes from a listening socket."""

WAITING_TO_BE_LET_IN = 4096
"""How many connections the kernel may hold meanwhile; it allows no more than its own `somaxconn`."""


class EvenSelector(selectors.DefaultSelector):
    """Tells of at most `READY_AT_ONCE` ready files a turn. Those not told of are still ready in the next one."""

    def __init__(self, worked_s: Callable[[], float]) -> None:
        super().__init__()
        self._worked_s = worked_s
        self._share = READY_AT_ONCE
        self._told_s = worked_s()
        self._turn = 0
        self._since: dict[int, int] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As its parent's, a part at a time; who has waited longer comes first."""
        self._weigh(self._worked_s() - self._told_s)
        ready = self._ready(timeout)
        self._told_s = self._worked_s()
        return ready

    def _weigh(self, turn_s: float) -> None:
        self._share = max(1, self._share // 2) if turn_s > TURN_S else min(READY_AT_ONCE, self._share + 1)

    def _ready(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        if len(ready) > self._share:
            self._turn += 1
            since = {key.fd: self._since.get(key.fd, self._turn) for key, _ in ready}
            ready.sort(key=lambda told: since[told[0].fd])
            for key, _ in ready[: self._share]:
                del since[key.fd]
            del ready[self._share :]
            self._since = since
        elif self._since:
            self._since = {}
        return ready


class EvenListener(socket.socket):
    """A listening socket that says after `LET_IN_AT_ONCE` connections that there are no more just now."""

    _let_in = 0

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection. BlockingIOError when there is none, or enough for this turn."""
        if self._let_in >= LET_IN_AT_ONCE:
            self._let_in = 0
            raise BlockingIOError
        self._let_in += 1
        try:
            return super().accept()
        except OSError:
            self._let_in = 0
            raise


def even_listeners(listening: Iterable[socket.socket]) -> list[socket.socket]:
    """The same listening sockets, which must not be used themselves any more, letting in a few at a time."""
    even: list[socket.socket] = []
    for each in listening:
        listener = EvenListener(each.family, each.type, each.proto, fileno=each.detach())
        listener.setblocking(False)
        even.append(listener)
    return even


def even_loop() -> asyncio.AbstractEventLoop:
    """A new loop with even turns."""
    return asyncio.SelectorEventLoop(EvenSelector(Clock().worked_s))
