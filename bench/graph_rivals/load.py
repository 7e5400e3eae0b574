"""The same load for every server: a few connections, one request after the other on each, for a few seconds.

Owns a client that knows just enough of HTTP/1.1: a length or chunks, and connections that stay open.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Load:
    """What a server did."""

    answers: int
    seconds: float
    cpu_s: float
    took_s: list[float]

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor an answer."""
        return 1e6 * self.cpu_s / self.answers

    def percentile_ms(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.took_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_of(query: str, path: str = "/graphql") -> bytes:
    """A POST as browsers' clients send it."""
    body = json.dumps({"query": query}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head, await reader.readexactly(int(line.partition(b":")[2]))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return head, body


async def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of one answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await _answer(reader)
    finally:
        writer.close()


def cpu_s(pid: int) -> float:
    """What a process has used of a processor, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def load(port: int, pid: int, request: bytes, seconds: float) -> Load:
    """Ask for so long, after half a second that does not count."""
    took: list[float] = []

    async def connection(until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            writer.write(request)
            head, _ = await _answer(reader)
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"refused: {head[:200]!r}")
            took.append(time.perf_counter() - began)
        writer.close()

    async def together(seconds: float) -> float:
        began = time.perf_counter()
        await asyncio.gather(*(connection(began + seconds) for _ in range(CONNECTIONS)))
        return time.perf_counter() - began

    await together(0.5)
    took.clear()
    used = cpu_s(pid)
    lasted = await together(seconds)
    return Load(len(took), lasted, cpu_s(pid) - used, took)
