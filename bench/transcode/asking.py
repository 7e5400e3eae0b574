"""Somebody who asks GraphQL all the time, and how long the answers took."""

from __future__ import annotations

import json
import socket
import threading
import time

from bench.transcode.served import Server

QUERY = json.dumps(
    {"query": "{ songs(first: 20) { edges { node { id title durationMs artist { name } } } } }"}
).encode()


class Asking(threading.Thread):
    """Asks GraphQL 40 times a second on one connection, and notes how long each answer took."""

    def __init__(self, server: Server) -> None:
        super().__init__(name="asking", daemon=True)
        self.took: list[float] = []
        self._over = threading.Event()
        head = "POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        self._request = (
            f"{head}Authorization: Bearer {server.token}\r\nContent-Length: {len(QUERY)}\r\n\r\n".encode() + QUERY
        )
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self) -> None:
        """Until `end`."""
        while not self._over.wait(0.025):
            began = time.perf_counter()
            self._socket.sendall(self._request)
            came = b""
            while (end := came.find(b"\r\n\r\n")) < 0:
                came += self._socket.recv(65_536)
            length = next(
                int(line[16:]) for line in came[:end].split(b"\r\n") if line.lower().startswith(b"content-length: ")
            )
            while len(came) < end + 4 + length:
                came += self._socket.recv(65_536)
            if b'"errors"' in came or not came.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"GraphQL answered {came[:300]!r}")
            self.took.append(time.perf_counter() - began)

    def end(self) -> list[float]:
        """What it noted."""
        self._over.set()
        self.join()
        self._socket.close()
        return self.took


def asked_for(server: Server, seconds: float) -> list[float]:
    """GraphQL's times while nothing else goes on."""
    asking = Asking(server)
    asking.start()
    time.sleep(seconds)
    return asking.end()
