"""One connection in the express lane: its socket, read and written without Tornado's objects for every request.

Owns the socket from the first plain request until one comes that is not: then Tornado gets it back with every byte
that was read. One request at a time, in order; what must be waited for (a lookup, a slow listener, a disk) is waited
for without a task where it can be. Refuses to know songs and permissions.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Any

from tornado.iostream import IOStream

from handlers import sendfile
from handlers.express.grants import Grant
from handlers.express.head import Request
from handlers.hanging_up import drop_unsent
from handlers.stream import sound_headers
from services.audio.open_files import OpenFile
from services.audio.ranges import Span, parse_range, plan
from services.trace import begin_trace

if TYPE_CHECKING:
    from handlers.express.lane import ExpressLane

READ_BYTES = 16_384
_MORE = getattr(socket, "MSG_MORE", 0)


class ReturnedStream(IOStream):
    """A socket that Tornado gets (back), with the bytes that were read from it already.

    `returned` is for whoever must know whether its first request has been in the express lane.
    """

    def __init__(self, raw: socket.socket, begun: bytes, **bounds: Any) -> None:
        self._begun = begun
        self.returned = True
        super().__init__(raw, **bounds)

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """First what was read before, then the socket."""
        if not self._begun:
            return super().read_from_fd(buf)
        count = min(len(buf), len(self._begun))
        buf[:count] = self._begun[:count]
        self._begun = self._begun[count:]
        return count


class Stream:
    """One answer, told to those who count and log requests by their door: as much of a handler as they look at."""

    SUPPORTED_METHODS = ("GET",)
    method = "GET"

    def __init__(self, connection: Connection, request: Request, status: int, seconds: float) -> None:
        self._connection, self._asked, self._status, self._seconds = connection, request, status, seconds

    @property
    def request(self) -> Stream:
        """Itself."""
        return self

    @property
    def path(self) -> str:
        """The path without its query."""
        return self._asked.path

    @property
    def remote_ip(self) -> str:
        """Who asked: behind a proxy, whom it says."""
        return self._connection.lane.address_of(self._asked, self._connection.peer)

    def request_time(self) -> float:
        """Seconds from the request to the last byte handed to the kernel."""
        return self._seconds

    def get_status(self) -> int:
        """The status that was sent."""
        return self._status


class Connection:
    """A socket in the lane. `moved_at` (monotonic seconds) is when something last happened on it."""

    def __init__(self, lane: ExpressLane, raw: socket.socket, peer: Any) -> None:
        self.lane = lane
        self.peer = peer
        self.moved_at = lane.monotonic()
        self.busy = False
        self.closed = False
        self.session_id: str | None = None
        self._socket = raw
        self._fd = raw.fileno()
        self._loop = asyncio.get_running_loop()
        self._came = b""
        self._held = b""
        self._file: OpenFile | None = None
        self._at = self._end = 0
        self._request: Request | None = None
        self._status = 0
        self._began = 0.0
        self._reads = self._watches_room = self._visits = False

    def begin(self, request: Request, wanted: str | None, head: bytes) -> None:
        """Take the socket over with this request, whose bytes were `head`."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listen(True)
        self._answer(request, wanted, head)

    def close(self) -> None:
        """Hang up and let go of everything. Safe to call twice."""
        if self.closed:
            return
        self.closed = True
        self._let_go()
        self._socket.close()

    def cut(self) -> None:
        """The session that listens is over: hang up, with what the listener has not taken yet."""
        if not self.closed:
            drop_unsent(self._socket)
            self.close()

    def _let_go(self) -> None:
        self._listen(False)
        self._watch_room(False)
        self._release()
        self._leave()
        self.lane.streams.discard(self)
        self.lane.connections.discard(self)

    def _release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.release()

    def _enter(self) -> None:
        if not self._visits and self.lane.visits is not None:
            self._visits = True
            self.lane.visits.enter(self)

    def _leave(self) -> None:
        if self._visits and self.lane.visits is not None:
            self._visits = False
            self.lane.visits.leave(self)

    def _listen(self, wanted: bool) -> None:
        if wanted is not self._reads:
            self._reads = wanted
            if wanted:
                self._loop.add_reader(self._fd, self._readable)
            else:
                self._loop.remove_reader(self._fd)

    def _watch_room(self, wanted: bool) -> None:
        if wanted is not self._watches_room:
            self._watches_room = wanted
            if wanted:
                self._loop.add_writer(self._fd, self._push)
            else:
                self._loop.remove_writer(self._fd)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        if self._came:
            data = self._came + data
        if self.busy:
            # The next request came before this one was answered: it waits, and more than one read of them is not taken.
            self._came = data
            if len(data) >= READ_BYTES:
                self._listen(False)
            return
        self._read(data)

    def _read(self, data: bytes) -> None:
        request, wanted, taken = self.lane.heads.read(data)
        if request is None or self.lane.is_closing:
            self._hand_over(data)
            return
        self._came = data[taken:]
        self._answer(request, wanted, data[:taken])

    def _answer(self, request: Request, wanted: str | None, head: bytes) -> None:
        self.busy = True
        self._began = self.moved_at = now = self.lane.monotonic()
        self._request = request
        grant = self.lane.grants.recall(request, now)
        if grant is not None and self._may_begin(grant):
            self._respond(request, wanted, grant)
        elif grant is not None or self.lane.grants.is_refused(request, now):
            self._hand_over(head + self._came)
        else:
            self._enter()
            self.lane.own(self._look(request, wanted, head), self)

    def _may_begin(self, grant: Grant) -> bool:
        """Whether the register of open streams takes this answer; else the application says why not."""
        self.session_id = grant.session_id
        return self.lane.streams.add(self)

    async def _look(self, request: Request, wanted: str | None, head: bytes) -> None:
        found = await self.lane.grants.look(request)
        if found is None:
            if not self.closed:
                self._hand_over(head + self._came)
            return
        grant, sound = found
        try:
            if self.closed:
                return
            if self._may_begin(grant):
                self._respond(request, wanted, grant)
            else:
                self._hand_over(head + self._came)
        finally:
            sound.close()

    def _hand_over(self, data: bytes) -> None:
        """Give the socket to Tornado, with what was read and not answered; the lane is out of it."""
        self.closed = True
        self._let_go()
        self.lane.give_back(self._socket, data)

    def _respond(self, request: Request, wanted: str | None, grant: Grant) -> None:
        now_s, date = self.lane.moment()
        trace = begin_trace(request.fields.get("X-Request-Id"))
        told = f"Date: {date}\r\nX-Request-ID: {trace}\r\n"
        spans = None if request.conditional or wanted is None else parse_range(wanted, grant.target.length)
        if spans:
            # Nothing but one range decides: the plan is this, without working it out.
            span = spans[0]
            self._status = 206
            self._send(
                f"{self.lane.first_lines(206)}{told}{grant.described}"
                f"Content-Range: bytes {span.start}-{span.end - 1}/{grant.target.length}\r\n"
                f"Content-Length: {span.end - span.start}\r\n\r\n",
                grant.file,
                span,
            )
            return
        fields = request.fields if wanted is None else {**request.fields, "Range": wanted}
        answer = plan("GET", fields, grant.target, now_s=now_s, boundary="")
        headers = "".join([f"{name}: {value}\r\n" for name, value in sound_headers(answer, grant.sound)])
        self._status = answer.status
        body = answer.parts[0].span if answer.parts else None
        self._send(f"{self.lane.first_lines(answer.status)}{told}{headers}\r\n", grant.file, body)

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

    def _cut_short(self) -> None:
        # Too late for a status: a body shorter than announced is the one sign left.
        assert self._request is not None
        self.lane.tell_short(self._request)
        self.close()

    def _done(self) -> None:
        request = self._request
        assert request is not None
        self._watch_room(False)
        self._release()
        self._leave()
        self.lane.streams.discard(self)
        self.busy = False
        self.lane.note(self, request, self._status, self.moved_at - self._began)
        self._listen(True)
        if self._came:
            self.busy = True
            self._loop.call_soon(self._next)

    def _next(self) -> None:
        self.busy = False
        if not self.closed:
            data, self._came = self._came, b""
            self._read(data)
