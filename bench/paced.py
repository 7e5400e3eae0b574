"""Listeners who take sound at the pace at which it is heard, thousands of them in one process, and their underruns.

Half of them ask for range after range as their buffer runs low, as players of long files do; half ask once for
everything and read as they play, which leaves the holding back to TCP. Run by `bench/transcode` as
`python -m bench.paced`, with what is to be played as JSON on standard input; prints one JSON line.
"""

from __future__ import annotations

import heapq
import json
import resource
import select
import socket
import sys
import time
from typing import Any

BYTES_A_SECOND = 40_000
RANGE_BYTES = 4 * BYTES_A_SECOND
LOW_BYTES = 6 * BYTES_A_SECOND
STARTS_WITH_BYTES = BYTES_A_SECOND // 2
RAMP_S = 5.0
TURN_S = 0.1


class Listener:
    """One player: what it has, what it has played, and when it ran dry."""

    def __init__(self, port: int, target: str, length: int, *, by_range: bool) -> None:
        self.socket = socket.socket()
        if not by_range:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.by_range = by_range
        self.came = 0
        self.asked_at = time.monotonic()
        self.began: float | None = None
        self.first_byte_s = 0.0
        self.underruns = 0
        self.dry = False
        self.done = False
        self._length = length
        self._head = f"GET {target} HTTP/1.1\r\nHost: bench\r\n"
        self._missing = 0
        self._heading = b""
        self._asked_up_to = 0
        self.ask()

    def ask(self) -> None:
        """For the next range, or once for all."""
        start = self._asked_up_to
        end = min(self._length, start + RANGE_BYTES) if self.by_range else self._length
        self.socket.send(f"{self._head}Range: bytes={start}-{end - 1}\r\n\r\n".encode())
        self._asked_up_to, self._missing, self._heading = end, -1, b""

    def turn(self, now: float, waste: memoryview) -> None:
        """Read what the pace allows, ask when the buffer is low, notice when it is empty."""
        played = 0 if self.began is None else int((now - self.began) * BYTES_A_SECOND)
        room = LOW_BYTES + RANGE_BYTES + played - self.came
        try:
            while room > 0 and self._missing:
                room -= self._read(now, room, waste)
        except BlockingIOError:
            pass
        if not self._missing and self._asked_up_to < self._length and self.came - played < LOW_BYTES:
            self.ask()
        if self._asked_up_to >= self._length and not self._missing:
            self.done = True
        elif self.began is None:
            if self.came >= STARTS_WITH_BYTES:
                self.began = now
        elif self.came < played:
            if not self.dry:
                self.underruns += 1
            self.dry = True
        else:
            self.dry = False

    def _read(self, now: float, room: int, waste: memoryview) -> int:
        if self._missing < 0:
            self._heading += self.socket.recv(2048)
            end = self._heading.find(b"\r\n\r\n")
            if end < 0:
                return 0
            # For all of a file StaticFileHandler says 200.
            if not self._heading.startswith((b"HTTP/1.1 206", b"HTTP/1.1 200")):
                raise SystemExit(f"unexpected answer: {self._heading[:300]!r}")
            length = next(
                int(line[16:]) for line in self._heading[:end].split(b"\r\n") if line.startswith(b"Content-Length: ")
            )
            got = len(self._heading) - end - 4
            self._missing = length - got
            self.first_byte_s = self.first_byte_s or now - self.asked_at
        else:
            got = self.socket.recv_into(waste, min(self._missing, room, len(waste)))
            if not got:
                raise SystemExit("closed early")
            self._missing -= got
        self.came += got
        return got


def listen(plan: dict[str, Any]) -> dict[str, Any]:
    """Play it all; what came of it."""
    waste = memoryview(bytearray(1 << 18))
    listeners: list[Listener] = []
    began = time.monotonic()
    until = began + plan["seconds"] + RAMP_S
    count, targets = plan["listeners"], plan["targets"]
    # Each has its own turn; a turn that comes late is our own lateness, and is told.
    turns: list[tuple[float, int]] = []
    late: list[float] = []
    while (now := time.monotonic()) < until:
        wanted = min(count, int((now - began) / RAMP_S * count) + 1)
        if len(listeners) < wanted:
            number = len(listeners)
            target = targets[number % len(targets)]
            listeners.append(Listener(plan["port"], target, plan["length"], by_range=number % 2 == 0))
            heapq.heappush(turns, (now + 0.02, number))
            continue
        due, number = turns[0]
        if due > now:
            select.select([], [], [], min(0.01, due - now))
            continue
        late.append(now - due)
        listener = listeners[number]
        if listener.done:
            heapq.heappop(turns)
            continue
        listener.turn(now, waste)
        heapq.heapreplace(turns, (now + TURN_S, number))
    first = sorted(each.first_byte_s for each in listeners)
    times = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "listeners": len(listeners),
        "dry_listeners": sum(1 for each in listeners if each.underruns),
        "underruns": sum(each.underruns for each in listeners),
        "never_began": sum(1 for each in listeners if each.began is None),
        "first_byte_p95_ms": 1000 * first[int(len(first) * 0.95)],
        "gb": sum(each.came for each in listeners) / 1e9,
        "late_p99_ms": 1000 * sorted(late)[int(len(late) * 0.99)],
        "client_cpu_s": times.ru_utime + times.ru_stime,
    }


def main() -> None:
    """Play what standard input says."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(listen(json.load(sys.stdin))), flush=True)


if __name__ == "__main__":
    main()
