"""The servers that are measured, each in a process of its own, and what they cost by the kernel's books.

Owns starting them and the client that makes them speak. Refuses to know where they come from (`installed.py`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.sockets.dialects import DIALECTS, TEXT, frames_of, handshake, masked

ROOT = Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class Contestant:
    """One server process and its port."""

    def __init__(self, name: str, words: list[str], dialect: str, core: int | None) -> None:
        self.name = name
        self.dialect_name = dialect
        self.dialect = DIALECTS[dialect]
        pinned = ["taskset", "-c", str(core), *words] if core is not None else words
        self.child = subprocess.Popen(pinned, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.child.stdout is not None
        self.port = int(self.child.stdout.readline())

    @property
    def rss_bytes(self) -> int:
        """What it holds in memory."""
        pages = int(Path(f"/proc/{self.child.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_s(self) -> float:
        """What it has used of a processor."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def stop(self) -> None:
        """End it."""
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()


class Speaker:
    """A client that asks and waits for the answer."""

    def __init__(self, contestant: Contestant) -> None:
        self._dialect = contestant.dialect
        self._socket = socket.create_connection(("127.0.0.1", contestant.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(handshake(self._dialect.path))
        head, self._left = b"", b""
        while b"\r\n\r\n" not in head:
            head += self._socket.recv(65536)
        self._left = head.partition(b"\r\n\r\n")[2]
        self._waiting: list[bytes] = []
        for _ in range(self._dialect.hears_first):
            self._next()
        for sentence in self._dialect.says(False):
            self._socket.sendall(masked(sentence))
            self._next()

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """Have something done; the answer."""
        self._socket.sendall(masked(self._dialect.asks(op, members)))
        while (answer := self._dialect.answer(self._next())) is None:
            pass
        return answer

    def say(self, pad: int) -> None:
        """Publish a delivery to all who follow, bearing this moment and a number that no other has."""
        self.ask("say", n=time.monotonic_ns() // 1000, at=time.monotonic(), pad=pad)

    def close(self) -> None:
        """Go."""
        self._socket.close()

    def _next(self) -> bytes:
        while not self._waiting:
            data = self._socket.recv(262_144)
            if not data:
                raise ConnectionError("the server has closed the speaker's socket")
            found, self._left = frames_of(self._left + data)
            for opcode, frame in found:
                if opcode != TEXT:
                    continue
                if frame == self._dialect.ping:
                    self._socket.sendall(masked(self._dialect.pong))
                else:
                    self._waiting.append(frame)
        return self._waiting.pop(0)


def python(kind: str, core: int | None, *more: str) -> Contestant:
    """`tutti` or `plain`, the latter being Tornado's broadcast loop."""
    words = [sys.executable, "-m", "bench.sockets.servers", kind, *more]
    return Contestant(kind, words, "player", core)


def socket_io(folder: Path, core: int | None, *more: str) -> Contestant:
    """Socket.IO on node."""
    words = ["node", str(Path(__file__).with_name("socket_io.cjs")), str(folder), *more]
    return Contestant("socket.io", words, "socket.io", core)


def centrifuge(program: Path, core: int | None, *more: str) -> Contestant:
    """Centrifuge, the engine of Centrifugo, in Go."""
    return Contestant("centrifuge", [str(program), *more], "centrifuge", core)
