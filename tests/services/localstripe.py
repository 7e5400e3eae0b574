"""Two stand-ins for Stripe that others wrote: `localstripe` from PyPI, which remembers, and Stripe's own `stripe-mock`,
which remembers nothing but takes only what Stripe's description of its API allows.

Both are kept in `.services/`; the second is built with Go. Each gets a port of its own on 127.0.0.1 and is stopped by
its process id.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.services.exercised import missing
from tests.services.ferretdb import SERVICES, NoServer, _go_program
from tests.services.loopback_server import LoopbackServer, free_port

LOCALSTRIPE = "1.15.10"
STRIPE_MOCK = "0.203.0"
# Its own way to start listens to every network.
_SERVE = "import sys; from aiohttp import web; from localstripe.server import app; web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"  # fmt: skip # noqa: E501


def carried_localstripe() -> Path:
    """The folder it lies in with what it needs, brought if this checkout has none yet."""
    place = SERVICES / f"localstripe-{LOCALSTRIPE}"
    SERVICES.mkdir(exist_ok=True)
    with (SERVICES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=SERVICES) as folder:
                target = Path(folder) / "carried"
                pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", target]
                _done([*pip, f"localstripe=={LOCALSTRIPE}"], 300)
                target.rename(place)
    return place


def built_stripe_mock() -> Path:
    """The program, built if this checkout has none yet."""
    program = SERVICES / f"stripe-mock-{STRIPE_MOCK}" / "stripe-mock"
    SERVICES.mkdir(exist_ok=True)
    with (SERVICES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            go = _go_program()
            if go is None:
                raise NoServer("no Go to build stripe-mock with")
            with tempfile.TemporaryDirectory(dir=SERVICES) as folder:
                environ = {**os.environ, "GOBIN": folder, "CGO_ENABLED": "0"}
                _done([go, "install", f"github.com/stripe/stripe-mock@v{STRIPE_MOCK}"], 900, environ)
                program.parent.mkdir(exist_ok=True)
                (Path(folder) / "stripe-mock").rename(program)
    return program


def _done(command: list[str | Path], seconds: float, environ: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode:
        raise NoServer(f"{command[1]} failed: {done.stderr.strip()[-400:]}")


class StripeServer(LoopbackServer):
    """One of the two, on a port of its own."""

    def __init__(self, name: str, folder: Path, command: list[str | Path], environ: dict[str, str]) -> None:
        super().__init__(name, folder)
        self.port = free_port()
        self._command = [str(word).replace("PORT", str(self.port)) for word in command]
        self._environ = environ

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once it answers."""
        self._run(self._command, self._environ)
        self._wait_for(self._answers, seconds=60)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/v1/customers", timeout=1)
        except urllib.error.HTTPError:
            return True  # it wants a key, so it is there
        except OSError:
            return False
        return True


@contextlib.contextmanager
def running_localstripe(folder: Path) -> Iterator[StripeServer]:
    """The server that remembers. Skips, and says so, where it is not to be had."""
    try:
        carried = carried_localstripe()
        environ = {"PYTHONPATH": str(carried), "PATH": os.environ["PATH"], "HOME": str(folder)}
        server = StripeServer("localstripe", folder, [sys.executable, "-c", _SERVE, "PORT"], environ)
        server.start()
    except NoServer as error:
        missing("localstripe", str(error))
    try:
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def running_stripe_mock(folder: Path) -> Iterator[StripeServer]:
    """The server that checks shapes. Skips, and says so, where it is not to be had."""
    try:
        found = shutil.which("stripe-mock")
        program = Path(found) if found else built_stripe_mock()
        words: list[str | Path] = [program, "-http-addr", "127.0.0.1:PORT"]
        server = StripeServer("stripe-mock", folder, words, {"PATH": os.environ["PATH"], "HOME": str(folder)})
        server.start()
    except NoServer as error:
        missing("stripe-mock", str(error))
    try:
        yield server
    finally:
        server.kill()
