"""The express lane: plain requests for a plain file of sound, answered without Tornado's objects for each of them.

Players ask for one song in hundreds of small ranges; there the building of request and handler objects costs more than
the sending. Owns the connections that are in the lane, how they come in and how they leave it. Whatever is out of the
ordinary (a method, a refusal, another origin, a rendition still being made, TLS) goes through the application as if
this lane did not exist, so that every rule is written once, in `handlers/stream.py` and the services.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerConnectionDelegate
from tornado.iostream import SSLIOStream

from handlers.base import SECURITY_HEADERS, Manners
from handlers.express.connection import Connection
from handlers.express.grants import Grants
from handlers.express.head import PREFIX, Heads, Request, plain_request
from handlers.express.returned import ReturnedStream
from handlers.express.told import Stream
from handlers.stream import STALL_S
from handlers.visits import Visits
from realtime.streams import OpenStreams
from services.audio.ranges import http_date
from services.house import House

log = logging.getLogger("tutti.stream")

IDLE_S = 75.0
MOST_CONNECTIONS = 10_000
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class ExpressLane(HTTPServerConnectionDelegate):
    """Stands between the HTTP server and the application. `answered` hears of each request answered here.

    Connections come in only once `serve_on` has told where they go back to. `in_hand` are the requests the application
    has.
    """

    def __init__(
        self,
        application: HTTPServerConnectionDelegate,
        *,
        house: House,
        manners: Manners,
        visits: Visits | None = None,
        streams: OpenStreams | None = None,
        answered: Callable[[Any], None] | None = None,
        stall_s: float = STALL_S,
        idle_s: float = IDLE_S,
    ) -> None:
        self.application = application
        self.visits = visits
        self.in_hand = Visits()
        self.streams = OpenStreams() if streams is None else streams
        self.served = 0
        self.heads = Heads()
        self.grants = Grants(house)
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.monotonic = house.clock.monotonic
        self._epoch_ms = house.clock.epoch_ms
        self._answered = answered
        self._stall_s, self._idle_s = stall_s, idle_s
        self.proxies = manners.proxies
        self._left_to_front = bool(manners.accel)
        always = dict(SECURITY_HEADERS)
        if manners.secure:
            always["Strict-Transport-Security"] = "max-age=31536000"
        self._constant = "".join(f"{name}: {value}\r\n" for name, value in always.items())
        self._first_lines: dict[int, str] = {}
        self._second, self._second_ends = (0, ""), float("-inf")
        self._server: HTTPServer | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    def serve_on(self, server: HTTPServer) -> None:
        """The server whose connections these are, and which gets them back."""
        self._server = server

    async def stop(self) -> None:
        """Hang up every connection in the lane and end what is still being looked up. Safe to call twice."""
        self._server = None
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in list(self.connections):
            connection.close()
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def forget(self, event: object = None) -> None:
        """Look up anew who may hear what: something was changed."""
        self.grants.forget(event)

    def start_request(self, server_conn: object, request_conn: Any) -> HTTPMessageDelegate:
        """Whoever comes in is looked at first."""
        return FirstLook(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """The application may want to know."""
        self.application.on_close(server_conn)

    @property
    def is_closing(self) -> bool:
        """Whether new requests are the application's to refuse."""
        return self._server is None or (self.visits is not None and self.visits.draining)

    def has_room(self) -> bool:
        """Whether one more connection may come in. None does where the web server in front sends the files."""
        return not self._left_to_front and not self.is_closing and len(self.connections) < MOST_CONNECTIONS

    def take_in(self, raw: socket.socket, request: Request, head: bytes) -> None:
        """From now on this socket is read and written in the lane, beginning with this request."""
        try:
            peer = raw.getpeername()
        except OSError:
            raw.close()
            return
        connection = Connection(self, raw, peer)
        self.connections.add(connection)
        if self._sweeper is None:
            self._sweep()
        connection.begin(request, None, head)

    def give_back(self, raw: socket.socket, data: bytes) -> None:
        """Let Tornado serve the socket, from these bytes on."""
        server = self._server
        if server is None:
            raw.close()
            return
        try:
            peer = raw.getpeername()
        except OSError:
            raw.close()
            return
        bounds = {"max_buffer_size": server.max_buffer_size, "read_chunk_size": server.read_chunk_size}
        server.handle_stream(ReturnedStream(raw, data, **bounds), peer)

    def own(self, work: Coroutine[Any, Any, None], connection: Connection) -> None:
        """Do this for a connection, which is closed should it fail."""
        task = asyncio.get_running_loop().create_task(work, name="stream-express")
        self.tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, connection))

    def note(self, connection: Connection, request: Request, status: int, seconds: float) -> None:
        """One more request was answered."""
        self.served += 1
        if self._answered is not None:
            self._answered(Stream(connection, request, status, seconds))

    def tell_short(self, request: Request) -> None:
        """A body had to end before its announced length."""
        log.warning("a file changed while it was sent", extra={"path": request.path})

    def moment(self) -> tuple[int, str]:
        """Now, in epoch seconds and as an HTTP date; worked out once a second."""
        now = self.monotonic()
        if now >= self._second_ends:
            now_ms = self._epoch_ms()
            self._second_ends = now + (1000 - now_ms % 1000) / 1000
            self._second = now_ms // 1000, http_date(now_ms // 1000)
        return self._second

    def first_lines(self, status: int) -> str:
        """Status line and the headers that are the same in every answer."""
        lines = self._first_lines.get(status)
        if lines is None:
            lines = self._first_lines[status] = f"HTTP/1.1 {status} {_REASONS[status]}\r\n{self._constant}"
        return lines

    def address_of(self, request: Request, peer: Any) -> str:
        """Who asks: the other end of the connection or, behind a proxy, whom it names last."""
        address = str(peer[0]) if isinstance(peer, tuple) else "0.0.0.0"
        if not self.proxies.believes(address):
            return address
        named = request.fields.get("X-Forwarded-For", address).rpartition(",")[2].strip()
        named = request.fields.get("X-Real-Ip", named)
        try:
            return str(ipaddress.ip_address(named))
        except ValueError:
            return address

    def _ended(self, task: asyncio.Task[None], connection: Connection) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("unhandled error", exc_info=bug, extra={"method": "GET"})
        if task.cancelled() or task.exception() is not None:
            connection.close()

    def _sweep(self) -> None:
        """Let go of listeners who take nothing, and of connections on which nothing is asked."""
        now = self.monotonic()
        for connection in list(self.connections):
            if now - connection.moved_at >= (self._stall_s if connection.busy else self._idle_s):
                connection.close()
        every_s = min(self._stall_s, self._idle_s) / 4
        self._sweeper = asyncio.get_running_loop().call_later(every_s, self._sweep) if self.connections else None


class FirstLook(HTTPMessageDelegate):
    """One request that Tornado has read: taken into the lane with its connection, or given to the application."""

    def __init__(self, lane: ExpressLane, server_conn: object, connection: Any) -> None:
        self._lane = lane
        self._server_conn = server_conn
        self._connection = connection
        self._application: HTTPMessageDelegate | None = None

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Any:
        """Which way it goes."""
        request = self._plain(start_line, headers)
        if request is None:
            self._enter(headers)
            self._application = self._lane.application.start_request(self._server_conn, self._connection)
            return self._application.headers_received(start_line, headers)
        stream = self._connection.detach()
        # The stream itself is left behind; what counts is its socket.
        stream.io_loop.remove_handler(stream.fileno())
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.get_all())
        head = f"GET {start_line.path} HTTP/1.1\r\n{fields}\r\n".encode("latin-1")
        self._lane.take_in(stream.socket, request, head)
        return None

    def data_received(self, chunk: bytes) -> Any:
        """A body: never of a request in the lane, its length would have been unusual."""
        return self._application.data_received(chunk) if self._application is not None else None

    def finish(self) -> None:
        """The request is complete."""
        if self._application is not None:
            self._application.finish()

    def on_connection_close(self) -> None:
        """The connection broke."""
        self._lane.in_hand.leave(self)
        if self._application is not None:
            self._application.on_connection_close()

    def _enter(self, headers: HTTPHeaders) -> None:
        """In hand from its head on, whoever answers, until the answer is out: a body may take long to come."""
        self._lane.in_hand.enter(self)
        self._connection._finish_future.add_done_callback(lambda _: self._lane.in_hand.leave(self))
        if self._lane.is_closing and "Upgrade" not in headers:
            # The answer says so, and the connection ends with it: the next request finds a process that stays.
            self._connection._disconnect_on_finish = True

    def _plain(self, line: Any, headers: HTTPHeaders) -> Request | None:
        stream = self._connection.stream
        if line.method != "GET" or not line.path.startswith(PREFIX) or line.version != "HTTP/1.1":
            return None
        if not hasattr(os, "sendfile") or isinstance(stream, SSLIOStream) or not self._lane.has_room():
            return None
        if getattr(stream, "returned", False):
            # It comes from the lane, which could not answer this one request; the next one may go back in.
            stream.returned = False
            return None
        # What came after this request is in Tornado's hands already, and would be lost to the lane.
        if stream._read_buffer_size:
            return None
        request = plain_request(line.path, headers.get_all())
        if request is None or self._lane.grants.is_refused(request, self._lane.monotonic()):
            return None
        return request
