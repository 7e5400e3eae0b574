"""HTTP as bytes: what is sent is sent as it is, and what comes back is read without a library's forgiveness.

Owns connections kept open between requests, and the bound after which an answer is a hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

BOUND_S = 30.0
"""An answer that took longer is a hang. Generous: the machine may have other work."""
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) [A-Za-z' -]{2,40}\r\n")


class Hang(AssertionError):
    """No answer, and no end."""


class Closed(Exception):
    """The server hung up before it answered whole."""


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Line:
    """A connection that serves one request after another, opened again when it was closed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """One answer. Closed when the server hangs up instead, Hang after the bound."""
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        head += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body or method in ("POST", "PUT"):
            head.append(f"Content-Length: {len(body)}")
        sent = "\r\n".join([*head, "", ""]).encode("utf-8", "replace") + body
        is_fresh = self._writer is None
        try:
            return await self._exchange(method, sent)
        except (Closed, ConnectionError):
            await self.close()
            if is_fresh:
                raise Closed from None
        # It may have been closed while nothing was asked.
        try:
            return await self._exchange(method, sent)
        except (Closed, ConnectionError):
            await self.close()
            raise Closed from None

    async def _exchange(self, method: str, sent: bytes) -> Answer:
        try:
            async with asyncio.timeout(BOUND_S):
                if self._reader is None or self._writer is None:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
                writer = self._writer
                writer.write(sent)
                # A refusal may come before all is taken: both go on at once.
                draining = asyncio.ensure_future(_drained(writer))
                try:
                    answer = await _read(self._reader, method)
                finally:
                    if not draining.done():
                        # What is left of a refused request would be read as the next one.
                        draining.cancel()
                        await asyncio.gather(draining, return_exceptions=True)
                        await self.close()
        except TimeoutError:
            await self.close()
            raise Hang(f"nothing within {BOUND_S:.0f} s: {sent[:300]!r}") from None
        if answer.headers.get("connection", "").lower() == "close":
            await self.close()
        return answer

    async def close(self) -> None:
        """Hang up."""
        writer, self._writer, self._reader = self._writer, None, None
        if writer is not None:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _drained(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await writer.drain()


async def _read(reader: asyncio.StreamReader, method: str) -> Answer:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            status = int(first.split(" ")[1])
            if status >= 200:
                break
        headers = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.lower()] = value.strip()
        if method == "HEAD" or status in (204, 304):
            return Answer(status, headers)
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, await _chunks(reader))
        length = int(headers.get("content-length", 0))
        return Answer(status, headers, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ValueError, IndexError) as cut:
        raise Closed from cut


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


async def sent_raw(port: int, sent: bytes, *, quiet_s: float = 0.4) -> bytes:
    """All that comes back for these bytes, whatever they are. After a silence our half is closed; Hang when the
    server's is not closed within the bound then."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    told = b""
    try:
        async with asyncio.timeout(BOUND_S):
            with contextlib.suppress(OSError):
                writer.write(sent)
                with contextlib.suppress(TimeoutError):
                    while piece := await asyncio.wait_for(reader.read(65_536), quiet_s):
                        told += piece
                    return told
                if writer.can_write_eof():
                    writer.write_eof()
                while piece := await reader.read(65_536):
                    told += piece
            return told
    except TimeoutError:
        raise Hang(f"the line stays open: {sent[:300]!r}") from None
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def statuses(told: bytes) -> list[int]:
    """Each status in a stream of answers."""
    return [int(found[1]) for found in STATUS.finditer(told)]
