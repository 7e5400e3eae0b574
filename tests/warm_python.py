"""A Python that has read the whole product: its children begin in a twentieth of a second instead of one and a half.

Owns one process that reads everything once and runs nothing. A child is a fork of it that runs a script just as
`python script words` would, with its own environment, folder and standard files, and its own end. It is not told the
interpreter's own settings (PYTHON…): who tests those, or the start itself, starts a cold one.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

ROOT = Path(__file__).parent.parent
RUN = ROOT / "run.py"
READER = Path(__file__).parent / "warm_reader.py"


class WarmChild:
    """A running child: what tests want of `subprocess.Popen`. `stdout` is what it writes there, with `pipe`."""

    def __init__(self, report: socket.socket, stdout: IO[str] | None) -> None:
        self._report = report
        self.stdout = stdout
        self.returncode: int | None = None
        self.pid = self._heard(None)

    def poll(self) -> int | None:
        """Its exit code, negative a signal; None while it runs."""
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self._end(self._heard(None))
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it has ended. TimeoutExpired, and it runs on."""
        if self.returncode is None:
            self._end(self._heard(timeout))
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Make an end of it."""
        self.send_signal(signal.SIGKILL)

    def _heard(self, timeout: float | None) -> int:
        self._report.settimeout(timeout)
        try:
            told = self._report.recv(4, socket.MSG_WAITALL)
        except TimeoutError:
            raise subprocess.TimeoutExpired("a warm child", timeout or 0) from None
        assert len(told) == 4, "the warm Python is gone"
        return int.from_bytes(told, "big", signed=True)

    def _end(self, code: int) -> None:
        self._report.close()
        self.returncode = code


class WarmPython:
    """The process that has read everything. One for each process of tests, made by `warm_python`."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(READER), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )

    def start(
        self,
        script: Path,
        *words: str | bytes,
        env: Mapping[str, str],
        stdin: IO[Any] | None = None,
        stdout: IO[Any] | None = None,
        stderr: IO[Any] | None = None,
        pipe: bool = False,
        reads: Sequence[str] = (),
    ) -> WarmChild:
        """Run `python script words`. `reads` names modules to have read besides the product's."""
        asked = {"words": [str(script), *map(os.fsdecode, words)], "env": dict(env), "reads": reads}
        text = json.dumps(asked).encode()
        ours, report = socket.socketpair()
        told: IO[str] | None = None
        with contextlib.ExitStack() as given:
            given.enter_context(report)
            if pipe:
                end, beginning = os.pipe()
                told, stdout = os.fdopen(end), given.enter_context(os.fdopen(beginning, "wb"))
            stdin = stdin or given.enter_context(open(os.devnull, "rb"))
            files = [stdin.fileno(), stdout.fileno() if stdout else 1, stderr.fileno() if stderr else 2]
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [*files, report.fileno()]))]
            self._control.sendmsg([len(text).to_bytes(4, "big")], rights)
            self._control.sendall(text)
        return WarmChild(ours, told)

    def run(
        self, script: Path, *words: str | bytes, env: Mapping[str, str], stdin: str = "", reads: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a script to its end, which comes within a minute."""
        with TemporaryFile("w+") as given, TemporaryFile("w+") as out, TemporaryFile("w+", errors="replace") as err:
            given.write(stdin)
            given.seek(0)
            child = self.start(script, *words, env=env, stdin=given, stdout=out, stderr=err, reads=reads)
            try:
                code = child.wait(60)
            finally:
                child.kill()
                child.wait()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess([str(script), *words], code, out.read(), err.read())

    def close(self) -> None:
        """It ends; its children run on."""
        self._control.close()
        self._process.wait()


@cache
def warm_python() -> WarmPython:
    """This process's own."""
    made = WarmPython()
    atexit.register(made.close)
    return made
