"""What sockets cost: the players' door beside a plain Tornado broadcast loop, on loopback, in one run.

    python -m bench.realtime [--idle 5000] [--followers 1000] [--reconnect 2000]

Prints the memory of an idle socket, deliveries a second of server CPU and the p99 from publishing to delivery for a
thousand followers, what a client that reads nothing costs the others and when it is gone, and the loop's lag while
two thousand clients come back at once. Each server is a process of its own; the clients share this one. Socket.IO is
not measured: it would be a dependency for this alone, and its broadcast is a loop over sockets as the plain one is.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
SLOW_CLIENT_S = 2.0
LAG_EVERY_S = 0.005
OTHERS = 20
"""Beside the slow client."""
CONNECTING = 400
"""How many clients knock at the same time; the queue of a listening socket is short."""


def masked(frame: dict[str, Any]) -> bytes:
    """A client's text frame. A mask of zeros is a mask, and costs nothing."""
    text = json.dumps(frame).encode()
    size = len(text)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + struct.pack(">H", size)
    return head + b"\0\0\0\0" + text


class Listener(asyncio.Protocol):
    """A client as light as can be: says its frames after the handshake and counts what comes."""

    def __init__(self, path: str, says: list[dict[str, Any]], answers: int) -> None:
        self._path, self._says, self._answers = path, says, answers
        self._buffer = b""
        self._open = False
        self.ready = asyncio.get_running_loop().create_future()
        self.delays_s: list[float] = []
        self.last: dict[str, Any] = {}
        self.closed = False
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Ask for a socket."""
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {self._path} HTTP/1.1", "Host: here", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "", ""]
        transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        self._buffer += data
        if not self._open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._open, self._buffer = True, rest
            self.transport.write(b"".join(map(masked, self._says)))
            self._count()
        for text in self._frames():
            now_s = time.monotonic()
            self.last = json.loads(text)
            if "at" in self.last:
                self.delays_s.append(now_s - self.last["at"])
            else:
                self._answers -= 1
            self._count()

    def connection_lost(self, _: Exception | None) -> None:
        """The server or we ended it."""
        self.closed = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("closed early"))

    def _count(self) -> None:
        if self._answers <= 0 and not self.ready.done():
            self.ready.set_result(None)

    def _frames(self) -> Iterator[bytes]:
        while len(self._buffer) >= 2:
            size, start = self._buffer[1] & 127, 2
            if size >= 126:
                width, form = (2, ">H") if size == 126 else (8, ">Q")
                if len(self._buffer) < 2 + width:
                    return
                size, start = struct.unpack(form, self._buffer[2 : 2 + width])[0], 2 + width
            if len(self._buffer) < start + size:
                return
            opcode, text = self._buffer[0] & 15, self._buffer[start : start + size]
            self._buffer = self._buffer[start + size :]
            if opcode == 1:
                yield text


class Server:
    """A contestant in a process of its own; `say` lets it publish, `lag` tells how late its loop ran."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        words = [sys.executable, "-m", "bench.realtime", "serve", kind]
        self.child = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.child.stdout is not None
        self.port = int(self.child.stdout.readline())
        self.path = "/ws"
        self._asked = 0

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

    async def clients(self, count: int, *, follows: bool) -> list[Listener]:
        """So many clients, let in and, when they follow, following."""
        says: list[dict[str, Any]] = [{"op": "hello", "id": "1", "token": "bench"}]
        says += [{"op": "follow", "id": "2", "topic": "queue:bench"}] * follows
        turn = asyncio.Semaphore(CONNECTING)

        async def one() -> Listener:
            async with turn:
                make: Callable[[], Listener] = lambda: Listener(self.path, says, len(says))  # noqa: E731
                _, listener = await asyncio.get_running_loop().create_connection(make, "127.0.0.1", self.port)
                await asyncio.wait_for(listener.ready, 60)
                return listener

        return list(await asyncio.gather(*(one() for _ in range(count))))

    async def ask(self, client: Listener, **frame: Any) -> dict[str, Any]:
        """Have something done by a client's word; the answer."""
        self._asked += 1
        id = f"b{self._asked}"
        client.transport.write(masked({"id": id, **frame}))
        while client.last.get("re") != id:  # noqa: ASYNC110 - a listener only counts
            await asyncio.sleep(0.01)
        return client.last

    def stop(self) -> None:
        """End it."""
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()


def gone(clients: list[Listener]) -> None:
    """All of them, without a word."""
    for client in clients:
        client.transport.abort()


def p99_ms(delays_s: list[float]) -> float:
    """In milliseconds."""
    ordered = sorted(delays_s)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else float("nan")


async def idle(server: Server, count: int) -> float:
    """Bytes of the server's memory that an idle socket costs."""
    warm = await server.clients(50, follows=False)
    before = server.rss_bytes
    clients = await server.clients(count, follows=False)
    grown = server.rss_bytes - before
    gone(clients + warm)
    return grown / count


async def fan_out(server: Server, count: int, revisions: int, every_s: float) -> tuple[float, float, int]:
    """Deliveries for each second of server CPU, the p99 of their delay in ms, and how many of all there were."""
    [speaker], clients = await server.clients(1, follows=False), await server.clients(count, follows=True)
    before = server.cpu_s
    await server.ask(speaker, op="bench.say", times=revisions, every_s=every_s, pad=100)
    await asyncio.sleep(1.0)
    used = server.cpu_s - before
    delays = [delay for client in clients for delay in client.delays_s]
    gone([speaker, *clients])
    return len(delays) / max(used, 1 / TICKS), p99_ms(delays), len(delays)


async def beside_a_slow_one(server: Server, *, slow: bool) -> tuple[float, float | None]:
    """The p99 of the others in ms, and after how many seconds the one that reads nothing was gone."""
    [speaker], clients = await server.clients(1, follows=False), await server.clients(OTHERS, follows=True)
    lazy = await server.clients(int(slow), follows=True)
    for one in lazy:
        one.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.transport.pause_reading()
    began = time.monotonic()
    saying = asyncio.create_task(server.ask(speaker, op="bench.say", times=150, every_s=0.04, pad=60_000))
    gone_after = None
    while not saying.done():
        await asyncio.sleep(0.05)
        if slow and gone_after is None:
            [watcher] = await server.clients(1, follows=False)
            if (await server.ask(watcher, op="bench.figures"))["sockets"] == OTHERS + 1:
                gone_after = time.monotonic() - began
            gone([watcher])
    delays = [delay for client in clients for delay in client.delays_s]
    gone([speaker, *clients, *lazy])
    return p99_ms(delays), gone_after


async def thunder(server: Server, count: int) -> tuple[float, float]:
    """All leave and come back at once: seconds until all follow again, and the p99 of the loop's lag in ms."""
    first = await server.clients(count, follows=True)
    [watcher] = await server.clients(1, follows=False)
    await server.ask(watcher, op="bench.figures")
    gone(first)
    began = time.monotonic()
    again = await server.clients(count, follows=True)
    settled = time.monotonic() - began
    lag = (await server.ask(watcher, op="bench.figures"))["lag"]
    gone([watcher, *again])
    return settled, p99_ms(lag)


async def measure(wanted: argparse.Namespace) -> None:
    """Everything, one line each."""
    servers = {kind: Server(kind) for kind in ("tutti", "plain")}
    tutti, plain = servers.values()
    try:
        sizes = {kind: await idle(server, wanted.idle) for kind, server in servers.items()}
        print(f"idle socket          tutti {sizes['tutti'] / 1024:6.1f} KiB   plain {sizes['plain'] / 1024:6.1f} KiB")
        for server in servers.values():
            a_cpu_s, p99, came = await fan_out(server, wanted.followers, 40, 0.25)
            all_ = wanted.followers * 40
            print(f"fan-out {server.kind:12} {a_cpu_s:8.0f} deliveries a CPU second, p99 {p99:.1f} ms, {came}/{all_}")
        alone, _ = await beside_a_slow_one(tutti, slow=False)
        beside, after = await beside_a_slow_one(tutti, slow=True)
        told = "not gone" if after is None else f"gone after {after:.1f} s"
        print(f"slow client          p99 of the others {beside:.1f} ms, {alone:.1f} ms without it; {told}")
        for server in (tutti, plain):
            settled, lag = await thunder(server, wanted.reconnect)
            print(f"reconnect {server.kind:10} {wanted.reconnect} in {settled:.1f} s, loop lag p99 {lag:.1f} ms")
    finally:
        for server in servers.values():
            server.stop()


def main() -> None:
    """The command line."""
    if sys.argv[1:2] == ["serve"]:
        from bench.realtime_servers import serve

        with contextlib.suppress(KeyboardInterrupt):
            from server.even_loop import even_loop

            with asyncio.Runner(loop_factory=even_loop if sys.argv[2] == "tutti" else None) as runner:
                runner.run(serve(sys.argv[2]))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--followers", type=int, default=1000)
    parser.add_argument("--reconnect", type=int, default=2000)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
