"""A socket on its way back to Tornado, which finds on it what the express lane had read and not answered."""

from __future__ import annotations

import socket
from typing import Any

from tornado.iostream import IOStream


class ReturnedStream(IOStream):
    """A socket that Tornado gets (back), with the bytes that were read from it already.

    `returned` is for whoever must know whether its first request has been in the express lane.
    """

    def __init__(self, raw: socket.socket, begun: bytes, **bounds: Any) -> None:
        self._begun = begun
        self.returned = True
        super().__init__(raw, **bounds)

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """First what was read before, then the socket."""
        if not self._begun:
            return super().read_from_fd(buf)
        count = min(len(buf), len(self._begun))
        buf[:count] = self._begun[:count]
        self._begun = self._begun[count:]
        return count
