"""One connection in the express lane: its socket, read and written without Tornado's objects for every request.

Owns the socket from the first plain request until one comes that is not: then Tornado gets it back with every byte
that was read. One request at a time, in order; a lookup is waited for in a task, all else without one. Refuses to know
songs, permissions and how an answer is written (`outgoing`).
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from handlers.express.grants import Grant
from handlers.express.head import Request
from handlers.express.outgoing import Outgoing
from handlers.hanging_up import drop_unsent
from handlers.stream import sound_headers
from services.audio.ranges import parse_range, plan
from services.trace import begin_trace

if TYPE_CHECKING:
    from handlers.express.lane import ExpressLane

READ_BYTES = 16_384


class Connection(Outgoing):
    """A socket in the lane, read request by request."""

    def __init__(self, lane: ExpressLane, raw: socket.socket, peer: Any) -> None:
        super().__init__(lane, raw)
        self.peer = peer
        self.busy = False
        self.session_id: str | None = None
        self._came = b""
        self._request: Request | None = None
        self._status = 0
        self._began = 0.0
        self._reads = False

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

    def _listen(self, wanted: bool) -> None:
        if wanted is not self._reads:
            self._reads = wanted
            if wanted:
                self._loop.add_reader(self._fd, self._readable)
            else:
                self._loop.remove_reader(self._fd)

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
