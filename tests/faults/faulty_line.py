"""A line to a service that can be refused, slowed, swallowed or cut, and be whole again: TCP on the loopback.

It runs in a thread with a loop of its own, so that a house that is blocked cannot hold up the fault that blocks it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
CHUNK = 65536
RESET = struct.pack("ii", 1, 0)


class FaultyLine:
    """A go-between that listens on a port of its own and passes everything on to the service, while it is open."""

    def __init__(self, port: int) -> None:
        self._service = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-line", daemon=True)
        self._listener: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._delay_s = 0.0
        self._swallows = False
        self._left: int | None = None
        self.port = 0
        self.connections = 0

    def start(self) -> FaultyLine:
        """Begin to listen; `port` is known afterwards and stays the same through every fault."""
        self._thread.start()
        self._do(self._listen())
        return self

    def close(self) -> None:
        """Hang up on everybody and end the thread."""
        self._do(self._deaf())
        self._do(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> FaultyLine:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Whole again. Lines that fell into the half-open hole are dropped: what they swallowed is gone."""
        self._do(self._set(0.0, swallows=False, left=None))

    def refuse(self) -> None:
        """Nobody listens any more, and those who talk are reset."""
        self._do(self._set(0.0, swallows=False, left=None))
        self._do(self._deaf())
        self._do(self._hang_up())

    def slow(self, seconds: float) -> None:
        """Every chunk waits this long, in both directions."""
        self._do(self._set(seconds, swallows=False, left=None))

    def half_open(self) -> None:
        """Lines are taken and kept, and nothing that is said on them arrives."""
        self._do(self._set(0.0, swallows=True, left=None))

    def cut_after(self, size: int) -> None:
        """Each line is reset after so many bytes of reply, counted from now on, over all of them."""
        self._do(self._set(0.0, swallows=False, left=size))

    async def _set(self, delay_s: float, *, swallows: bool, left: int | None) -> None:
        was_swallowing, self._swallows = self._swallows, swallows
        self._delay_s, self._left = delay_s, left
        if was_swallowing and not swallows:
            await self._hang_up()
        await self._listen()

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._taken, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _deaf(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _hang_up(self) -> None:
        lines = [line for line in self._lines if line is not asyncio.current_task()]
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _taken(self, near: asyncio.StreamReader, caller: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        self.connections += 1
        service = None
        try:
            far, service = await asyncio.open_connection("127.0.0.1", self._service)
            ways = [
                asyncio.create_task(self._pass(near, service, reply=False)),
                asyncio.create_task(self._pass(far, caller, reply=True)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # The service itself is gone, or the fault hangs up: the caller is reset below either way.
        finally:
            self._lines.discard(task)
            for writer in (caller, service):
                if writer is not None:
                    _reset(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reply: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                if self._swallows:
                    continue
                if reply and self._left is not None:
                    chunk = chunk[: self._left]
                    self._left -= len(chunk)
                writer.write(chunk)
                await writer.drain()
                if reply and self._left == 0:
                    return

    def _do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a line with RST instead of FIN, once what was written has had its chance to leave."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.close()
