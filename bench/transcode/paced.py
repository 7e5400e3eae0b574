"""Thousands of listeners at the pace of the sound, on this server and on Tornado's StaticFileHandler."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.stream_servers import cpu_seconds, start_python
from bench.transcode.served import ROOT, Server, served
from bench.transcode_server import LISTENERS


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
