"""What runs in the process of `tests/warm_python.py`: reads the product, then forks a child for each request.

Usage: warm_reader.py FILENO, of a socket that requests come over. Its end is this process's end.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import threading
from typing import Any


def read_everything() -> None:
    """Every module a server or a command uses, and the schema, which is the same in each."""
    import server.app
    import server.commands
    from graph.build import build_schema

    for found in pkgutil.iter_modules(server.commands.__path__):
        importlib.import_module(f"server.commands.{found.name}")
    build_schema()


def words_asked_for(control: socket.socket) -> list[str] | None:
    """In the process that was started: None at its end. In each child: the script and its words."""
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    reports: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([control, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            tell_of_ends(reports)
        if control in ready:
            length, files, _, _ = socket.recv_fds(control, 4, 4)
            if not length:
                return None
            asked = json.loads(control.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL))
            for name in asked["reads"]:
                importlib.import_module(name)
            gc.freeze()
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                become(asked, files[:3])
                for each in (control, woken, wake, *reports.values()):
                    each.detach()
                return list(asked["words"])
            for each in files[:3]:
                os.close(each)
            reports[pid] = socket.socket(fileno=files[3])
            reports[pid].sendall(pid.to_bytes(4, "big"))


def tell_of_ends(reports: dict[int, socket.socket]) -> None:
    """Send the exit code of each child that has ended to whoever asked for it."""
    for pid in list(reports):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            with reports.pop(pid) as report:
                report.sendall(code.to_bytes(4, "big", signed=True))


def become(asked: dict[str, Any], files: list[int]) -> None:
    """Take the standard files and the environment that were asked for; all else that is open stays behind."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, 4096)
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(asked["env"])


def main() -> None:
    """Serve requests; in a child, run the script as the interpreter would."""
    del sys.path[0]  # this folder, whose rooms are named as the product's are
    with socket.socket(fileno=int(sys.argv[1])) as control:
        read_everything()
        gc.collect()
        assert threading.active_count() == 1, "a fork would leave the other threads behind"
        words = words_asked_for(control)
    if words is not None:
        sys.argv = words
        sys.path.insert(0, os.path.dirname(os.path.abspath(words[0])))
        try:
            runpy.run_path(words[0], run_name="__main__")
        except SystemExit as end:
            if not isinstance(end.code, int | None):
                raise
            leave(end.code or 0)
        leave(0)


def leave(code: int) -> None:
    """As the interpreter ends, but for taking a thousand modules apart."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
