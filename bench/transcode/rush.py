"""So many cold requests at once: their answers, the loop's lag, GraphQL and memory meanwhile."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time
from collections import Counter
from pathlib import Path

from bench.transcode.asking import Asking, asked_for
from bench.transcode.served import TASTE_BYTES, Server, percentile, served
from bench.transcode_server import LISTENERS

SEGMENT_BYTES = 400 * 960


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
