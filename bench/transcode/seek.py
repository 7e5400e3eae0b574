"""The first byte of a seek: cold, cached, by a pipe from the beginning, and after an encode of the whole."""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import tell
from bench.transcode.served import FFMPEG, TASTE_BYTES, Server, percentile, served

LENGTH_GUESS = 12_000_000
CACHED_SEEKS = 5


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


def seek(source: Path, seeks: int) -> None:
    """Cold and cached seeks, a pipe from the beginning and a whole encode in turns."""
    cold, piped, whole = [], [], []
    middle = LENGTH_GUESS // 2
    with served(source, seeks) as server:
        with busy_cores(2):
            # A server that has just started is not what is measured.
            time.sleep(5.0)
            for number in range(seeks):
                took, status = first_byte(server.port, server.target(number), middle)
                if status != 206:
                    raise SystemExit(f"a seek was answered {status}")
                cold.append(took)
                # The rest of the segment is still being made.
                time.sleep(1.0)
                if number % max(1, seeks // 3) == 0:
                    piped.append(naive(source, middle))
                    whole.append(naive(source, 1 << 60))
            busy, busy_inside = cached(server, seeks, middle)
        time.sleep(2.0)
        quiet, quiet_inside = cached(server, seeks, middle)
    print(f"{'320 kbit/s, middle of five minutes, two busy cores':54}{'p50 ms':>9}{'p95 ms':>9}")
    rows = (
        ("cold seek", cold),
        ("the same, cached", busy),
        ("the server's own CPU for a cached one", busy_inside),
        ("cached, no busy cores of ours", quiet),
        ("the server's own CPU for that", quiet_inside),
        ("pipe from the beginning", piped),
        ("whole file first", whole),
    )
    for name, values in rows:
        print(f"{name:54}{1000 * statistics.median(values):9.1f}{1000 * percentile(values, 0.95):9.1f}")
    told = {"cold seek": cold, "pipe from the beginning": piped, "whole file first": whole}
    tell("first byte from the middle, 320 kbit/s", "ms, p95", {n: 1000 * percentile(v, 0.95) for n, v in told.items()})
    cold_p95 = percentile(cold, 0.95)
    to_pipe, to_whole = cold_p95 / statistics.median(piped), cold_p95 / statistics.median(whole)
    print(f"cold seek (p95) / pipe: {to_pipe:.3f}; / whole file: {to_whole:.3f}")


def cached(server: Server, songs: int, start: int) -> tuple[list[float], list[float]]:
    """Seconds until the first byte of seeks whose segment is kept, and the server's CPU seconds for each.

    The server's processor time knows neither the scheduler's queue nor this client: it is what is the server's own.
    """
    took, inside = [], []
    for number in range(songs):
        target = server.target(number)
        for _ in range(CACHED_SEEKS):
            before = server.say("cpu")["cpu_s"]
            took.append(first_byte(server.port, target, start)[0])
            inside.append(server.say("cpu")["cpu_s"] - before)
    return took, inside


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
