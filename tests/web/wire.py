"""The line between a browser and a server, which can be cut and mended like any."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

CHUNK = 1 << 16


class Wire:
    """Forwards connections; while it is cut, none lives and none can be made."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_cut = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.base = ""

    def cut(self) -> None:
        """Break every connection at once."""
        self._is_cut = True
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        """From now on connections can be made again."""
        self._is_cut = False

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._is_cut:
                writer.transport.abort()
                return
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
            ends = {writer, far_writer}
            self._ends |= ends
            try:
                await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
            finally:
                self._ends -= ends
                for end in ends:
                    end.transport.abort()
        finally:
            self._tasks.discard(task)

    @staticmethod
    async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()


@contextlib.asynccontextmanager
async def open_wire(port: int) -> AsyncIterator[Wire]:
    """A wire to a port of this machine; `base` is its near end."""
    wire = Wire(port)
    server = await asyncio.start_server(wire._met, "127.0.0.1", 0)
    wire.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
        await asyncio.gather(*wire._tasks, return_exceptions=True)
