"""A file's bytes from the page cache to the socket, without passing through Python.

Owns: writing a response body beside Tornado's buffers with its books kept right (keep-alive, pipelining), waiting for
the socket, noticing that the listener left or stopped reading, and the threaded way where the kernel's is closed (TLS,
platforms without sendfile). Refuses to know which bytes and why.
"""

from __future__ import annotations

import asyncio
import errno
import os
from typing import Any

from tornado.http1connection import HTTP1Connection
from tornado.iostream import SSLIOStream

CHUNK_BYTES = 1 << 20
"""At most so much in one call, after which other connections get their turn."""
COPY_BYTES = 1 << 17
_NOT_READY = (errno.EAGAIN, errno.EWOULDBLOCK)
NOT_OURS = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
_NO_WAIT = getattr(os, "RWF_NOWAIT", 0)
# What is read into it is never looked at, so everybody may share it.
_PROBE = [bytearray(1)]


class ListenerGone(Exception):
    """The other end closed, or took nothing for the time allowed."""


class BodyShort(Exception):
    """The file ended or changed before the announced length was sent."""


class BodySender:
    """Sends one response's body on a Tornado connection whose headers have been handed over already.

    Every byte is taken off what the connection expects, so that `finish` finds the books even. `leave` (from
    `on_connection_close`) wakes whoever waits. `stall_s` bounds each wait for the listener to take something.
    """

    def __init__(self, connection: HTTP1Connection, *, stall_s: float) -> None:
        self._connection = connection
        self._stream = connection.stream
        self._stall_s = stall_s
        self._wake: asyncio.Future[None] | None = None
        self._gone = False
        plain = hasattr(os, "sendfile") and not isinstance(self._stream, SSLIOStream)
        self._by_kernel = plain

    def leave(self) -> None:
        """The connection is closed: whoever waits raises ListenerGone."""
        self._gone = True
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def write(self, data: bytes) -> None:
        """Send bytes through Tornado's own buffer and wait until the socket has taken them."""
        if self._gone or self._stream.closed():
            raise ListenerGone
        self._connection.write(data)
        await self.flushed()

    async def flushed(self) -> None:
        """Wait until the socket has taken all that is in Tornado's buffer."""
        if self._stream.writing():
            drained = self._stream.write(b"")
            drained.add_done_callback(lambda _: self._ready())
            await self._wait()
        if self._gone or self._stream.closed():
            raise ListenerGone

    async def send(self, file: Any, start: int, end: int) -> None:
        """Send the bytes `start` up to `end` of an open file (`fd`, `unchanged()`).

        BodyShort when the file was written into or is shorter by now, ListenerGone when nobody takes it.
        """
        await self.flushed()
        at = start
        while at < end:
            if not file.unchanged():
                raise BodyShort
            count = min(CHUNK_BYTES, end - at)
            if not self._by_kernel:
                at += await self._copy(file.fd, at, min(count, COPY_BYTES))
                continue
            if not is_resident(file.fd, at, count):
                await asyncio.get_running_loop().run_in_executor(None, fetch, file.fd, at, count)
                if self._gone or self._stream.closed():
                    raise ListenerGone
            try:
                sent = os.sendfile(self._stream.socket.fileno(), file.fd, at, count)
            except OSError as error:
                if error.errno in _NOT_READY:
                    await self._writable()
                elif error.errno in NOT_OURS:
                    self._by_kernel = False
                else:
                    raise ListenerGone from error
                continue
            if sent == 0:
                raise BodyShort
            self._count(sent)
            at += sent
            if at < end and sent == count:
                await asyncio.sleep(0)
                if self._gone or self._stream.closed():
                    raise ListenerGone

    async def _copy(self, fd: int, at: int, count: int) -> int:
        data = await asyncio.get_running_loop().run_in_executor(None, os.pread, fd, count, at)
        if not data:
            raise BodyShort
        await self.write(data)
        return len(data)

    def _count(self, sent: int) -> None:
        # Tornado counts what passes through its own `write`; these bytes did not.
        connection: Any = self._connection
        if connection._expected_content_remaining is not None:
            connection._expected_content_remaining -= sent

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        # Tornado watches the socket's own descriptor; a duplicate lets us watch the same socket without its knowing.
        watched = os.dup(self._stream.socket.fileno())
        try:
            loop.add_writer(watched, self._ready)
            try:
                await self._wait()
            finally:
                loop.remove_writer(watched)
        finally:
            os.close(watched)

    def _ready(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._wake = loop.create_future()
        timer = loop.call_later(self._stall_s, self._give_up)
        try:
            await self._wake
        finally:
            timer.cancel()
            self._wake = None
        if self._gone or self._stream.closed():
            raise ListenerGone

    def _give_up(self) -> None:
        self._gone = True
        self._ready()


def is_resident(fd: int, at: int, count: int) -> bool:
    """Whether the piece is in memory, by its ends (a small one by its beginning); True where nobody can know."""
    if not _NO_WAIT:
        return True
    try:
        os.preadv(fd, _PROBE, at, _NO_WAIT)
        if count > COPY_BYTES:
            os.preadv(fd, _PROBE, at + count - 1, _NO_WAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def fetch(fd: int, at: int, count: int) -> None:
    """Have the piece in memory. Blocks, for worker threads."""
    # Read once and forgotten: the point is that the pages are in memory afterwards.
    end = at + count
    while at < end:
        got = len(os.pread(fd, min(COPY_BYTES, end - at), at))
        if not got:
            return
        at += got
