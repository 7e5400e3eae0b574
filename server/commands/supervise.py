"""`python run.py` with `server.processes` above one: keep so many processes serving, renew them on SIGHUP."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
from pathlib import Path

from tornado.netutil import bind_sockets

from server.even_loop import WAITING_TO_BE_LET_IN
from server.observe import set_up_logging
from server.settings import Settings
from server.signals import stop_on_signals
from server.supervisor import CannotStart, Supervisor, command
from server.terminal import fail
from server.welcome import welcome

log = logging.getLogger("tutti.supervisor")
PROGRAM = Path(__file__).parent.parent.parent / "run.py"
SHIPPED = PROGRAM.with_name("config.yaml")


async def supervise(settings: Settings, asked: argparse.Namespace) -> int:
    """Start, tell where to go, wait for SIGTERM or SIGINT, drain, stop.

    SIGHUP renews the processes one after another: they read settings and program anew. The number of processes, the
    address and the port stay as they were.
    """
    set_up_logging(settings.server.log_format, settings.server.log_level)
    stop = asyncio.Event()
    stop_on_signals(stop)
    wanted = settings.server
    try:
        listening = bind_sockets(wanted.port, wanted.host or None, backlog=WAITING_TO_BE_LET_IN)
    except OSError as fault:
        return fail(f"Tutti cannot start: {fault.strerror or fault} ({wanted.host}:{wanted.port})")
    words = command(str(PROGRAM), str(getattr(asked, "config", SHIPPED)))
    supervisor = Supervisor(words, listening, wanted.processes, drain_s=wanted.drain_seconds)
    renewals: set[asyncio.Task[None]] = set()

    def renew() -> None:
        task = asyncio.create_task(supervisor.renew(), name="renewal")
        renewals.add(task)
        task.add_done_callback(renewals.discard)

    try:
        starting = asyncio.create_task(supervisor.start(), name="start")
        waiting = asyncio.create_task(stop.wait(), name="signal")
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            try:
                starting.result()
            except CannotStart as fault:
                return fault.code if fault.code > 0 else 1
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, renew)
            port: int = listening[0].getsockname()[1]
            log.info("processes serve", extra={"pids": supervisor.pids})
            welcome(wanted.host, port)
            await waiting
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        log.info("stopping", extra={"grace_s": wanted.drain_seconds})
    finally:
        for task in renewals:
            task.cancel()
        await asyncio.gather(*renewals, return_exceptions=True)
        # Whoever knocks from here on is told at once that nobody is there.
        for each in listening:
            with contextlib.suppress(OSError):
                each.close()
        await supervisor.stop()
    log.info("stopped")
    return 0
