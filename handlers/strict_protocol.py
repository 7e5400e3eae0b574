"""RFC 6455 where Tornado is lax: what a peer may not send is answered with the code that says so, then passed over.

Owns frames, masks, fragments, closing and how many frames that are no messages a peer may send. Refuses to know what is
spoken. The peer is told before the connection ends: hanging up on unread bytes would take our word with it.
"""

from __future__ import annotations

import asyncio
import struct
from asyncio import Future
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.util import _websocket_mask
from tornado.websocket import WebSocketProtocol13, _WebSocketParams

PROTOCOL_ERROR = 1002
BAD_TEXT = 1007
TOO_BIG = 1009
LINGER_S = 1.0
"""How long a peer that was told of its mistake has to hang up."""
EXTRAS_PER_S = 50.0
EXTRAS_AT_ONCE = 500.0
"""Pings, pongs and pieces of messages: so many at once, so many a second on average; then we read on later."""

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_KNOWN = frozenset((_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG))
_WHOLE = 0x80
_CHUNK = 65_536


def legal_close_code(code: int) -> bool:
    """Whether a peer may send this code (RFC 6455, section 7.4, and IANA's register)."""
    return code in (1000, 1001, 1002, 1003) or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _text_head(size: int) -> bytes:
    """What stands before a whole text frame of a server (RFC 6455, section 5.2)."""
    if size < 126:
        return struct.pack("!BB", _WHOLE | _TEXT, size)
    if size < 65_536:
        return struct.pack("!BBH", _WHOLE | _TEXT, 126, size)
    return struct.pack("!BBQ", _WHOLE | _TEXT, 127, size)


class StrictProtocol(WebSocketProtocol13):
    """Tornado's protocol with every frame checked."""

    # One member more in Tornado's dictionary would make each socket's one its own, of 1.5 KB.
    __slots__ = ("_begun", "_extras_at", "_extras_left", "_pinging")

    def __init__(self, handler: Any, mask_outgoing: bool, params: _WebSocketParams) -> None:
        super().__init__(handler, mask_outgoing, params)
        self._begun = _TEXT
        self._extras_left = EXTRAS_AT_ONCE
        self._extras_at = 0.0
        self._pinging: asyncio.TimerHandle | None = None

    async def _receive_frame(self) -> None:
        first, second = await self._read_bytes(2)
        opcode, is_final = first & 0x0F, bool(first & 0x80)
        length = second & 0x7F
        wrong = self._wrong_head(first, second, opcode, is_final, length)
        if length == 126 and wrong is None:
            [length] = struct.unpack("!H", await self._read_bytes(2))
            wrong = "A length is told in as few bytes as it takes" if length < 126 else None
        elif length == 127 and wrong is None:
            [length] = struct.unpack("!Q", await self._read_bytes(8))
            wrong = "A length is told in as few bytes as it takes" if not 65_536 <= length < 2**63 else None
        if wrong is not None:
            await self._fail(PROTOCOL_ERROR, wrong)
            return
        before = self._fragmented_message_buffer
        if length + (0 if before is None or opcode & 0x8 else len(before)) > self.params.max_message_size:
            await self._fail(TOO_BIG, f"A message has at most {self.params.max_message_size} bytes")
            return
        mask = await self._read_bytes(4)
        data = _websocket_mask(mask, await self._read_bytes(length)) if length else b""
        if (opcode & 0x8 or not is_final) and not self.server_terminated:
            await self._pace()
        if opcode & 0x8 or (before is None and is_final):
            await self._handle(opcode, data)
        elif before is None:
            self._begun, self._fragmented_message_buffer = opcode, bytearray(data)
        else:
            before.extend(data)
            if is_final:
                self._fragmented_message_buffer = None
                await self._handle(self._begun, bytes(before))

    def _wrong_head(self, first: int, second: int, opcode: int, is_final: bool, length: int) -> str | None:
        is_inside = self._fragmented_message_buffer is not None
        if first & 0x70:
            return "No extension was agreed on"
        if opcode not in _KNOWN:
            return "There is no such frame"
        if not second & 0x80:
            return "Frames of clients are masked"
        if opcode & 0x8:
            return "Control frames are short and whole" if length > 125 or not is_final else None
        if opcode == _CONTINUATION:
            return None if is_inside else "There is nothing to continue"
        return "The last message is not over" if is_inside else None

    async def _handle(self, opcode: int, data: bytes) -> None:
        if opcode == _CLOSE and not self.client_terminated:
            wrong = self._wrong_close(data)
            if wrong is not None:
                self.client_terminated = True
                self.close(wrong)
                return
        if opcode in (_TEXT, _BINARY) and self.server_terminated:
            # We have said good-bye; nobody is there to hear it.
            return
        if opcode == _TEXT:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                await self._fail(BAD_TEXT, "Text must be UTF-8")
                return
        handled: Future[None] | None = self._handle_message(opcode, data)
        if handled is not None:
            await handled

    async def _fail(self, code: int, reason: str) -> None:
        """Say what was wrong, and read away what still comes until the peer hangs up or is hung up on."""
        self._fragmented_message_buffer = None
        self.close(code, reason)
        try:
            async with asyncio.timeout(LINGER_S):
                while True:
                    await self.stream.read_bytes(_CHUNK, partial=True)
                    # A little at a time, for it is nobody's business how fast this goes.
                    await asyncio.sleep(0.01)
        except (TimeoutError, StreamClosedError):
            self._abort()

    async def _pace(self) -> None:
        now = self.stream.io_loop.time()
        filled = self._extras_left + (now - self._extras_at) * EXTRAS_PER_S
        self._extras_left, self._extras_at = min(filled, EXTRAS_AT_ONCE) - 1, now
        if self._extras_left < 0:
            await asyncio.sleep(-self._extras_left / EXTRAS_PER_S)

    def offer(self, frame: bytes) -> bool:
        """Write a text frame at once if all before it have left; whether it was written."""
        stream = self.stream
        if self.is_closing() or stream is None or stream.closed() or stream.writing():
            return False
        framed = _text_head(len(frame)) + frame
        try:
            # Past the stream's own buffer and future, which cost more than the writing: a thousand may be told at once.
            written = stream.write_to_fd(memoryview(framed))
        except OSError:
            # Also when the kernel takes nothing now. The stream meets the same trouble, and knows what to do about it.
            written = 0
        if written < len(framed):
            try:
                look_at_later(stream.write(memoryview(framed)[written:]))
            except StreamClosedError:
                return False
        return True

    def start_pinging(self) -> None:
        """Ping now and then. By a timer: a task for each of ten thousand silent sockets is megabytes."""
        if self._pinging is None and self.ping_interval > 0:
            self._pinging = asyncio.get_running_loop().call_later(self.ping_interval, self._ping)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """As Tornado's."""
        if self._pinging is not None:
            self._pinging.cancel()
            self._pinging = None
        super().close(code, reason)

    def _ping(self) -> None:
        self._pinging = None
        if self.is_closing():
            return
        self._received_pong = False
        try:
            look_at_later(self._write_frame(True, _PING, b""))
        except StreamClosedError:
            self._abort()
            return
        wait_s = self.ping_timeout or self.ping_interval
        self._pinging = asyncio.get_running_loop().call_later(wait_s, self._look_for_pong, wait_s)

    def _look_for_pong(self, waited_s: float) -> None:
        self._pinging = None
        if self.ping_timeout > 0 and not self._received_pong:
            # Who did not answer a ping is not asked to answer a close.
            self._abort()
            return
        rest_s = max(0.0, self.ping_interval - waited_s)
        self._pinging = asyncio.get_running_loop().call_later(rest_s, self._ping)

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


def look_at_later(written: Future[None]) -> None:
    """Whoever writes next sees what became of this."""
    if written.done():
        look_at(written)
    else:
        written.add_done_callback(look_at)


def look_at(written: Future[None]) -> None:
    """Nobody waits for this write any more; its failure is no news."""
    if not written.cancelled():
        written.exception()
