"""What both sockets share: who may open one, how large and how silent a peer may be, and strict closing.

Owns RFC 6455's manners where Tornado is lax: an illegal close code is answered 1002 instead of echoed, text that is
not UTF-8 is closed with 1007. Refuses to know what is spoken.
"""

from __future__ import annotations

import asyncio
import struct
from asyncio import Future
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.routing import PathMatches
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13, _WebSocketParams

from handlers.base import BaseHandler
from realtime.wire import WireClosed
from services.viewer import NOBODY, Viewer

PROTOCOL_ERROR = 1002
BAD_TEXT = 1007
_CLOSE_OPCODE = 0x8
_TEXT_OPCODE = 0x1
_WHOLE = 0x80


def legal_close_code(code: int) -> bool:
    """Whether a peer may send this code (RFC 6455, section 7.4, and IANA's register)."""
    return code in (1000, 1001, 1002, 1003) or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _text_head(size: int) -> bytes:
    """What stands before a whole text frame of a server (RFC 6455, section 5.2)."""
    if size < 126:
        return struct.pack("!BB", _WHOLE | _TEXT_OPCODE, size)
    if size < 65536:
        return struct.pack("!BBH", _WHOLE | _TEXT_OPCODE, 126, size)
    return struct.pack("!BBQ", _WHOLE | _TEXT_OPCODE, 127, size)


class StrictProtocol(WebSocketProtocol13):
    """Tornado's protocol with the closing handshake and text frames checked."""

    def _handle_message(self, opcode: int, data: bytes) -> Future[None] | None:
        if opcode == _CLOSE_OPCODE and not self.client_terminated:
            wrong = self._wrong_close(data)
            if wrong is not None:
                self.client_terminated = True
                self.close(wrong)
                return None
        if opcode == _TEXT_OPCODE and not self.client_terminated:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                self.close(BAD_TEXT, "Text must be UTF-8")
                return None
        return super()._handle_message(opcode, data)

    def offer(self, frame: bytes) -> bool:
        """Write a text frame at once if all before it have left; whether it was written."""
        stream = self.stream
        if self.is_closing() or stream is None or stream.closed() or stream.writing():
            return False
        framed = _text_head(len(frame)) + frame
        try:
            # Past the stream's own buffer and future, which cost more than the writing: a thousand may be told at once.
            written = stream.write_to_fd(memoryview(framed))
        except BlockingIOError:
            written = 0
        except OSError:
            # The stream meets the same trouble with the rest, and knows what to do about it.
            written = 0
        if written < len(framed):
            try:
                _look_at_later(stream.write(memoryview(framed)[written:]))
            except StreamClosedError:
                return False
        return True

    async def periodic_ping(self) -> None:
        """As Tornado's, but who did not answer a ping is not asked to answer a close for five seconds more."""
        await super().periodic_ping()
        self._abort()

    def _wrong_close(self, data: bytes) -> int | None:
        if len(data) == 0:
            return None
        if len(data) == 1 or not legal_close_code(struct.unpack(">H", data[:2])[0]):
            return PROTOCOL_ERROR
        try:
            data[2:].decode("utf-8")
        except UnicodeDecodeError:
            return BAD_TEXT
        return None


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


def _look_at_later(written: Future[None]) -> None:
    """Whoever writes next sees what became of this."""
    if written.done():
        _look_at(written)
    else:
        written.add_done_callback(_look_at)


def _look_at(written: Future[None]) -> None:
    """Nobody waits for this write any more; its failure is no news."""
    if not written.cancelled():
        written.exception()


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
            written.add_done_callback(_look_at)
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
