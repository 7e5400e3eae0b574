"""What encoding on demand costs, each promise beside a named alternative in the same run.

    python -m bench.transcode [seek] [rush] [paced] [--requests 600] [--listeners 2000] [--seconds 60]

`seek`: the first byte of a cold 320 kbit/s seek into the middle of a five-minute FLAC while two cores are busy, and of
the same once cached, beside a pipe of ffmpeg from the beginning and an encode of the whole file. `rush`: so many cold
requests at once, each answered with sound or 429; the loop's lag and GraphQL's p95 meanwhile against those of the idle
server, beside the same server with nearly no bound. `paced`: listeners at 320 kbit/s from one process, its memory, CPU
and their underruns, beside Tornado's StaticFileHandler. Everything runs in processes of its own on loopback.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.stream import cpu_seconds, start_python
from bench.transcode_server import LISTENERS, RATE, SECONDS
from services.audio.ffmpeg import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
FFMPEG = str(find_ffmpeg(None))
SEGMENT_BYTES = 400 * 960
LENGTH_GUESS = 12_000_000
QUERY = json.dumps(
    {"query": "{ songs(first: 20) { edges { node { id title durationMs artist { name } } } } }"}
).encode()
TASTE_BYTES = 65_536


class Server:
    """`bench/transcode_server.py` in a process of its own."""

    def __init__(self, directory: Path, songs: int, encoders: int, queue: int) -> None:
        command = [sys.executable, "-m", "bench.transcode_server", str(directory), "--songs", str(songs)]
        command += ["--encoders", str(encoders), "--queue", str(queue)]
        self.child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        told = self._line()
        self.port: int = told["port"]
        self.token: str = told["token"]
        self.tickets: list[list[str]] = told["tickets"]

    def say(self, word: str) -> dict[str, Any]:
        """Tell it `begin` or `tell`; its figures."""
        assert self.child.stdin is not None
        self.child.stdin.write(word.encode() + b"\n")
        self.child.stdin.flush()
        return self._line()

    def stop(self) -> None:
        """End it and wait."""
        assert self.child.stdin is not None
        self.child.stdin.close()
        self.child.wait(timeout=60)

    def target(self, song: int, listener: int = 0, quality: str = "high", form: str = "mp3") -> str:
        """Where this listener plays that song."""
        return f"/stream/song{song}?quality={quality}&format={form}&ticket={self.tickets[listener][song]}"

    def _line(self) -> dict[str, Any]:
        assert self.child.stdout is not None
        told: dict[str, Any] = json.loads(self.child.stdout.readline())
        return told


@contextlib.contextmanager
def served(source: Path, songs: int, *, encoders: int = 2, queue: int = 64) -> Iterator[Server]:
    """A fresh server with cold songs."""
    with tempfile.TemporaryDirectory(prefix="tutti-bench-", dir=source.parent) as made:
        directory = Path(made)
        os.link(source, directory / "source.flac")
        server = Server(directory, songs, encoders, queue)
        try:
            yield server
        finally:
            server.stop()


def make_source(path: Path) -> None:
    """Five minutes of tones over noise as FLAC: about the bitrate of music."""
    tones = "0.2*sin(440*2*PI*t)+0.1*sin(1234*2*PI*t+sin(3*t))"
    heard = f"aevalsrc='{tones}|{tones}':s={RATE}:d={SECONDS}[a]"
    graph = f"{heard};anoisesrc=r={RATE}:d={SECONDS}:a=0.05:c=pink:s=1[b];[a][b]amix"
    made = ["-filter_complex", graph, "-ac", "2", "-sample_fmt", "s16", "-c:a", "flac"]
    subprocess.run([FFMPEG, "-v", "error", "-y", *made, str(path)], check=True)


def first_byte(port: int, target: str, start: int) -> tuple[float, int]:
    """Seconds until the first byte of sound from byte `start` on, and the status; on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"GET {target} HTTP/1.1\r\nHost: bench\r\nRange: bytes={start}-{start + TASTE_BYTES - 1}\r\n\r\n"
        began = time.perf_counter()
        raw.sendall(head.encode())
        came = b""
        while (end := came.find(b"\r\n\r\n")) < 0 or len(came) == end + 4:
            more = raw.recv(4096)
            if not more:
                break
            came += more
        took, left = time.perf_counter() - began, end + 4 + TASTE_BYTES - len(came)
        while left > 0 and (more := raw.recv(min(left, 1 << 16))):
            left -= len(more)
        return took, int(came[9:12])


@contextlib.contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """So many processes that compute and do nothing else."""
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: sum(range(10000))"]) for _ in range(count)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def seek(source: Path, seeks: int) -> None:
    """Cold and cached seeks, a pipe from the beginning and a whole encode in turns."""
    cold, cached, piped, whole = [], [], [], []
    middle = LENGTH_GUESS // 2
    with served(source, seeks) as server, busy_cores(2):
        for number in range(seeks):
            took, status = first_byte(server.port, server.target(number), middle)
            if status != 206:
                raise SystemExit(f"a seek was answered {status}")
            cold.append(took)
            # The rest of the segment is still being made.
            time.sleep(1.0)
            cached += [first_byte(server.port, server.target(number), middle)[0] for _ in range(5)]
            if number % max(1, seeks // 3) == 0:
                piped.append(naive(source, middle))
                whole.append(naive(source, 1 << 60))
    print(f"{'320 kbit/s, middle of five minutes, two busy cores':54}{'p50 ms':>9}{'p95 ms':>9}")
    rows = (
        ("cold seek", cold),
        ("the same, cached", cached),
        ("pipe from the beginning", piped),
        ("whole file first", whole),
    )
    for name, values in rows:
        print(f"{name:54}{1000 * statistics.median(values):9.1f}{1000 * percentile(values, 0.95):9.1f}")
    cold_p95 = percentile(cold, 0.95)
    to_pipe, to_whole = cold_p95 / statistics.median(piped), cold_p95 / statistics.median(whole)
    print(f"cold seek (p95) / pipe: {to_pipe:.3f}; / whole file: {to_whole:.3f}")


def naive(source: Path, up_to: int) -> float:
    """Seconds until a pipe of ffmpeg that begins at the beginning has given so many bytes, or all."""
    began = time.perf_counter()
    command = [FFMPEG, "-v", "error", "-threads", "1", "-i", str(source)]
    command += ["-c:a", "libmp3lame", "-b:a", "320k", "-f", "mp3", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        came = 0
        while came < up_to and (piece := child.stdout.read(TASTE_BYTES)):
            came += len(piece)
        took = time.perf_counter() - began
        child.kill()
    return took


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


def rush_on(
    server: Server, requests: int, songs: int, limit_s: float
) -> tuple[Counter[str], list[float], float, float]:
    """So many cold requests at once: how they were answered, times to the first byte, how long all took, and the most
    memory (MB) that the server and its encoders had together."""
    waiting = selectors.DefaultSelector()
    came: dict[int, bytearray] = {}
    outcomes: Counter[str] = Counter()
    times: list[float] = []
    peak = [0.0]
    over = threading.Event()
    watching = threading.Thread(target=_watch_memory, args=(server.child.pid, peak, over), name="memory", daemon=True)
    sockets = []
    for number in range(requests):
        raw = socket.create_connection(("127.0.0.1", server.port))
        sockets.append(raw)
        # Different places of different songs: nothing is shared, nothing is cached.
        song, round = number % songs, number // songs
        start = (1 + 2 * round) * SEGMENT_BYTES
        target = server.target(song, number % LISTENERS)
        raw.setblocking(False)
        came[raw.fileno()] = bytearray()
        head = f"GET {target} HTTP/1.1\r\nHost: bench\r\nRange: bytes={start}-{start + TASTE_BYTES - 1}\r\n\r\n"
        waiting.register(raw, selectors.EVENT_READ, head.encode())
    watching.start()
    began = time.perf_counter()
    for key in list(waiting.get_map().values()):
        key.fileobj.send(key.data)  # type: ignore[union-attr]
    while waiting.get_map() and time.perf_counter() - began < limit_s:
        for key, _ in waiting.select(0.1):
            raw = key.fileobj  # type: ignore[assignment]
            data = raw.recv(1 << 17)
            answer = came[key.fd]
            if not answer:
                times.append(time.perf_counter() - began)
            answer += data
            word = _outcome(bytes(answer), ended=not data)
            if word:
                outcomes[word] += 1
                waiting.unregister(raw)
    took = time.perf_counter() - began
    outcomes["unanswered"] += len(waiting.get_map())
    for raw in sockets:
        raw.close()
    over.set()
    watching.join()
    return outcomes, times, took, peak[0]


def _outcome(answer: bytes, *, ended: bool) -> str:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return "broken" if ended else ""
    head = answer[:end].decode("latin-1")
    length = next(int(line[16:]) for line in head.split("\r\n") if line.lower().startswith("content-length: "))
    if len(answer) - end - 4 < length:
        return "short" if ended else ""
    if head.startswith("HTTP/1.1 206") and length == TASTE_BYTES:
        return "sound"
    if head.startswith("HTTP/1.1 429") and "retry-after: " in head.lower():
        return "429"
    return f"unexpected {head[:12]}"


def _watch_memory(pid: int, peak: list[float], over: threading.Event) -> None:
    while not over.wait(0.1):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        total = 0
        for each in (str(pid), *children):
            with contextlib.suppress(OSError):
                total += int(Path(f"/proc/{each}/statm").read_text().split()[1])
        peak[0] = max(peak[0], total * os.sysconf("SC_PAGE_SIZE") / 1e6)


def rush(source: Path, requests: int, limit_s: float, unbounded: int) -> None:
    """Ours and the same server with nearly no bound, one after the other."""
    songs = 60
    columns = f"{'sound':>7}{'429':>6}{'other':>7}{'took s':>8}{'lag p99 ms':>12}{'max':>7}"
    columns += f"{'GraphQL p95 ms':>16}{'× idle':>8}{'memory MB':>11}"
    print(f"{f'{requests} cold requests at once':34}{columns}")
    for name, encoders, queue in (
        ("2 encoders, 64 wait", 2, 64),
        (f"{unbounded} encoders, no bound", unbounded, 100_000),
    ):
        with served(source, songs, encoders=encoders, queue=queue) as server:
            asked_for(server, 1.0)
            idle = asked_for(server, 5.0)
            server.say("begin")
            asking = Asking(server)
            asking.start()
            outcomes, _, took, memory = rush_on(server, requests, songs, limit_s)
            meanwhile = asking.end()
            told = server.say("tell")
            other = sum(outcomes.values()) - outcomes["sound"] - outcomes["429"]
            during, before = percentile(meanwhile, 0.95), percentile(idle, 0.95)
            print(
                f"{name:34}{outcomes['sound']:7}{outcomes['429']:6}{other:7}{took:8.1f}{told['lag_p99_ms']:12.1f}"
                f"{told['lag_max_ms']:7.0f}{1000 * during:16.1f}{during / before:8.2f}{memory:11.0f}"
            )
            odd = {word: count for word, count in outcomes.items() if word not in ("sound", "429") and count}
            if odd:
                print(f"  {odd}")


def paced(source: Path, listeners: int, seconds: float) -> None:
    """The listeners on our server, whose songs have all been played before, and on Tornado's StaticFileHandler."""
    songs = 4
    columns = f"{'dry':>6}{'underruns':>11}{'first byte p95 ms':>19}{'RSS MB':>8}{'CPU s/GB':>10}{'their lag ms':>14}"
    print(f"{f'{listeners} listeners, {seconds:.0f} s':24}{columns}")
    with served(source, songs) as server:
        length = 0
        for song in range(songs):
            length = warm(server, song)
        targets = [server.target(song, listener) for listener in range(LISTENERS) for song in range(songs)]
        before = server.say("begin")
        told = play(
            {"port": server.port, "targets": targets, "length": length, "listeners": listeners, "seconds": seconds}
        )
        after = server.say("tell")
        ours = (after["cpu_s"] - before["cpu_s"]) / told["gb"]
        _paced_row("ours", told, after["peak_mb"], ours)
        print(f"  loop lag p99 {after['lag_p99_ms']:.1f} ms, at most {after['lag_max_ms']:.0f} ms")
    with tempfile.TemporaryDirectory(prefix="tutti-bench-", dir=source.parent) as made:
        (Path(made) / "song.flac").write_bytes(os.urandom(length))
        tornado = start_python("tornado", Path(made))
        try:
            started = cpu_seconds(tornado.pids)
            plan = {"port": tornado.port, "targets": [tornado.target], "length": length, "listeners": listeners}
            told = play({**plan, "seconds": seconds})
            lines = Path(f"/proc/{tornado.child.pid}/status").read_text().splitlines()
            peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
            theirs = (cpu_seconds(tornado.pids) - started) / told["gb"]
            _paced_row("StaticFileHandler", told, peak, theirs)
        finally:
            tornado.child.terminate()
            tornado.child.wait(timeout=10)
    print(f"ours / tornado: {ours / theirs:.2f} × CPU a GB, {after['peak_mb'] / peak:.2f} × memory")


def _paced_row(name: str, told: dict[str, Any], rss_mb: float, cost: float) -> None:
    dry = told["dry_listeners"] + told["never_began"]
    print(
        f"{name:24}{dry:6}{told['underruns']:11}{told['first_byte_p95_ms']:19.1f}{rss_mb:8.0f}{cost:10.2f}"
        f"{told['late_p99_ms']:14.1f}"
    )


def warm(server: Server, song: int) -> int:
    """Play the song to its end at full speed; the length of its rendition."""
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(f"GET {server.target(song)} HTTP/1.1\r\nHost: bench\r\nRange: bytes=0-\r\n\r\n".encode())
        answer = raw.makefile("rb")
        length = 0
        while line := answer.readline().strip():
            if line.lower().startswith(b"content-length: "):
                length = int(line[16:])
        left = length
        while left:
            got = len(answer.read(min(1 << 16, left)))
            if not got:
                raise SystemExit("closed early")
            left -= got
        return length


def play(plan: dict[str, Any]) -> dict[str, Any]:
    """Run the listeners in a process of their own; what came of it."""
    command = [sys.executable, "-m", "bench.paced"]
    done = subprocess.run(command, input=json.dumps(plan).encode(), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> None:
    """Make the source, run the parts."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("parts", nargs="*", metavar="part", help="seek, rush, paced; all of them without")
    words.add_argument("--seeks", type=int, default=20)
    words.add_argument("--requests", type=int, default=600)
    words.add_argument("--limit", type=float, default=60.0, help="seconds after which a rush is broken off")
    words.add_argument("--unbounded", type=int, default=64, help="encoders of the server that knows nearly no bound")
    words.add_argument("--listeners", type=int, default=2000)
    words.add_argument("--seconds", type=float, default=60.0)
    given = words.parse_args()
    parts = given.parts or ["seek", "rush", "paced"]
    if unknown := set(parts) - {"seek", "rush", "paced"}:
        words.error(f"unknown: {', '.join(sorted(unknown))}")
    # Inherited by all that is started: two thousand listeners need as many descriptors.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="tutti-bench-") as made:
        source = Path(made) / "source.flac"
        make_source(source)
        if "seek" in parts:
            seek(source, given.seeks)
        if "rush" in parts:
            rush(source, given.requests, given.limit, min(given.unbounded, 128))
        if "paced" in parts:
            paced(source, given.listeners, min(given.seconds, 60.0))


if __name__ == "__main__":
    main()
