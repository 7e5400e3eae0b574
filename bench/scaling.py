"""What a second and a fourth process bring, and what a thousand listeners cost.

One house of 5,000 songs is served by one, two and four processes over SQLite and Redis, copies of one folder side by
side, and asked in turns: GraphQL of a person who is signed in (nothing is answered from memory for all), and ranges of
64 KB. Printed for each: requests a second, the processor's milliseconds for one, and the memory of all its processes
(PSS). The load comes from this process, so with as many cores as servers it takes a core's worth away.

Then a thousand listeners take a song at its own pace from one process, and from Tornado's StaticFileHandler: how much
of a core, how many megabytes, and who ran dry.

`python -m bench.scaling [--seconds 4] [--rounds 3] [--listeners 1000]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import tell
from bench.graphql import KEPT, opened
from bench.stream_servers import cpu_seconds, start_python
from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tests.faults.killing.house import SETTINGS
from tests.server.client import PASSWORD, Client
from tests.server.conftest import Process
from tests.services.redis_server import RedisServer

PROCESSES = (1, 2, 4)
CONNECTIONS = 16
RANGE = 65_536
TITLE, SONG_S = "A long noise", 150
ALBUMS = """query Albums($first: Int) { albums(first: $first) { edges { node {
  id title artist { name } songs { id title durationMs } } } } }"""
LATEST = "{ songs(first: 1, orderBy: RECENTLY_ADDED) { edges { node { title audioUrl } } } }"


@dataclass
class Served:
    """One house, by so many processes; what it did in each round."""

    processes: int
    process: Process
    token: str = ""
    target: str = ""
    length: int = 0
    per_second: dict[str, list[float]] = field(default_factory=dict)
    cost_ms: dict[str, list[float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it is printed."""
        return f"{self.processes} process{'es' if self.processes > 1 else ''}"

    @property
    def pids(self) -> list[int]:
        """Of those who serve, and their supervisor's."""
        assert self.process.child is not None
        pid = self.process.child.pid
        if self.processes == 1:
            return [pid]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    @property
    def memory_mb(self) -> float:
        """Of all its processes, what they share counted once."""
        return sum(_pss_kb(pid) for pid in self.pids) / 1024


def _pss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Asker:
    """One kept-alive connection that sends one request after another and takes whole answers."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered = 0
        self._requests = requests
        self._head = b""
        self._missing = -1
        self._ask()
        self.socket.setblocking(False)

    def hear(self, waste: memoryview) -> None:
        """Take what has come; ask again when it was all. SystemExit for any answer but a good one."""
        try:
            if self._missing < 0:
                self._head += self.socket.recv(65_536)
                end = self._head.find(b"\r\n\r\n")
                if end < 0:
                    return
                if not self._head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 206")) or b'"errors"' in self._head:
                    raise SystemExit(f"unexpected answer: {self._head[:400]!r}")
                lines = self._head[:end].lower().split(b"\r\n")
                length = next(int(line[16:]) for line in lines if line.startswith(b"content-length: "))
                self._missing = length - (len(self._head) - end - 4)
            while self._missing:
                got = self.socket.recv_into(waste, min(self._missing, len(waste)), socket.MSG_TRUNC)
                if not got:
                    raise SystemExit("closed early")
                self._missing -= got
        except BlockingIOError:
            return
        self.answered += 1
        self._ask()

    def _ask(self) -> None:
        self._head, self._missing = b"", -1
        self.socket.send(self._requests[self.answered % len(self._requests)])


def load(served: Served, requests: list[bytes], seconds: float) -> tuple[int, float]:
    """How many requests were answered in how many seconds, by connections that ask all the time."""
    waste = memoryview(bytearray(1 << 18))
    askers = [Asker(served.process.port, requests) for _ in range(CONNECTIONS)]
    by_fd = {asker.socket.fileno(): asker for asker in askers}
    poll = select.epoll()
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    began = time.perf_counter()
    while time.perf_counter() < began + seconds:
        for fd, _ in poll.poll(1):
            by_fd[fd].hear(waste)
    took = time.perf_counter() - began
    poll.close()
    for asker in askers:
        asker.socket.close()
    return sum(asker.answered for asker in askers), took


def requests_of(served: Served) -> dict[str, list[bytes]]:
    """What is asked of a house, by name."""
    head = f"Host: bench\r\nAuthorization: Bearer {served.token}\r\n"
    asked = []
    for first in range(5, 21):
        body = json.dumps({"query": ALBUMS, "variables": {"first": first}}).encode()
        lines = f"POST /graphql HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        asked.append(lines.encode() + body)
    starts = range(0, served.length - RANGE, (served.length - RANGE) // 64)
    ranges = [
        f"GET {served.target} HTTP/1.1\r\nHost: bench\r\nRange: bytes={start}-{start + RANGE - 1}\r\n\r\n".encode()
        for start in starts
    ]
    return {"GraphQL": asked, "ranges of 64 KB": ranges}


async def prepare(folder: Path, redis_url: str) -> list[Served]:
    """The houses, serving: each its own copy of one made library, with one long song that can be played."""
    async with opened("small"):
        pass
    music = folder / "music"
    music.mkdir()
    words = ["-v", "error", "-f", "lavfi", "-i", f"anoisesrc=sample_rate=44100:amplitude=0.8:duration={SONG_S}"]
    words += ["-ac", "2", "-metadata", f"title={TITLE}", "-metadata", "artist=The Days", "-metadata", "album=Noise"]
    Ffmpeg(find_ffmpeg(None)).run([*words, str(music / "noise.flac")], timeout_s=120)
    first = folder / "1" / "data"
    shutil.copytree(KEPT / "small", first)
    settings = SETTINGS | {"TUTTI_ANALYSIS_BACKGROUND": "false"}
    making = Process(first, settings, as_shipped=True)
    for told in (
        making.command("import", str(music)),
        making.command("create-admin", "--email", "admin@example.com", "--username", "admin", "--password-stdin",
                       stdin=f"{PASSWORD}\n"),
        # Sound as it is in the file: nothing is measured of encoding it.
        making.command("set-tier", "admin", "premium"),
    ):  # fmt: skip
        if told.returncode:
            raise SystemExit(told.stderr)
    houses = []
    for number, processes in enumerate(PROCESSES):
        data = folder / str(processes) / "data"
        if not data.exists():
            shutil.copytree(first, data)
        own = {"TUTTI_REALTIME_REDIS_URL": redis_url[:-1] + str(number), "TUTTI_SERVER_PROCESSES": str(processes)}
        houses.append(Served(processes, Process(data, settings | own, as_shipped=True)))
    return houses


async def open_house(served: Served) -> None:
    """Start it, sign in, and find where its song plays."""
    await asyncio.to_thread(served.process.start)
    log = served.process.data.parent / "server.log"
    while served.processes > 1 and '"processes serve"' not in log.read_text():  # noqa: ASYNC110 - it cannot call us
        await asyncio.sleep(0.1)
    client = Client(served.process.base)
    await client.log_in("admin")
    assert client.token is not None
    served.token = client.token
    [latest] = (await client.get(LATEST))["songs"]["edges"]
    if latest["node"]["title"] != TITLE:
        raise SystemExit(f"the latest song is {latest['node']['title']}")
    served.target = f"{latest['node']['audioUrl']}&quality=lossless"
    answer = await client.fetch(served.target, headers={"Range": "bytes=0-0"})
    served.length = int(answer.headers["Content-Range"].rsplit("/", 1)[1])


def compare(houses: list[Served], seconds: float, rounds: int) -> None:
    """Load all of them in turns; print and tell."""
    asked = {served.name: requests_of(served) for served in houses}
    for _ in range(rounds):
        for served in houses:
            for what, requests in asked[served.name].items():
                load(served, requests, 0.5)
                before = cpu_seconds(served.pids)
                count, took = load(served, requests, seconds)
                served.per_second.setdefault(what, []).append(count / took)
                served.cost_ms.setdefault(what, []).append(1000 * (cpu_seconds(served.pids) - before) / count)
    print(f"{'':18}{'':14}{'requests/s':>12}{'CPU ms each':>13}{'PSS MB':>9}")
    for what in next(iter(asked.values())):
        for served in houses:
            rate, cost = statistics.median(served.per_second[what]), statistics.median(served.cost_ms[what])
            print(f"{what:18}{served.name:14}{rate:12,.0f}{cost:13.3f}{served.memory_mb:9.0f}")
        rates = {served.name: statistics.median(served.per_second[what]) for served in reversed(houses)}
        costs = {served.name: statistics.median(served.cost_ms[what]) for served in reversed(houses)}
        tell(f"{what} by more processes", "requests/s", rates, more=True)
        tell(f"processor for {what} by more processes", "ms each", costs)
    tell("memory of more processes", "MB", {served.name: served.memory_mb for served in reversed(houses)})


def listen(port: int, target: str, length: int, listeners: int, seconds: float) -> dict[str, Any]:
    """Listeners at the pace of the sound, in a process of their own."""
    plan = {"port": port, "targets": [target], "length": length, "listeners": listeners, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, "-m", "bench.paced"], input=json.dumps(plan), capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def hear(served: Served, folder: Path, listeners: int, seconds: float) -> None:
    """A thousand listeners at our one process and at Tornado's file handler; print and tell."""
    shares, grown, dry = {}, {}, {}
    (folder / "song.flac").write_bytes(os.urandom(served.length))
    tornado = start_python("tornado", folder)
    ours = ("tutti", served.process.port, served.target, served.pids)
    try:
        for name, port, target, pids in (ours, ("tornado", tornado.port, tornado.target, tornado.pids)):
            before, memory, began = cpu_seconds(pids), sum(map(_pss_kb, pids)), time.monotonic()
            told = listen(port, target, served.length, listeners, seconds)
            shares[name] = 100 * (cpu_seconds(pids) - before) / (time.monotonic() - began) * 1000 / listeners
            grown[name] = max(0.1, (sum(map(_pss_kb, pids)) - memory) / 1024)
            dry[name] = told["dry_listeners"] + told["never_began"]
            late = told["first_byte_p95_ms"]
            print(
                f"{name:10}1,000 listeners cost {shares[name]:.1f} % of a core and {grown[name]:.0f} MB;"
                f" {dry[name]} of {listeners} ran dry; first byte p95 {late:.0f} ms"
            )
    finally:
        tornado.child.terminate()
        tornado.child.wait(timeout=10)
    tell("a thousand listeners", "% of a core", shares)
    tell("a thousand listeners, memory more than before", "MB", grown)


async def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--seconds", type=float, default=4.0)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--listeners", type=int, default=1000)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="tutti-bench-") as made:
        folder = Path(made)
        redis = RedisServer(folder)
        await redis.start()
        houses = await prepare(folder, redis.url)
        try:
            for served in houses:
                await open_house(served)
            await asyncio.to_thread(compare, houses, asked.seconds, asked.rounds)
            await asyncio.to_thread(hear, houses[0], folder, asked.listeners, 20.0)
        finally:
            for served in houses:
                if served.process.child is not None:
                    await asyncio.to_thread(served.process.stop)
            redis.kill()


if __name__ == "__main__":
    asyncio.run(main())
