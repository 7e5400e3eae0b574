"""The servers that the stream benchmark compares: each a process of its own on loopback.

Owns starting them and their CPU seconds. Refuses to know the load.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Contestant:
    """A server that serves the file at `target`, in the processes `pids`."""

    name: str
    port: int
    target: str
    pids: list[int]
    child: subprocess.Popen[bytes]


async def serve_ours(directory: Path, *, express: bool = True) -> None:
    """The stream handler with real tickets, deliveries and cache; the song's record comes from a dictionary."""
    from types import SimpleNamespace

    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application

    from handlers.base import Manners
    from handlers.express.lane import ExpressLane
    from handlers.stream import StreamHandler
    from services.accounts.tickets import Tickets
    from services.audio.delivery import Deliveries
    from services.audio.ffmpeg import Ffmpeg, find_ffmpeg
    from services.audio.segment_cache import SegmentCache
    from services.clock import Clock
    from services.errors import NotFound
    from services.viewer import Viewer
    from storage.records.audio_file import AudioFile
    from storage.records.song import Song

    clock = Clock()
    path = directory / "song.flac"
    status = path.stat()
    file = AudioFile("f1", str(path), status.st_size, status.st_mtime_ns, "present", clock.now(), payload_hash="h")
    file.codec, file.content_type, file.sample_rate, file.channels, file.samples = "flac", "audio/flac", 44100, 2, 1
    song = Song("song1", "Song", "song", "song", "a1", "Artist", clock.now(), clock.now(), file_id="f1")

    class Listeners:
        """Everybody's session stands."""

        async def viewer_of_session(self, user_id: str, session_id: str) -> Viewer:
            return Viewer(user_id=user_id, session_id=session_id)

    async def sources(viewer: Viewer, song_id: str) -> tuple[Song, AudioFile]:
        viewer.require("listener")
        if song_id != song.id:
            raise NotFound("No such song.")
        return song, file

    cache = SegmentCache(directory / "cache", 1 << 30, clock=clock)
    ffmpeg = Ffmpeg(find_ffmpeg(None))
    deliveries = Deliveries(clock=clock, sources=sources, ffmpeg=ffmpeg, cache=cache, encoders=2, encoder_queue=64)
    await deliveries.start()
    tickets = Tickets(b"k" * 32, clock=clock, lifetime_s=3600)
    ticket = tickets.issue(user_id="u1", session_id="s1", song_id=song.id, quality="lossless")
    house: Any = SimpleNamespace(clock=clock, deliveries=deliveries, tickets=tickets, accounts=Listeners())
    routes = [(r"/stream/([^/]+)", StreamHandler, {"house": house, "manners": Manners()})]
    application = Application(routes, log_function=lambda _: None)
    lane = ExpressLane(application, house=house, manners=Manners())
    server = HTTPServer(lane if express else application)
    lane.serve_on(server)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], f"/stream/{song.id}?quality=lossless&ticket={ticket}", flush=True)
    await until_told()
    server.stop()
    await server.close_all_connections()
    await lane.stop()
    await deliveries.stop()


async def serve_tornado(directory: Path) -> None:
    """Tornado's own StaticFileHandler."""
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from tornado.web import Application, StaticFileHandler

    routes = [(r"/(.*)", StaticFileHandler, {"path": str(directory)})]
    server = HTTPServer(Application(routes, log_function=lambda _: None))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], "/song.flac", flush=True)
    await until_told()


async def until_told() -> None:
    """Until SIGTERM or SIGINT."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


def start_python(name: str, directory: Path, *, profile: bool = False) -> Contestant:
    """One of ours in a process of its own."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("stream.py")),
        "--serve",
        name,
        "--directory",
        str(directory),
    ]
    if profile:
        command.append("--profile")
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    port, target = child.stdout.readline().decode().split()
    return Contestant(name, int(port), target, [child.pid], child)


def start_nginx(directory: Path) -> Contestant | None:
    """nginx with one worker and sendfile, on a free port."""
    binary = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if binary is None:
        print("nginx: left out, it is not installed")
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    temporary = "".join(
        f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (directory / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/error.log;"
        "events { worker_connections 256; } http { sendfile on; access_log off;"
        f"keepalive_requests 100000000; {temporary} types {{ audio/flac flac; }}"
        f"server {{ listen 127.0.0.1:{port}; root {directory}; }} }}"
    )
    child = subprocess.Popen([binary, "-p", str(directory), "-c", str(directory / "nginx.conf")])
    workers: list[int] = []
    for _ in range(100):
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, check=False)
        workers = [int(word) for word in listed.stdout.split()]
        if workers:
            break
        time.sleep(0.05)
    return Contestant("nginx", port, "/song.flac", [child.pid, *workers], child)


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of these processes until now."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS
