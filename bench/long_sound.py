"""How much memory a very long sound costs: a real server over one file of hours, from import to the last byte played.

    python -m bench.long_sound [--hours 8]

Prints the highest resident memory (MB) of the import, of the server and of the process that measures, with its
decoder, and each step's seconds as it ends; beside them what a short file of the same kind costs, so that the
difference is what the length costs.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
from tests.server.client import Client
from tests.server.conftest import Process

SOUND = "sine=frequency=330:beep_factor=4:sample_rate=8000"
MOST_WAITING_S = 1800
SONGS = "{ songs(limit: 2) { edges { node { id } } } }"


def peak_mb(pid: int) -> float:
    """The most memory that a process has had so far; 0 when it is gone."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def below(pid: int) -> list[int]:
    """The processes that it started, and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [child, *below(child)]
    return found


def told(step: str, began: float) -> float:
    """Says what is done and how long it took since `began`; the time now."""
    now = time.monotonic()
    print(f"{now - began:8.1f} s  {step}", flush=True)
    return now


async def costs(folder: Path, seconds: int) -> dict[str, float]:
    """Megabytes by who needed them, and the seconds that measuring took."""
    music = folder / "music"
    music.mkdir(parents=True)
    began = time.monotonic()
    made = ["-f", "lavfi", "-i", SOUND, "-t", str(seconds), "-compression_level", "0", str(music / "Long.flac")]
    Ffmpeg(find_ffmpeg(None)).run(made, timeout_s=1800)
    began = told(f"{seconds} s of sound made", began)
    # The tests' servers measure nothing in the background.
    server = Process(folder / "data", {"TUTTI_ANALYSIS_WORKERS": "1", "TUTTI_ANALYSIS_BACKGROUND": "true"})
    importing = await asyncio.create_subprocess_exec(
        sys.executable, "run.py", "import", str(music), env=server.environ, stdout=subprocess.DEVNULL
    )
    found = {"import": 0.0, "server": 0.0, "measuring": 0.0}
    while importing.returncode is None:
        found["import"] = max(found["import"], peak_mb(importing.pid))
        await asyncio.sleep(0.02)
    assert importing.returncode == 0, "the import failed"
    began = told("imported", began)
    server.start()
    assert server.child is not None
    try:
        client = Client(server.base)
        await client.register("listener")
        began, ends = time.monotonic(), time.monotonic() + MOST_WAITING_S
        while not re.search(r"^tutti_sounds_measured 1", (await client.fetch("/metrics")).body.decode(), re.MULTILINE):
            assert time.monotonic() < ends, "the sound was not measured"
            helpers = sum(peak_mb(pid) for pid in below(server.child.pid))
            found["measuring"] = max(found["measuring"], helpers)
            await asyncio.sleep(0.2)
        found["measuring seconds"] = time.monotonic() - began
        began = told("measured", began)
        [edge] = (await client.get(SONGS))["songs"]["edges"]
        song = edge["node"]["id"]
        answer = await client.fetch(f"/waveform/{song}?points=1000")
        assert answer.code == 200, answer.body
        for words in ("format=mp3&quality=low", "format=opus&quality=high", "format=flac&quality=lossless"):
            head = await client.fetch(f"/stream/{song}?{words}", method="HEAD")
            size = int(head.headers["Content-Length"])
            for start in range(0, size, max(1, size // 20)):
                ranged = {"Range": f"bytes={start}-{start + 65_535}"}
                assert (await client.fetch(f"/stream/{song}?{words}", headers=ranged)).code == 206
            began = told(f"entered at 20 places, {words}", began)
        size, piece = (music / "Long.flac").stat().st_size, 16 << 20
        for start in range(0, size, piece):
            ranged = {"Range": f"bytes={start}-{start + piece - 1}"}
            answer = await client.fetch(f"/stream/{song}?quality=lossless", headers=ranged)
            assert len(answer.body) == min(piece, size - start)
        began = told("played to its end as a file", began)
        found["server"] = peak_mb(server.child.pid)
    finally:
        server.stop()
    return found


async def main(hours: float) -> None:
    """Both files, side by side."""
    with tempfile.TemporaryDirectory() as folder:
        short = await costs(Path(folder) / "short", 240)
        long = await costs(Path(folder) / "long", round(hours * 3600))
    print(f"{'':20}{'4 minutes':>12}{f'{hours:g} hours':>12}")
    for name in long:
        unit = "" if "seconds" in name else " MB"
        print(f"{name + unit:20}{short[name]:12.0f}{long[name]:12.0f}")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--hours", type=float, default=8.0)
    asyncio.run(main(asked.parse_args().hours))
