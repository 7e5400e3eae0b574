"""A whole server with cold songs in a process of its own, and the recording that all its songs are."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.transcode_server import RATE, SECONDS
from services.audio.ffmpeg import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent.parent
FFMPEG = str(find_ffmpeg(None))
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
        """Tell it `begin`, `tell` or `cpu`; its figures."""
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


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
