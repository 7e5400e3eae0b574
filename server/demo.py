"""Fills an empty library with the demo: records it once, imports it like any folder, makes the demo accounts."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from pathlib import Path

from server.composition import Household
from server.settings import Settings
from server.terminal import Bar, ImportBar, say
from services.accounts.accounts import DEMO_DOMAIN, DEMO_PASSWORD
from services.demo.catalogue import VERSION
from services.demo.studio import record_demo

__all__ = ["DEMO_ACCOUNTS", "DEMO_PASSWORD", "fill_with_demo"]

log = logging.getLogger("tutti.server")

RECORDED = ".recorded"
DEMO_ACCOUNTS = tuple(f"{name}@{DEMO_DOMAIN}" for name in ("listener", "artist", "admin"))


async def fill_with_demo(settings: Settings, household: Household) -> bool:
    """Make sure of the demo where it belongs; whether demo accounts exist now.

    Nothing in production or when `library.demo` is off. Recorded and imported only while the library is empty, or
    holds a demo that an earlier start did not finish; a library of one's own is never mixed with it.
    """
    if settings.production or not settings.library.demo:
        return False
    folder = settings.storage.data_dir / "demo"
    if not folder.exists():
        if await household.store.audio_files.count({}, limit=1):
            return False
        say("The library is empty: Tutti composes a little music of its own ...")
    if not _is_recorded(folder):
        await _record(folder, household)
    with ImportBar() as bar:
        await household.importer.run([folder], progress=bar.show)
    await household.house.accounts.create_demo_accounts()
    return True


def _is_recorded(folder: Path) -> bool:
    # By our own mark, not by the files: whoever retags or removes a demo song has their reasons.
    try:
        return (folder / RECORDED).read_text("utf-8") == VERSION
    except FileNotFoundError:
        return False


class _Stopped(Exception):
    """Leaves the recording between two songs."""


async def _record(folder: Path, household: Household) -> None:
    stop = threading.Event()
    with Bar("Composing", "songs") as bar:

        def show(done: int, total: int, title: str) -> None:
            if stop.is_set():
                raise _Stopped
            bar.show(done, total, title)

        work = asyncio.to_thread(record_demo, folder, household.ffmpeg, workers=os.cpu_count() or 1, progress=show)
        try:
            await asyncio.shield(task := asyncio.ensure_future(work))
        except asyncio.CancelledError:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            raise
    (folder / RECORDED).write_text(VERSION, "utf-8")
