"""A MongoDB-protocol server for tests: `mongod` from PATH where there is one, else FerretDB built through Go.

The build is kept in `.services/`; it takes about a minute the first time and needs Go and its module proxy. The
server gets a folder and a port of its own on 127.0.0.1 and is stopped by its process id.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymongo
import pymongo.errors

from tests.services.exercised import missing

VERSION = "v1.24.0"
MODULE = "github.com/FerretDB/FerretDB"
SERVICES = Path(__file__).resolve().parents[2] / ".services"
GO_PLACES = ("/usr/local/go/bin", "/usr/lib/go/bin", "/opt/go/bin")


class NoServer(Exception):
    """Neither mongod nor a way to build FerretDB; says what is missing."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    uri: str
    product: str


def built_ferretdb() -> Path:
    """The FerretDB program, built if this checkout has none yet."""
    program = SERVICES / f"ferretdb-{VERSION}" / "ferretdb"
    SERVICES.mkdir(exist_ok=True)
    with (SERVICES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _build(program)
    return program


def _build(program: Path) -> None:
    go = _go_program()
    if go is None:
        raise NoServer("no Go to build FerretDB with")
    with tempfile.TemporaryDirectory(dir=SERVICES) as folder:
        workspace = Path(folder)
        (workspace / "go.mod").write_text(f"module services\n\ngo 1.22\n\nrequire {MODULE} {VERSION}\n")
        _go(go, workspace, "mod", "download", f"{MODULE}@{VERSION}")
        where = _go(go, workspace, "list", "-m", "-f", "{{.Dir}}", MODULE)
        source = workspace / "source"
        shutil.copytree(where.strip(), source)
        for path in [source, *source.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
        # A build from the module alone lacks the file that tells the program its version, and it will not start.
        (source / "build" / "version" / "version.txt").write_text(VERSION)
        _go(go, source, "build", "-tags", "ferretdb_no_postgresql", "-o", str(workspace / "ferretdb"), "./cmd/ferretdb")
        program.parent.mkdir(exist_ok=True)
        (workspace / "ferretdb").rename(program)


def _go_program() -> str | None:
    return shutil.which("go") or shutil.which("go", path=os.pathsep.join(GO_PLACES))


def _go(go: str, folder: Path, *arguments: str) -> str:
    done = subprocess.run([go, *arguments], cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise NoServer(f"go {arguments[0]} failed: {done.stderr.strip()[-400:]}")
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """A server of its own while the block lasts; the test is skipped, and says so, where none can be had."""
    if shutil.which("mongod") is None and _go_program() is None:
        missing("MongoDB", "install mongod, or Go, with which FerretDB is built")
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        mongod = shutil.which("mongod")
        if mongod is not None:
            command = [mongod, "--dbpath", folder, "--port", str(port), "--bind_ip", "127.0.0.1", "--quiet"]
        else:
            command = [
                str(built_ferretdb()),
                "--handler=sqlite",
                f"--listen-addr=127.0.0.1:{port}",
                f"--sqlite-url=file:{folder}/",
                f"--state-dir={folder}",
                "--debug-addr=-",
                "--telemetry=disable",
                "--log-level=ERROR",
            ]
        with (Path(folder) / "server.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            uri = f"mongodb://127.0.0.1:{port}/"
            yield Server(uri, _wait_for(uri, process, Path(folder) / "server.log"))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(uri: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """Product and version, once it answers."""
    deadline = time.monotonic() + 30
    with pymongo.MongoClient(uri, serverSelectionTimeoutMS=500) as client:
        while True:
            try:
                info = client.admin.command("buildInfo")
                break
            except pymongo.errors.PyMongoError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NoServer(f"the server did not start: {log.read_text()[-400:]}") from error
    ferret = info.get("ferretdbVersion")
    return f"FerretDB {ferret}" if ferret else f"MongoDB {info['version']}"
