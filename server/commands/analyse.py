"""`python run.py analyse [--all]`: every sound that waits is measured now, with a bar while it works."""

from __future__ import annotations

import argparse
import asyncio

from server.composition import open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.terminal import Bar, fail, say
from services.analysis.analysing import Progress, Tally
from services.errors import TuttiError
from storage.engine import EngineAway

GO_ON = "What was measured is kept; run it again to go on from there."


async def analyse(settings: Settings, asked: argparse.Namespace) -> int:
    """Measure, beside a running server or without one. 1 when it could not be done; a song that fails is only told."""
    set_up_logging(settings.server.log_format, "error")
    try:
        async with open_household(settings) as household:
            clock = household.house.clock
            begun = clock.monotonic()
            with Bar("Measuring", "sounds") as bar:

                def show(progress: Progress) -> None:
                    bar.show(progress.done, progress.total, progress.path.rpartition("/")[2])

                tally = await household.house.analysing.run(show, everything=asked.all)
            await household.house.sound_grouping.catch_up()
            _tell(tally, clock.monotonic() - begun)
    except (TuttiError, EngineAway) as fault:
        return fail(f"The analysis stopped: {fault.__cause__ or fault}. {GO_ON}")
    except OSError as fault:
        return fail(f"The analysis stopped: {fault.filename or 'the system'}: {fault.strerror or fault}. {GO_ON}")
    except asyncio.CancelledError:
        say(f"Stopped. {GO_ON}")
        raise
    return 0


def _tell(tally: Tally, took_s: float) -> None:
    if not (tally.measured or tally.failed or tally.away):
        say("Every sound is measured.")
        return
    speed = f", {tally.seconds_heard / took_s:.0f} times as fast as they play" if tally.measured else ""
    say(f"{_sounds(tally.measured)} measured in {took_s:.0f} s{speed}.")
    if tally.away:
        say(f"{_sounds(tally.away)} not there, or changed since the import: import the library again.")
    if tally.failed:
        say(f"{_sounds(tally.failed)} could not be measured and can be played all the same:")
        for path, reason in tally.failures:
            say(f"  {path}: {reason}")
        if tally.failed > len(tally.failures):
            say(f"  and {tally.failed - len(tally.failures)} more")


def _sounds(count: int) -> str:
    return "1 sound" if count == 1 else f"{count} sounds"
