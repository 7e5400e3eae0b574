"""How fast the stream door is: ours, nginx and Tornado's StaticFileHandler with the same file in the same run.

    python bench/stream.py [--seconds 5] [--connections 8] [--profile]

Ours runs as it is served (`ours`) and without the express lane (`handler`). Prints, for ranges of 64 KB and of 1 MB,
requests a second and server CPU seconds a gigabyte (medians of five rounds in turns), and the ratios. Each server is
a process of its own on loopback; the load comes from this one, over kept-alive connections. nginx is left out, with a
word, when it is not installed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import select
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.figures import tell  # noqa: E402
from bench.stream_servers import Contestant, cpu_seconds, serve_ours, serve_tornado, start_nginx, start_python  # noqa: E402

FILE_BYTES = 32 << 20
SIZES = {"64 KB": 64 << 10, "1 MB": 1 << 20}
ROUNDS = 5


class Listener:
    """One kept-alive connection that asks for one random range after another and throws the sound away."""

    def __init__(self, contestant: Contestant, size: int, number: int, waste: memoryview) -> None:
        self.socket = socket.create_connection(("127.0.0.1", contestant.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered = 0
        self._size = size
        self._waste = waste
        self._missing = 0
        chance = random.Random(number)
        starts = [chance.randrange(0, FILE_BYTES - size) for _ in range(64)]
        head = f"GET {contestant.target} HTTP/1.1\r\nHost: bench\r\nRange: bytes="
        self._requests = [f"{head}{start}-{start + size - 1}\r\n\r\n".encode() for start in starts]
        self.ask()
        self.socket.setblocking(False)

    def ask(self) -> None:
        """Send the next request."""
        self._missing = -1
        self.socket.send(self._requests[self.answered & 63])

    def hear(self) -> None:
        """Take what has come; ask again when it was all. Sound is dropped in the kernel, uncopied (MSG_TRUNC)."""
        try:
            if self._missing < 0:
                first = self.socket.recv(2048)
                end = first.find(b"\r\n\r\n")
                if end < 0 or not first.startswith(b"HTTP/1.1 206"):
                    raise SystemExit(f"unexpected answer: {first[:300]!r}")
                self._missing = self._size - (len(first) - end - 4)
            while self._missing:
                got = self.socket.recv_into(self._waste, min(self._missing, len(self._waste)), socket.MSG_TRUNC)
                if not got:
                    raise SystemExit("closed early")
                self._missing -= got
        except BlockingIOError:
            return
        self.answered += 1
        self.ask()


def load(contestant: Contestant, size: int, seconds: float, connections: int) -> tuple[int, float]:
    """How many ranges of `size` bytes were answered in how many seconds; a wrong or short answer ends the bench."""
    waste = memoryview(bytearray(1 << 20))
    listeners = [Listener(contestant, size, number, waste) for number in range(connections)]
    by_fd = {listener.socket.fileno(): listener for listener in listeners}
    poll = select.epoll()
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    began = time.perf_counter()
    until = began + seconds
    while time.perf_counter() < until:
        for fd, _ in poll.poll(1):
            by_fd[fd].hear()
    took = time.perf_counter() - began
    poll.close()
    for listener in listeners:
        listener.socket.close()
    return sum(listener.answered for listener in listeners), took


def compare(seconds: float, connections: int, profile: bool) -> None:
    """Run all of it and print the table."""
    with tempfile.TemporaryDirectory(prefix="tutti-bench-") as made:
        directory = Path(made)
        directory.chmod(0o755)
        (directory / "song.flac").write_bytes(random.Random(1).randbytes(FILE_BYTES))
        started = [start_python(name, directory, profile=profile) for name in ("ours", "handler", "tornado")]
        nginx = start_nginx(directory)
        contestants = started + ([nginx] if nginx else [])
        rounds: dict[tuple[str, str], list[tuple[float, float]]] = {}
        try:
            # In turns, so that a busy moment of the machine falls on all of them alike.
            for _, (label, size) in itertools.product(range(ROUNDS), SIZES.items()):
                for contestant in contestants:
                    load(contestant, size, 0.1, connections)
                    before = cpu_seconds(contestant.pids)
                    count, took = load(contestant, size, seconds / ROUNDS, connections)
                    cpu = cpu_seconds(contestant.pids) - before
                    rounds.setdefault((label, contestant.name), []).append((count / took, cpu / (count * size / 1e9)))
        finally:
            for contestant in contestants:
                contestant.child.terminate()
                contestant.child.wait(timeout=10)
        results = {
            key: (statistics.median(rate for rate, _ in each), statistics.median(cost for _, cost in each))
            for key, each in rounds.items()
        }
        print(f"{'range':8}{'server':10}{'requests/s':>12}{'GB/s':>8}{'CPU s/GB':>10}")
        for (label, server), (rate, cost) in results.items():
            print(f"{label:8}{server:10}{rate:12,.0f}{rate * SIZES[label] / 1e9:8.2f}{cost:10.3f}")
        for label in SIZES:
            by_server = {server: figures for (size, server), figures in results.items() if size == label}
            tell(f"ranges of {label}", "requests/s", {name: rate for name, (rate, _) in by_server.items()}, more=True)
            tell(f"processor, ranges of {label}", "s/GB", {name: cost for name, (_, cost) in by_server.items()})
        for other in ("tornado", "nginx"):
            if ("64 KB", other) in results:
                for label in SIZES:
                    (ours, cost), (theirs, their_cost) = results[label, "ours"], results[label, other]
                    print(
                        f"ours / {other}, {label}: {ours / theirs:.2f} × requests, {cost / their_cost:.2f} × CPU a GB"
                    )


def main() -> None:
    """Compare, or be one of the compared."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=5.0)
    words.add_argument("--connections", type=int, default=8)
    words.add_argument("--profile", action="store_true", help="print where our server spent its time")
    words.add_argument("--serve", choices=("ours", "handler", "tornado"), help=argparse.SUPPRESS)
    words.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.serve is None:
        compare(min(given.seconds, 60), min(given.connections, 64), given.profile)
        return
    if given.serve == "tornado":
        serving = serve_tornado(given.directory)
    else:
        serving = serve_ours(given.directory, express=given.serve == "ours")
    if given.profile and given.serve == "ours":
        import cProfile
        import pstats

        profiler = cProfile.Profile()
        profiler.runcall(asyncio.run, serving)
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(48)
    else:
        asyncio.run(serving)


if __name__ == "__main__":
    main()
