"""A WebSocket client made of bytes: it sends what no library would, and reads frames as they are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from urllib.parse import urlsplit

import orjson

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10


def frame(opcode, data=b"", *, final=True, rsv=0, masked=True, length=None, wide=None):
    """One frame; `length` is told instead of the true one, in as many bytes as `wide` has (1, 2 or 8)."""
    data = data.encode() if isinstance(data, str) else data
    told = len(data) if length is None else length
    wide = wide or (1 if told < 126 else 2 if told < 65_536 else 8)
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if final else 0) | rsv | opcode])
    head += {1: bytes([bit | (told & 0x7F)]), 2: struct.pack("!BH", bit | 126, told & 0xFFFF)}.get(
        wide, struct.pack("!BQ", bit | 127, told)
    )
    if not masked:
        return head + data
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


class RawSocket:
    """Use it as `async with`. `small_window` makes the kernel keep little, so that a slow reader is felt soon."""

    def __init__(self, url, *, protocol=None, small_window=False):
        self._url = urlsplit(url)
        self._protocol = protocol
        self._small_window = small_window

    async def __aenter__(self):
        limit = 2**16 if not self._small_window else 2**10
        raw = socket.socket()
        raw.setblocking(False)
        if self._small_window:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(raw, (self._url.hostname, self._url.port))
        self.reader, self.writer = await asyncio.open_connection(sock=raw, limit=limit)
        lines = [f"GET {self._url.path} HTTP/1.1", "Host: here", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        lines += ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]
        lines += [f"Sec-WebSocket-Protocol: {self._protocol}"] if self._protocol else []
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        self.head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode()
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def send(self, *pieces):
        """Bytes as they are; a dict is a whole text frame."""
        for piece in pieces:
            self.writer.write(frame(TEXT, orjson.dumps(piece)) if isinstance(piece, dict) else piece)

    async def receive(self):
        """The next frame: opcode and payload."""
        first, second = await self.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            [length] = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            [length] = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def next(self, opcode=TEXT):
        """The payload of the next frame of a kind; a text frame's is read as JSON."""
        async with asyncio.timeout(5):
            while True:
                kind, data = await self.receive()
                if kind == opcode:
                    return orjson.loads(data) if kind == TEXT else data
                assert kind != CLOSE, data

    async def closed(self):
        """Code and reason of the server's close; 0 without a code, None when it hung up without one."""
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            async with asyncio.timeout(5):
                while True:
                    kind, data = await self.receive()
                    if kind == CLOSE:
                        return (struct.unpack("!H", data[:2])[0] if data else 0), data[2:].decode()
        return None, ""

    async def hung_up(self, timeout_s=5.0):
        """Return once the server has let the connection go."""
        with contextlib.suppress(OSError):
            async with asyncio.timeout(timeout_s):
                while await self.reader.read(65_536):
                    pass
