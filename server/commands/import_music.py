"""`python run.py import PATH…`: folders of music become a library, with a bar while it works and a summary after."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from server.composition import open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.signals import stop_on_signals
from server.terminal import ImportBar, fail, say
from services.errors import TuttiError
from services.library.importer import Importer
from services.library.summary import Summary
from storage.engine import EngineAway

GO_ON = "What was written stays; run it again to go on from there."


async def import_music(settings: Settings, asked: argparse.Namespace) -> int:
    """Import, tell what came of it, and with `--watch` stay. 1 when the import could not be done."""
    set_up_logging(settings.server.log_format, "warning")
    try:
        async with open_household(settings) as household:
            if asked.watch:
                await _watch(household.importer, asked.paths, asked.allow_empty)
            else:
                with ImportBar() as bar:
                    summary = await household.importer.run(
                        asked.paths, progress=bar.show, allow_empty=asked.allow_empty
                    )
                _tell(summary)
    except TuttiError as refusal:
        if isinstance(refusal.__cause__, EngineAway):
            return fail(f"The import stopped: {refusal.__cause__}. {GO_ON}")
        return fail(f"Nothing was imported: {refusal.message}")
    except OSError as fault:
        return fail(f"The import stopped: {fault.filename or 'the disk'}: {fault.strerror or fault}. {GO_ON}")
    except asyncio.CancelledError:
        say(f"Stopped. {GO_ON}")
        raise
    except EngineAway as fault:
        return fail(f"Nothing was imported: {fault}")
    return 0


async def _watch(importer: Importer, paths: list[Path], allow_empty: bool) -> None:
    """Keep up until a signal; the run in hand is finished first."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    say("Watching; Ctrl-C stops when the import in hand is done, a second one at once.")
    with ImportBar() as bar:
        await importer.watch(paths, stop=stop, on_summary=_tell, progress=bar.show, allow_empty=allow_empty)


def _tell(summary: Summary) -> None:
    for line in summary.lines():
        say(line)
