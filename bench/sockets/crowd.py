"""A crowd of clients in a process of its own, on bare sockets, so that what is measured is the server.

Owns connecting, counting and the delays of deliveries; is told by a pipe what to do, and says there what came of it.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import select
import socket
import time
from multiprocessing.connection import Connection
from typing import Any

from bench.sockets.dialects import DIALECTS, PING, PONG_HEAD, TEXT, frames_of, handshake, masked, moment_of

CONNECTING = 200
"""How many clients of one crowd knock at the same time."""


class Client:
    """One socket: on its way in, or in and counting."""

    __slots__ = ("fd", "frames", "left", "open", "sock", "to_hear")

    def __init__(self, sock: socket.socket, says: list[bytes], to_hear: int) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.left = b""
        self.open = False
        self.frames = says
        self.to_hear = to_hear


class Crowd:
    """The clients of one process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._epoll = select.epoll()
        self._epoll.register(pipe.fileno(), select.EPOLLIN)
        self._clients: dict[int, Client] = {}
        self._arriving = 0
        self._to_come = 0
        self._delays: list[float] = []
        self._known: tuple[bytes, float | None] = (b"", None)
        self._awaited = 0
        self._came = 0
        self._lost = 0

    def run(self) -> None:
        """Until told to end."""
        while True:
            for fd, events in self._epoll.poll():
                if fd == self._pipe.fileno():
                    if not self._told(*self._pipe.recv()):
                        return
                elif (client := self._clients.get(fd)) is not None:
                    if client.open:
                        self._read(client)
                    else:
                        self._arrives(client, events)

    def _told(self, word: str, *told: Any) -> bool:
        match word:
            case "come":
                self._port, dialect, self._follows, self._to_come = told
                self._dialect = DIALECTS[dialect]
                self._request = handshake(self._dialect.path)
                self._more()
            case "await":
                # So many deliveries, counted from the last time.
                self._awaited += told[0]
                self._said_if_all()
            case "stop reading":
                for client in self._clients.values():
                    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    self._epoll.modify(client.fd, 0)
            case "tell":
                self._pipe.send(("told", self._delays, self._came, self._lost))
                self._delays = []
            case "leave":
                for client in self._clients.values():
                    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    client.sock.close()
                self._clients.clear()
                self._delays, self._came, self._awaited, self._lost = [], 0, 0, 0
                self._pipe.send(("left",))
            case "end":
                return False
        return True

    def _more(self) -> None:
        while self._to_come and self._arriving < CONNECTING:
            sock = socket.socket()
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if sock.connect_ex(("127.0.0.1", self._port)) not in (0, errno.EINPROGRESS):
                raise ConnectionError("cannot connect")
            client = Client(sock, self._dialect.says(self._follows), self._dialect.hears_first)
            self._clients[client.fd] = client
            self._epoll.register(client.fd, select.EPOLLOUT)
            self._arriving += 1
            self._to_come -= 1

    def _arrives(self, client: Client, events: int) -> None:
        if events & select.EPOLLOUT:
            client.sock.send(self._request)
            self._epoll.modify(client.fd, select.EPOLLIN)
            return
        client.left += client.sock.recv(65536)
        head, found, rest = client.left.partition(b"\r\n\r\n")
        if not found:
            assert client.left, "closed before it was let in"
            return
        assert head.startswith(b"HTTP/1.1 101"), head
        client.open, client.left = True, rest
        if not client.to_hear:
            self._speak(client)
        if rest:
            client.left = b""
            self._take(client, rest)

    def _speak(self, client: Client) -> None:
        if client.frames:
            client.to_hear = 1
            client.sock.send(masked(client.frames.pop(0)))
        else:
            client.to_hear = -1
            self._arriving -= 1
            self._more()
            if not self._arriving:
                self._pipe.send(("here",))

    def _read(self, client: Client) -> None:
        try:
            data = os.read(client.fd, 65536)
        except OSError:
            data = b""
        if not data:
            self._lost += 1
            del self._clients[client.fd]
            client.sock.close()
            return
        self._take(client, client.left + data if client.left else data)

    def _take(self, client: Client, data: bytes) -> None:
        now = time.monotonic()
        found, client.left = frames_of(data)
        for opcode, frame in found:
            if opcode == PING:
                client.sock.send(PONG_HEAD)
            elif opcode != TEXT:
                continue
            elif frame == self._dialect.ping:
                client.sock.send(masked(self._dialect.pong))
            elif client.to_hear > 0:
                client.to_hear -= 1
                if not client.to_hear:
                    self._speak(client)
            else:
                self._count(frame, now)

    def _count(self, frame: bytes, now: float) -> None:
        if frame != self._known[0]:
            self._known = frame, moment_of(frame)
        published = self._known[1]
        if published is not None:
            self._delays.append(now - published)
            self._came += 1
            if self._came == self._awaited:
                self._pipe.send(("all",))

    def _said_if_all(self) -> None:
        if self._came >= self._awaited:
            self._pipe.send(("all",))


def _run(pipe: Connection, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    Crowd(pipe).run()


class Crowds:
    """Several crowds as one, from the process that measures."""

    def __init__(self, count: int, core: int | None) -> None:
        self._pipes: list[Connection] = []
        self._children = []
        context = multiprocessing.get_context("spawn")
        for _ in range(count):
            ours, theirs = context.Pipe()
            child = context.Process(target=_run, args=(theirs, core), daemon=True)
            child.start()
            self._pipes.append(ours)
            self._children.append(child)
        self._sizes = [0] * count

    def come(self, port: int, dialect: str, count: int, *, follow: bool) -> None:
        """So many clients; returns when all are let in and follow."""
        shares = [count // len(self._pipes)] * len(self._pipes)
        shares[0] += count - sum(shares)
        for at, (pipe, share) in enumerate(zip(self._pipes, shares, strict=True)):
            pipe.send(("come", port, dialect, follow, share))
            self._sizes[at] += share
        for pipe, share in zip(self._pipes, shares, strict=True):
            if share:
                self._hear(pipe, "here")

    def expect_each(self, deliveries: int = 1) -> None:
        """Say that each client is to get so many more deliveries; `wait` waits for them."""
        for pipe, size in zip(self._pipes, self._sizes, strict=True):
            pipe.send(("await", size * deliveries))

    def wait(self) -> None:
        """Return when everything that is expected has come."""
        for pipe in self._pipes:
            self._hear(pipe, "all")

    def told(self) -> tuple[list[float], int]:
        """The delays of all deliveries since the last time in seconds, and how many clients have lost their socket."""
        for pipe in self._pipes:
            pipe.send(("tell",))
        told = [self._hear(pipe, "told") for pipe in self._pipes]
        return [delay for _, delays, _, _ in told for delay in delays], sum(each[3] for each in told)

    def stop_reading(self) -> None:
        """All clients."""
        for pipe in self._pipes:
            pipe.send(("stop reading",))

    def leave(self) -> None:
        """All clients, without a word."""
        for at, pipe in enumerate(self._pipes):
            pipe.send(("leave",))
            self._hear(pipe, "left")
            self._sizes[at] = 0

    def end(self) -> None:
        """The processes too."""
        for pipe, child in zip(self._pipes, self._children, strict=True):
            pipe.send(("end",))
            child.join(5)

    @staticmethod
    def _hear(pipe: Connection, word: str) -> tuple[Any, ...]:
        while True:
            if not pipe.poll(60):
                raise TimeoutError(f"a crowd never said {word!r}")
            said: tuple[Any, ...] = pipe.recv()
            if said[0] == word:
                return said
