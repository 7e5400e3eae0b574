"""A real server in a process of its own, over a folder of real music that the real import read."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.audio.ffmpeg import Ffmpeg
from tests.quiet_house import QUIET
from tests.server.client import Client
from tests.server.pair import SETTINGS, Pair
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer
from tests.sound_tool import QUICK_FFMPEG
from tests.warm_python import RUN, WarmChild, warm_python

ADDRESS = re.compile(r"plays at\s+http://127\.0\.0\.1:(\d+)")
SONGS = [("Dawn", 220, 12), ("Noon", 330, 25), ("Dusk", 440, 12)]


@dataclass
class Process:
    """One `run.py` over a data folder of its own. It is a quiet one in a warm Python unless `as_shipped`."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    child: subprocess.Popen[str] | WarmChild | None = None
    port: int = 0
    as_shipped: bool = False

    @property
    def environ(self) -> dict[str, str]:
        own = {"TUTTI_STORAGE_DATA_DIR": str(self.data), "TUTTI_SERVER_PORT": "0", "TUTTI_LIBRARY_DEMO": "false"}
        if not self.as_shipped:
            own |= {f"TUTTI_{name}": value for name, value in QUIET.items()}
        return {key: value for key, value in os.environ.items() if not key.startswith("TUTTI_")} | own | self.settings

    def command(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a maintenance command to its end."""
        return warm_python().run(RUN, *words, env=self.environ, stdin=stdin)

    def start(self) -> None:
        """Serve; returns when the port is known."""
        self.log = self.data.parent / "server.log"
        with self.log.open("a") as log:
            if self.as_shipped:
                self.child = subprocess.Popen(
                    [sys.executable, str(RUN)], env=self.environ, stdout=subprocess.PIPE, stderr=log, text=True
                )
            else:
                self.child = warm_python().start(RUN, env=self.environ, stderr=log, pipe=True)
        seen = []
        for line in self.child.stdout:
            seen.append(line)
            if found := ADDRESS.search(line):
                self.port = int(found[1])
                return
        raise AssertionError("".join(seen) + self.log.read_text())

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the server and wait for its end; the exit code."""
        self.child.send_signal(number)
        code = self.child.wait(timeout=30)
        self.child.stdout.close()
        self.child = None
        return code

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def music(tmp_path_factory) -> Path:
    """Three tagged FLACs of one album."""
    folder = tmp_path_factory.mktemp("music") / "The Hours" / "One Day"
    folder.mkdir(parents=True)
    ffmpeg = Ffmpeg(Path(QUICK_FFMPEG))
    for number, (title, hertz, seconds) in enumerate(SONGS, start=1):
        source = f"aevalsrc='0.3*sin({hertz}*2*PI*t)|0.3*sin({hertz * 1.5}*2*PI*t)':s=44100:d={seconds}"
        tags = {"title": title, "artist": "The Hours", "album": "One Day", "track": str(number), "genre": "Ambient"}
        words = [part for key, value in tags.items() for part in ("-metadata", f"{key}={value}")]
        ffmpeg.run(
            ["-v", "error", "-f", "lavfi", "-i", source, *words, str(folder / f"{number:02d} {title}.flac")],
            timeout_s=60,
        )
    return folder.parent.parent


@pytest.fixture(scope="session")
def library(tmp_path_factory, music) -> Path:
    """A data folder that the music was imported into, to be copied: importing costs a second of processor."""
    process = Process(tmp_path_factory.mktemp("imported") / "data")
    done = process.command("import", str(music))
    assert done.returncode == 0, done.stderr
    return process.data


@pytest.fixture(scope="session")
def server(tmp_path_factory, library):
    """A server over the music, doing all that a server does; shared by the tests that leave it running."""
    process = Process(tmp_path_factory.mktemp("shared") / "data", as_shipped=True)
    shutil.copytree(library, process.data)
    process.start()
    yield process
    if process.child is not None:
        assert process.stop() == 0


@pytest.fixture
def own_server(tmp_path, library):
    """A server of this test's own, not yet started, its library imported."""
    process = Process(tmp_path / "data")
    shutil.copytree(library, process.data)
    yield process
    if process.child is not None:
        process.child.kill()
        process.child.wait()
        process.child.stdout.close()


@pytest.fixture
async def pair(tmp_path: Path, library: Path):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    (tmp_path / "house").mkdir()
    redis = RedisServer(tmp_path)
    await redis.start()
    settings = {"TUTTI_REALTIME_REDIS_URL": redis.url, **SETTINGS}
    processes = [Process(tmp_path / "house" / "data", dict(settings)) for _ in range(2)]
    shutil.copytree(library, processes[0].data)
    for process in processes:
        await asyncio.to_thread(process.start)
    exercised("Redis under two server processes")
    try:
        yield Pair(redis, processes)
    finally:
        for process in processes:
            if process.child is not None:
                process.child.kill()
                process.child.wait()
                process.child.stdout.close()
        redis.kill()


@pytest.fixture
async def clients(pair):
    one, two = (Client(process.base) for process in pair.processes)
    await one.register("ann")
    two.token, two.user_id = one.token, one.user_id
    return one, two
