"""Somebody who takes a whole song slowly over one answer, and goes on by a range where it was cut."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from urllib.parse import urlsplit

from tests.faults.killing.line import Line
from tests.faults.rolling.house import GRACE_S

PIECE = 65_536
ABOUT_S = 0.3


class SlowListener:
    """One listener. `wholes` counts songs that came over one answer, `cuts` answers that ended before; each song is
    held against its SHA-256."""

    def __init__(self, line: Line, path: str, length: int, sha256: str, bytes_a_second: int) -> None:
        self._line = line
        self._path, self._length, self._sha256 = path, length, sha256
        self._pace_s = PIECE / bytes_a_second
        self.wholes = self.resumed = self.cuts = 0
        self.over = False

    async def step(self) -> None:
        """One song. AssertionError when it is not what was sent in, or when an answer was cut before its time."""
        digest, got, answers = hashlib.sha256(), 0, 0
        while got < self._length and not self.over:
            answers += 1
            began, came = time.monotonic(), 0
            async for data in self._answer(got):
                digest.update(data)
                got += len(data)
                came += len(data)
            if got < self._length and not self.over:
                self.cuts += 1
                lasted_s = time.monotonic() - began
                assert lasted_s >= GRACE_S - ABOUT_S, f"cut after {lasted_s:.2f} s, at {came} bytes"
        if got == self._length:
            assert digest.hexdigest() == self._sha256
            self.wholes += answers == 1
            self.resumed += answers > 1

    async def _answer(self, start: int):  # type: ignore[no-untyped-def]
        where = urlsplit(self._line.house.base)
        raw = socket.socket()
        # So that what is not taken is the server's to keep.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, (where.hostname, where.port))
        reader, writer = await asyncio.open_connection(sock=raw, limit=PIECE)
        try:
            head = {"Host": where.netloc, "Authorization": f"Bearer {self._line.token}", "Range": f"bytes={start}-"}
            lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            writer.write(f"GET {self._path} HTTP/1.1\r\n{lines}\r\n".encode())
            told = await reader.readuntil(b"\r\n\r\n")
            assert told.startswith(b"HTTP/1.1 206"), told
            assert f"bytes {start}-{self._length - 1}/{self._length}".encode() in told, told
            left = self._length - start
            while left and not self.over:
                try:
                    data = await asyncio.wait_for(reader.read(min(PIECE, left)), 30)
                except ConnectionResetError:
                    return
                if not data:
                    return
                left -= len(data)
                yield data
                await asyncio.sleep(self._pace_s)
        finally:
            writer.transport.abort()
