"""A server that a test started as a program of its own: killed, held still and let go on by its process id."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.services.ferretdb import NoServer


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LoopbackServer:
    """What such servers have in common. `name` is how its log is called in `folder`."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """At once, as a power cut would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)

    def freeze(self) -> None:
        """Alive, and silent."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """As if nothing had happened."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _run(self, command: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)

    def _wait_for(self, answers: Callable[[], bool], *, seconds: float) -> None:
        """Return once it answers; NoServer with the end of its log when it ends before, or is silent for too long."""
        deadline = time.monotonic() + seconds
        while not answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise NoServer(f"{self._name} did not start: {self._log.read_text()[-400:]}")
            time.sleep(0.05)

    @property
    def _log(self) -> Path:
        return self._folder / f"{self._name}.log"
