"""The socket under a connection, as `realtime/` sees it: any room that has one keeps this protocol.

Owns the shape alone; `handlers/websocket_base.py` has the one over Tornado.
"""

from __future__ import annotations

from typing import Protocol


class WireClosed(Exception):
    """The peer is gone; nothing can be sent any more."""


class Wire(Protocol):
    """The socket under a connection."""

    async def send(self, frame: bytes) -> None:
        """Hand over one text frame; returns once the operating system has taken all of it. WireClosed when gone."""

    def offer(self, frame: bytes) -> bool:
        """Hand over one text frame at once, if all before it have left; False, and nothing is done, if not."""

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake. Does nothing when the peer is gone."""

    def abort(self) -> None:
        """Tear the connection down without a handshake."""
