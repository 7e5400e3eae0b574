"""How the connections of a stopping server end: none while a request is on it, or may just be coming.

A peer that keeps a connection for its next request cannot know that the other end is about to close it. So the answer
to a next request says `Connection: close`, whoever asks nothing for a while is hung up on, and only where nothing has
come unread: closing that would be a reset in the face of a request. Owns that order. Refuses to know who may be asked
to wait, and for how long.
"""

from __future__ import annotations

import asyncio
import socket

from tornado.httpserver import HTTPServer

from handlers.express.lane import ExpressLane

LOOK_S = 0.02
HALF_HEAD_S = 1.0
"""How much longer the rest of a request's head is waited for."""


class Departure:
    """The end of one server's connections."""

    def __init__(self, server: HTTPServer, lane: ExpressLane) -> None:
        self._server = server
        self._lane = lane

    def __len__(self) -> int:
        return len(self._server._connections) + len(self._lane.connections)

    async def over(self, linger_s: float, grace_s: float) -> bool:
        """Wait until nobody is connected, at most `grace_s`; whether that came true. From `linger_s` on, those are hung
        up on who ask nothing. Cut nobody off: that is for whoever waits no longer."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while len(self):
            now = loop.time() - began
            if now >= linger_s and not len(self._lane.in_hand):
                self._hang_up_idle(now >= linger_s + HALF_HEAD_S)
            if now >= grace_s:
                return not len(self._lane.in_hand) and not any(each.busy for each in self._lane.connections)
            await asyncio.sleep(LOOK_S)
        return True

    def _hang_up_idle(self, half_heads_too: bool) -> None:
        for stream in [each.stream for each in self._server._connections]:
            has_begun = stream._read_buffer_size and not half_heads_too
            if not stream.closed() and not has_begun and not _has_come(stream.socket):
                stream.close()
        for connection in list(self._lane.connections):
            if not connection.busy and not _has_come(connection.raw):
                connection.close()


def _has_come(raw: socket.socket) -> bool:
    """Whether the kernel holds something of the peer's; its goodbye counts as nothing."""
    try:
        return bool(raw.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except OSError:
        return False
