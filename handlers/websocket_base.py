"""What both sockets share: who may open one, how large and how silent a peer may be.

Owns the doors' manners and the wire over Tornado; frames are `strict_protocol.py`'s. Refuses to know what is spoken.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.iostream import IOStream, StreamClosedError
from tornado.routing import PathMatches
from tornado.websocket import WebSocketClosedError, WebSocketHandler, _WebSocketParams

from handlers.base import BaseHandler
from handlers.strict_protocol import StrictProtocol, look_at
from realtime.wire import WireClosed
from services.viewer import NOBODY, Viewer

KERNEL_BYTES = 128 * 1024
"""Asked of Linux, which doubles it."""


class SocketPath(PathMatches):
    """Matches a path only for requests that want to become a WebSocket, so that GET and POST keep their handlers."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Tornado's matching, after a look at the Upgrade header."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return None
        return super().match(request)


@dataclass(frozen=True, slots=True)
class SocketManners:
    """How sockets behave below their protocol, from the configuration. Bytes and seconds; 0 switches pings off."""

    max_frame_bytes: int = 1024 * 1024
    ping_interval_s: float = 25.0
    ping_timeout_s: float = 20.0


class _AsRegistered(HTTPHeaders):
    """Headers whose names leave as RFC 6455 spells them: Python's gql looks for exactly these letters."""

    _SPELLED = {"Sec-Websocket-Protocol": "Sec-WebSocket-Protocol", "Sec-Websocket-Accept": "Sec-WebSocket-Accept"}

    def get_all(self) -> Iterable[tuple[str, str]]:
        """Every name and value."""
        return [(self._SPELLED.get(name, name), value) for name, value in super().get_all()]


class SocketHandler(BaseHandler, WebSocketHandler):
    """A socket door. Subclasses set `access` and speak a protocol; `socket_manners` comes from `initialize`."""

    socket_manners: SocketManners = SocketManners()

    def set_default_headers(self) -> None:
        """As every door's, spelled for clients that look closely."""
        super().set_default_headers()
        self._headers = _AsRegistered(self._headers)

    async def viewer(self) -> Viewer:
        """Nobody yet: a socket's client says who it is in its first message, where a browser can say it too."""
        return NOBODY

    def _detach_stream(self) -> IOStream:
        # Tornado would hide some methods in each socket, which makes its dictionary large; nobody calls them here.
        return self.detach()

    def settle(self) -> None:
        """Keep nothing of the handshake, and let the kernel keep little for a peer that does not read: by default it is
        several megabytes for each. The last thing to do when opening."""
        self._headers = HTTPHeaders()
        self.request.headers = HTTPHeaders()
        connection = self.ws_connection
        if connection is not None and connection.stream is not None:
            with contextlib.suppress(OSError):
                connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)

    def check_origin(self, origin: str) -> bool:
        """Other origins only when CORS allows them; same-origin and non-browser clients never get here."""
        return origin in self.manners.cors_origins or "*" in self.manners.cors_origins

    @property
    def ping_interval(self) -> float | None:
        """Seconds between the pings that find dead peers."""
        return self.socket_manners.ping_interval_s

    @property
    def ping_timeout(self) -> float | None:
        """Seconds a peer has for its pong."""
        return min(self.socket_manners.ping_timeout_s, self.socket_manners.ping_interval_s)

    @property
    def max_message_size(self) -> int:
        """Where the frame layer gives up with 1009; protocols refuse earlier, and more politely."""
        return self.socket_manners.max_frame_bytes

    def get_compression_options(self) -> dict[str, Any] | None:
        """No permessage-deflate: its memory per socket and its bombs cost more than our small messages save."""
        return None

    def get_websocket_protocol(self) -> StrictProtocol | None:
        """Version 13, strictly."""
        if self.request.headers.get("Sec-WebSocket-Version") != "13":
            return None
        params = _WebSocketParams(
            ping_interval=self.ping_interval,
            ping_timeout=self.ping_timeout,
            max_message_size=self.max_message_size,
            compression_options=self.get_compression_options(),
        )
        return StrictProtocol(self, False, params)


class HandlerWire:
    """The socket of a handler as `realtime/wire.py` wants it."""

    def __init__(self, handler: WebSocketHandler) -> None:
        self._handler = handler

    async def send(self, frame: bytes) -> None:
        """One text frame; returns when the kernel has all of it, so that a slow peer is felt here."""
        try:
            written = self._handler.write_message(frame, binary=False)
            # Shielded: a cancelled write would upset Tornado's stream, which keeps the bytes anyway.
            await asyncio.shield(written)
        except (WebSocketClosedError, StreamClosedError):
            raise WireClosed from None
        except asyncio.CancelledError:
            written.add_done_callback(look_at)
            raise

    def offer(self, frame: bytes) -> bool:
        """One text frame at once, if all before it have left."""
        connection = self._handler.ws_connection
        return isinstance(connection, StrictProtocol) and connection.offer(frame)

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; Tornado gives the peer five seconds for its half."""
        # Not handler.close(): that forgets the connection, and `abort` could no longer reach it.
        if self._handler.ws_connection is not None:
            self._handler.ws_connection.close(code, reason)

    def abort(self) -> None:
        """Drop the connection."""
        connection = self._handler.ws_connection
        if connection is not None and connection.stream is not None:
            connection.stream.close()
