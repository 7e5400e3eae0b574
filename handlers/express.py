"""The express lane: plain requests for a plain file of sound, answered before Tornado has built a handler for them.

Players ask for one song in hundreds of small ranges; there the building of request and handler objects costs more than
the sending. Owns the short way for exactly that case and nothing else: whatever is out of the ordinary (a method, a
refusal, another origin, a rendition still being made, TLS) goes through the application as if this lane did not
exist, so that every rule is written once, in `handlers/stream.py` and the services.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import sys
from collections.abc import Callable, Coroutine
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, HTTPServerConnectionDelegate
from tornado.iostream import SSLIOStream

from handlers.base import SECURITY_HEADERS, Manners
from handlers.sendfile import BodySender, BodyShort, ListenerGone
from handlers.stream import STALL_S, accel_headers, accepted_sound, sound_headers
from handlers.visits import Visits
from services.audio.ranges import Plan, http_date, plan
from services.audio.sound import Sound
from services.errors import TuttiError
from services.house import House
from services.trace import begin_trace

log = logging.getLogger("tutti.stream")

_PREFIX = "/stream/"
_ONE_HOST = re.compile(r"[A-Za-z0-9._~%!$&'()*+;=:\[\]-]+")
_UNUSUAL = ("Origin", "Content-Length", "Transfer-Encoding", "Expect", "Authorization")
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_MORE = getattr(socket, "MSG_MORE", 0)


class ExpressLane(HTTPServerConnectionDelegate):
    """Stands between the HTTP server and the application. `answered` hears of each request answered here."""

    def __init__(
        self,
        application: HTTPServerConnectionDelegate,
        *,
        house: House,
        manners: Manners,
        visits: Visits | None = None,
        answered: Callable[[Any], None] | None = None,
        stall_s: float = STALL_S,
    ) -> None:
        self.application = application
        self.house = house
        self.visits = visits
        self.answered = answered
        self.stall_s = stall_s
        self.accel = manners.accel
        self.served = 0
        always = dict(SECURITY_HEADERS)
        if manners.secure:
            always["Strict-Transport-Security"] = "max-age=31536000"
        self.constant = "".join(f"{name}: {value}\r\n" for name, value in always.items())
        self.tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        """End what is still being answered here; the connections are closed by then."""
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start_request(self, server_conn: object, request_conn: Any) -> HTTPMessageDelegate:
        """Whoever comes in is looked at first."""
        return Stream(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """The application may want to know."""
        self.application.on_close(server_conn)


class Stream(HTTPMessageDelegate):
    """One request: answered here, or handed to the application from its first byte.

    Looks enough like a request handler (`request`, `get_status`) to be counted as the stream door.
    """

    SUPPORTED_METHODS = ("GET",)
    method = "GET"

    def __init__(self, lane: ExpressLane, server_conn: object, connection: Any) -> None:
        self._lane = lane
        self._server_conn = server_conn
        self._connection = connection
        self._application: HTTPMessageDelegate | None = None
        self._sender: BodySender | None = None
        self._began = 0.0
        self._status = 0
        self._now_s = 0
        self.remote_ip = ""
        self._protocol = "http"

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> Any:
        """Which way it goes."""
        self._start_line, self._headers = start_line, headers
        if not self._is_plain():
            return self._by_application()
        self._began = self._lane.house.clock.monotonic()
        # Behind a proxy these hold for this one message only; what comes later has to remember them.
        context = self._connection.context
        self.remote_ip, self._protocol = context.remote_ip, context.protocol
        return None

    def data_received(self, chunk: bytes) -> Any:
        """A body: never here, its length would have been unusual."""
        return self._application.data_received(chunk) if self._application is not None else None

    def finish(self) -> None:
        """The request is complete."""
        if self._application is not None:
            self._application.finish()
            return
        task = _begin(self._serve())
        if task.done():
            self._served(task)
            return
        self._lane.tasks.add(task)
        task.add_done_callback(self._served)

    def on_connection_close(self) -> None:
        """The connection broke."""
        if self._application is not None:
            self._application.on_connection_close()
        if self._sender is not None:
            self._sender.leave()

    @property
    def request(self) -> Stream:
        """Itself, for whoever counts and logs requests."""
        return self

    @property
    def path(self) -> str:
        """The path without its query."""
        target: str = self._start_line.path
        return target.partition("?")[0]

    def request_time(self) -> float:
        """Seconds since the request came in."""
        return self._lane.house.clock.monotonic() - self._began

    def get_status(self) -> int:
        """The status that was sent."""
        return self._status

    def _is_plain(self) -> bool:
        line, visits = self._start_line, self._lane.visits
        return (
            line.method == "GET"
            and line.path.startswith(_PREFIX)
            and line.version == "HTTP/1.1"
            and hasattr(os, "sendfile")
            and not isinstance(self._connection.stream, SSLIOStream)
            # None, several or an odd one are Tornado's to refuse, when it builds its request.
            and _ONE_HOST.fullmatch(self._headers.get("Host", "")) is not None
            and not any(name in self._headers for name in _UNUSUAL)
            and ("Connection" not in self._headers or self._headers["Connection"].lower() == "keep-alive")
            and (visits is None or not visits.draining)
        )

    def _by_application(self) -> Any:
        self._application = self._lane.application.start_request(self._server_conn, self._connection)
        return self._application.headers_received(self._start_line, self._headers)

    async def _serve(self) -> None:
        visits = self._lane.visits
        if visits is not None:
            visits.enter(self)
        try:
            sound = await self._open()
            if sound is None:
                await self._hand_over()
                return
            try:
                place = self._lane.accel.place(sound.file.path) if sound.file is not None else None
                if place is None:
                    await self._send(self._plan(sound), sound)
                else:
                    self._leave_to_front(place, sound)
            finally:
                sound.close()
        finally:
            if visits is not None:
                visits.leave(self)

    async def _hand_over(self) -> None:
        context = self._connection.context
        now = context.remote_ip, context.protocol
        context.remote_ip, context.protocol = self.remote_ip, self._protocol
        try:
            waiting = self._by_application()
        finally:
            context.remote_ip, context.protocol = now
        if waiting is not None:
            await waiting
        if self._application is not None:
            self._application.finish()

    def _served(self, task: asyncio.Task[None]) -> None:
        self._lane.tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("unhandled error", exc_info=bug, extra={"method": "GET", "path": self.path})
            self._connection.close()

    async def _open(self) -> Sound | None:
        """The sound, if it is a file and nobody objects; a refusal is left to the application to repeat and word."""
        song_id, quality, wished, signed = _asked(self._start_line.path)
        if not signed or not song_id:
            return None
        house = self._lane.house
        try:
            ticket = house.tickets.open(signed, song_id)
            viewer = await house.accounts.viewer_of_session(ticket.user_id, ticket.session_id)
            accepted = accepted_sound(self._headers.get("Accept"))
            sound = await house.deliveries.open(
                viewer, song_id, quality, wished=wished, accepted=accepted, ceiling=ticket.quality
            )
        except TuttiError:
            return None
        if sound.file is None:
            sound.close()
            return None
        return sound

    def _plan(self, sound: Sound) -> Plan:
        clock = self._lane.house.clock
        self._now_s = clock.epoch_ms() // 1000
        boundary = f"tutti-{clock.new_id()}" if "," in self._headers.get("Range", "") else ""
        return plan("GET", self._headers, sound.target, now_s=self._now_s, boundary=boundary)

    async def _send(self, answer: Plan, sound: Sound) -> None:
        connection, stream = self._connection, self._connection.stream
        if stream is None or stream.closed():
            return
        sender = self._sender = BodySender(connection, stall_s=self._lane.stall_s)
        connection.set_close_callback(self.on_connection_close)
        self._status = answer.status
        _send_at_once(stream)
        try:
            self._write_head(stream, self._head(answer.status, sound_headers(answer, sound)), bool(answer.parts))
            for part in answer.parts:
                if part.preamble:
                    await sender.write(part.preamble)
                await sender.send(sound.file, part.span.start, part.span.end)
            if answer.closing:
                await sender.write(answer.closing)
        except ListenerGone:
            stream.close()
        except BodyShort:
            log.warning("a file changed while it was sent", extra={"path": self.path})
            stream.close()
        connection.set_close_callback(None)
        connection.finish()
        self._lane.served += 1
        if self._lane.answered is not None:
            self._lane.answered(self)

    def _leave_to_front(self, place: str, sound: Sound) -> None:
        """Headers alone: the web server in front sends the file."""
        connection, stream = self._connection, self._connection.stream
        if stream is None or stream.closed():
            return
        self._status = 200
        self._now_s = self._lane.house.clock.epoch_ms() // 1000
        self._write_head(stream, self._head(200, accel_headers(place, sound)), body_follows=False)
        connection.finish()
        self._lane.served += 1
        if self._lane.answered is not None:
            self._lane.answered(self)

    def _head(self, status: int, headers: list[tuple[str, str]]) -> bytes:
        trace = begin_trace(self._headers.get("X-Request-ID"))
        date = http_date(self._now_s)
        told = "".join([f"{name}: {value}\r\n" for name, value in headers])
        first = f"HTTP/1.1 {status} {_REASONS[status]}\r\nDate: {date}\r\nX-Request-ID: {trace}\r\n"
        return f"{first}{self._lane.constant}{told}\r\n".encode("latin-1")

    def _write_head(self, stream: Any, head: bytes, body_follows: bool) -> None:
        sent = 0
        if body_follows and _MORE and not stream.writing():
            try:
                # Held back by the kernel until the sound follows: one packet, and one awakening at the other end.
                sent = stream.socket.send(head, _MORE)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                raise ListenerGone from error
        if sent < len(head):
            stream.write(head[sent:])


def _begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """The work as a task. Since Python 3.12 it begins at once and, where nothing is waited for, is over already:

    then Tornado need not watch the connection for the time in between.
    """
    loop = asyncio.get_running_loop()
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, name="stream-express", eager_start=True)
    return loop.create_task(work, name="stream-express")


def _send_at_once(stream: Any) -> None:
    """Turn Nagle's algorithm off for good on this connection, which Tornado turns off and on for each answer.

    The head is held back by MSG_MORE instead, so there are no small packets to gather; it saves two system calls.
    """
    if "set_nodelay" not in vars(stream):
        stream.set_nodelay(True)
        stream.set_nodelay = _leave_nodelay


def _leave_nodelay(_: bool) -> None:
    return None


@lru_cache(maxsize=4096)
def _asked(target: str) -> tuple[str, str | None, str | None, str | None]:
    """Song, quality, format and ticket in a request target; players repeat the same one for every range."""
    path, _, query = target.partition("?")
    try:
        words = parse_qs(query, errors="strict")
        song_id = unquote(path[len(_PREFIX) :], errors="strict")
    except (UnicodeDecodeError, ValueError):
        return "", None, None, None
    if "/" in path[len(_PREFIX) :]:
        return "", None, None, None
    quality, wished, ticket = (words.get(name, [None])[-1] for name in ("quality", "format", "ticket"))
    return song_id, quality, wished, ticket
