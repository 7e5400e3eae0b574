"""The writing half of a connection in the express lane: a head, then a span of a file, at the listener's pace.

Owns what of one answer has not been handed to the kernel yet, and the wait for room, for a disk or for other
connections' turns. Refuses to know requests: whoever reads them is told when the answer is out or has failed.
"""

from __future__ import annotations

import asyncio
import os
import socket
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from handlers import sendfile
from services.audio.open_files import OpenFile
from services.audio.ranges import Span

if TYPE_CHECKING:
    from handlers.express.lane import ExpressLane

_MORE = getattr(socket, "MSG_MORE", 0)


class Outgoing(ABC):
    """What is sent on a socket in the lane. `moved_at` (monotonic seconds) is when something last happened on it."""

    def __init__(self, lane: ExpressLane, raw: socket.socket) -> None:
        self.lane = lane
        self.moved_at = lane.monotonic()
        self.closed = False
        self._socket = raw
        self._fd = raw.fileno()
        self._loop = asyncio.get_running_loop()
        self._held = b""
        self._file: OpenFile | None = None
        self._at = self._end = 0
        self._watches_room = self._visits = False

    @property
    def raw(self) -> socket.socket:
        """The socket itself."""
        return self._socket

    @abstractmethod
    def close(self) -> None:
        """Hang up and let go of everything. Safe to call twice."""

    @abstractmethod
    def _done(self) -> None:
        """All of the answer has been handed to the kernel."""

    @abstractmethod
    def _cut_short(self) -> None:
        """The file gave less than was announced."""

    def _enter(self) -> None:
        if not self._visits and self.lane.visits is not None:
            self._visits = True
            self.lane.visits.enter(self)

    def _leave(self) -> None:
        if self._visits and self.lane.visits is not None:
            self._visits = False
            self.lane.visits.leave(self)

    def _watch_room(self, wanted: bool) -> None:
        if wanted is not self._watches_room:
            self._watches_room = wanted
            if wanted:
                self._loop.add_writer(self._fd, self._push)
            else:
                self._loop.remove_writer(self._fd)

    def _release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.release()

    def _send(self, head: str, file: OpenFile, body: Span | None) -> None:
        self._held = head.encode("latin-1")
        self._at = self._end = 0
        if body is not None:
            self._file, self._at, self._end = file, body.start, body.end
            file.take()
        self._push()

    def _push(self) -> None:
        """Hand the kernel what it takes; come back when it takes more. Once all is handed over the request is done."""
        try:
            if self._held:
                # Held back by the kernel until the sound follows: one packet, and one awakening at the other end.
                sent = self._socket.send(self._held, _MORE if self._at < self._end else 0)
                self._held = self._held[sent:]
                if self._held:
                    self._wait_for_room()
                    return
            if self._at < self._end and not self._send_file():
                return
        except BlockingIOError:
            self._wait_for_room()
        except OSError as error:
            if error.errno in sendfile.NOT_OURS and self._file is not None and not self._held:
                self._copy()
            else:
                self.close()
        else:
            self._done()

    def _send_file(self) -> bool:
        """At most one piece by the kernel, then others have their turn; whether that was the last."""
        file, count = self._file, min(sendfile.CHUNK_BYTES, self._end - self._at)
        assert file is not None
        if not file.unchanged():
            self._cut_short()
            return False
        if not sendfile.is_resident(file.fd, self._at, count):
            self._fetch(count)
            return False
        sent = os.sendfile(self._fd, file.fd, self._at, count)
        if not sent:
            self._cut_short()
            return False
        self.moved_at = self.lane.monotonic()
        self._at += sent
        if self._at >= self._end:
            return True
        if sent < count:
            self._wait_for_room()
        else:
            self._enter()
            self._loop.call_soon(self._resume)
        return False

    def _resume(self) -> None:
        if not self.closed:
            self._push()

    def _wait_for_room(self) -> None:
        self._enter()
        self._watch_room(True)

    def _fetch(self, count: int) -> None:
        """Let a thread bring the piece into memory first, so that no disk holds up the loop."""
        file = self._file
        assert file is not None
        self._pause()
        file.take()
        waiting = self._loop.run_in_executor(None, sendfile.fetch, file.fd, self._at, count)
        waiting.add_done_callback(lambda done: self._fetched(file, done))

    def _fetched(self, file: OpenFile, done: asyncio.Future[None]) -> None:
        file.release()
        if done.cancelled() or done.exception() is not None:
            self.close()
        else:
            self._resume()

    def _copy(self) -> None:
        """The file system has no sendfile: a thread reads a piece, which goes the way of a head."""
        file, at = self._file, self._at
        assert file is not None
        self._pause()
        file.take()
        waiting = self._loop.run_in_executor(None, os.pread, file.fd, min(sendfile.COPY_BYTES, self._end - at), at)
        waiting.add_done_callback(lambda done: self._copied(file, done))

    def _copied(self, file: OpenFile, done: asyncio.Future[bytes]) -> None:
        file.release()
        if self.closed:
            return
        if done.cancelled() or done.exception() is not None or not done.result():
            self._cut_short()
            return
        self._held = done.result()
        self._at += len(self._held)
        self._push()

    def _pause(self) -> None:
        self._enter()
        self._watch_room(False)
