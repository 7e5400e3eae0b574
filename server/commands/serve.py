"""`python run.py`: serve until told to stop; an empty library is filled with the demo first."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

from server.app import App
from server.composition import open_household
from server.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, fill_with_demo
from server.memory import give_back_large_blocks, settle_memory
from server.observe import set_up_logging
from server.settings import Settings
from server.siblings import Siblings
from server.signals import stop_on_signals
from server.terminal import fail, say
from server.told_settings import log_settings
from server.welcome import welcome
from services.errors import TuttiError
from storage.engine import EngineAway

log = logging.getLogger("tutti.server")


async def serve(settings: Settings, asked: argparse.Namespace) -> int:
    """Start, tell where to go, wait for SIGTERM or SIGINT, drain, stop. A second signal ends the process at once."""
    siblings = None if getattr(asked, "line", None) is None else Siblings(asked.line, asked.doors)
    give_back_large_blocks()
    set_up_logging(settings.server.log_format, settings.server.log_level)
    log_settings(settings)
    stop = asyncio.Event()
    stop_on_signals(stop)
    if siblings is not None:
        await siblings.start(stop)
    try:
        async with open_household(settings) as household:
            demo = await _unless(stop, fill_with_demo(settings, household))
            if stop.is_set():
                return 0
            app = App(settings, household, demo=bool(demo), siblings=siblings)
            try:
                port = await app.start()
                settle_memory()
                if siblings is None:
                    welcome(settings.server.host, port, DEMO_ACCOUNTS if demo else (), DEMO_PASSWORD)
                else:
                    siblings.ready()
                await stop.wait()
                log.info("stopping", extra={"grace_s": settings.server.drain_seconds})
            finally:
                await app.stop()
    except (TuttiError, EngineAway) as fault:
        return fail(f"Tutti cannot start: {fault}")
    except OSError as fault:
        where = fault.filename or f"{settings.server.host}:{settings.server.port}"
        return fail(f"Tutti cannot start: {fault.strerror or fault} ({where})")
    finally:
        if siblings is not None:
            await siblings.stop()
    log.info("stopped")
    return 0


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, Any]) -> Any:
    """The work's result; None when `stop` came first and the work was called off."""
    task = asyncio.create_task(work, name="start")
    waiter = asyncio.create_task(stop.wait(), name="signal")
    await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    if not task.done():
        say("Stopping when the work in hand is done; a second signal stops at once.")
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return None
    return task.result()
