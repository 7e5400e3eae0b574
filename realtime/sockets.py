"""Every open socket of this process: how many may be open, which session each came through, and the way out.

Owns the register. Refuses to know what the sockets speak: `/graphql` and the players' `/ws` keep the same book.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Protocol

from realtime.messages import CloseCode

log = logging.getLogger("tutti.realtime")

FAREWELL_S = 3.0
"""How long a peer has to answer our close frame while the server stops."""


class OpenSocket(Protocol):
    """What the register needs of a socket."""

    @property
    def session_id(self) -> str | None:
        """The sign-in session, once known."""

    def close(self, code: int, reason: str) -> None:
        """End it with this code."""

    async def drain(self, grace_s: float) -> None:
        """Let it finish within `grace_s`, close it, return when it is gone."""

    async def abort(self) -> None:
        """Tear it down and return when it is gone."""


class OpenSockets:
    """The register. At most `limit` sockets; the last `remembered` ended sessions stay barred."""

    def __init__(self, *, limit: int = 10_000, remembered: int = 4096) -> None:
        self._limit = limit
        self._remembered = remembered
        self._sockets: set[OpenSocket] = set()
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._draining = False

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: OpenSocket) -> bool:
        """Enter a socket; False when there is no room or the server is stopping, and then it is not entered."""
        if self._draining or len(self._sockets) >= self._limit:
            return False
        self._sockets.add(socket)
        return True

    def refusal(self) -> tuple[int, str]:
        """With what code and reason a socket is closed that `add` refused."""
        if self._draining:
            return CloseCode.GOING_AWAY, "The server is going away"
        return CloseCode.TRY_AGAIN, "No room for another socket just now"

    def discard(self, socket: OpenSocket) -> None:
        """Strike a socket out; no matter whether it was in."""
        self._sockets.discard(socket)

    def has_ended(self, session_id: str | None) -> bool:
        """Whether this session ended a moment ago: a token checked just before that must not open a socket."""
        return session_id is not None and session_id in self._ended

    def end_session(self, session_id: str) -> int:
        """Close every socket of a session with 4403, at once; how many there were."""
        self._ended[session_id] = None
        self._ended.move_to_end(session_id)
        while len(self._ended) > self._remembered:
            self._ended.popitem(last=False)
        leaving = [socket for socket in self._sockets if socket.session_id == session_id]
        for socket in leaving:
            socket.close(CloseCode.FORBIDDEN, "Forbidden: the session has ended")
        return len(leaving)

    async def drain(self, grace_s: float, farewell_s: float = FAREWELL_S) -> None:
        """Let nobody in, see everybody out: running operations get `grace_s`, then a 1001, then no more patience.

        `farewell_s` is how long peers have to answer the 1001.
        """
        self._draining = True
        leaving = {
            asyncio.get_running_loop().create_task(socket.drain(grace_s), name="socket drain"): socket
            for socket in self._sockets
        }
        if not leaving:
            return
        _, stuck = await asyncio.wait(leaving, timeout=grace_s + farewell_s)
        for task in stuck:
            task.cancel()
        if stuck:
            log.warning("sockets torn down", extra={"count": len(stuck)})
            await asyncio.gather(*stuck, return_exceptions=True)
            await asyncio.gather(*(leaving[task].abort() for task in stuck))
