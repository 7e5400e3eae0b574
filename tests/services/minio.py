"""A real S3 server for tests: `minio` from PATH where there is one, else MinIO built through Go.

The build is kept in `.services/`; it takes some minutes the first time and needs Go and its module proxy. The server
gets a folder and a port of its own on 127.0.0.1, and is stopped by its process id.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.services.exercised import missing
from tests.services.ferretdb import SERVICES, NoServer, _go_program
from tests.services.loopback_server import LoopbackServer, free_port

STAMP = "20260212201848"
MODULE = f"github.com/minio/minio@v0.0.0-{STAMP}-7aac2a2c5b7c"
ACCESS, SECRET = "tutti-tests", "a-secret-that-no-log-may-show"
BUCKET = "tutti"


def built_minio() -> Path:
    """The MinIO program, built if this checkout has none yet."""
    program = SERVICES / f"minio-{STAMP}" / "minio"
    SERVICES.mkdir(exist_ok=True)
    with (SERVICES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            go = _go_program()
            if go is None:
                raise NoServer("no Go to build MinIO with")
            with tempfile.TemporaryDirectory(dir=SERVICES) as folder:
                environ = {**os.environ, "GOBIN": folder, "CGO_ENABLED": "0"}
                done = subprocess.run(
                    [go, "install", MODULE], env=environ, capture_output=True, text=True, timeout=1800, check=False
                )
                if done.returncode:
                    raise NoServer(f"go install failed: {done.stderr.strip()[-400:]}")
                program.parent.mkdir(exist_ok=True)
                (Path(folder) / "minio").rename(program)
    return program


class MinioServer(LoopbackServer):
    """`start`, `kill` and `start` again on the same port and folder."""

    def __init__(self, program: Path, folder: Path) -> None:
        super().__init__("MinIO", folder)
        self._program = program
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once it answers."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "MINIO_ROOT_USER": ACCESS,
            "MINIO_ROOT_PASSWORD": SECRET,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
        # A bucket is a folder at the top.
        (self._folder / "data" / BUCKET).mkdir(parents=True, exist_ok=True)
        command = [self._program, "server", "--quiet", "--address", f"127.0.0.1:{self.port}", self._folder / "data"]
        self._run(command, environ)
        self._wait_for(self._answers, seconds=30)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/minio/health/ready", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextlib.contextmanager
def running_minio() -> Iterator[MinioServer]:
    """A server of its own while the block lasts; the test is skipped, and says so, where none can be had."""
    found = shutil.which("minio")
    if found is None and _go_program() is None and not (SERVICES / f"minio-{STAMP}" / "minio").exists():
        missing("MinIO", "install minio, or Go, with which it is built")
    program = Path(found) if found else built_minio()
    with tempfile.TemporaryDirectory() as folder:
        server = MinioServer(program, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()
