"""What a supervisor and its processes say to each other: one JSON object a line, over a pair of sockets.

Owns the words and the lines. An end of the line is news too: whoever was there has died.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import orjson

LINE_BYTES = 16 << 20
"""Longest line: the figures of a process are some hundred kilobytes."""

READY = "ready"
"""From a process: it lets people in."""
WANT = "want"
"""From a process: the figures of all of you, under this number."""
TELL = "tell"
"""To a process: your figures, under this number."""
FIGURES = "figures"
"""From a process: here they are; and to the one that wanted them: here are everybody's."""


class Line:
    """One end. `send` never waits: lines are short, few, and read at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Line:
        """The line over this end of a pair, which belongs to it from now on."""
        return cls(*await asyncio.open_unix_connection(sock=end, limit=LINE_BYTES))

    def send(self, **words: Any) -> None:
        """Say it; nothing happens when the other end has gone."""
        if not self._writer.is_closing():
            self._writer.write(orjson.dumps(words) + b"\n")

    async def heard(self) -> AsyncIterator[dict[str, Any]]:
        """What the other end says, until it ends."""
        with contextlib.suppress(ConnectionError):
            while line := await self._reader.readline():
                yield orjson.loads(line)

    def close(self) -> None:
        """Say no more. Safe to call twice."""
        self._writer.close()
