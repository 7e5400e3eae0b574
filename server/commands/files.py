"""`python run.py files verify` and `files move`: kept files held against their records, or brought to another store."""

from __future__ import annotations

import argparse

from server.composition import open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.stores import make_files
from server.terminal import Bar, fail, say
from services.errors import TuttiError
from services.files.moving import Moving
from services.files.verifying import Verifying
from services.steady_files import steady_files
from services.uploads.moved import note_place
from storage.engine import EngineAway


async def files(settings: Settings, asked: argparse.Namespace) -> int:
    """Do what the second word says. 1 when something is wrong, or could not be done."""
    set_up_logging(settings.server.log_format, "error")
    try:
        if asked.work == "verify":
            return await _verify(settings, repair=asked.repair, quick=asked.quick)
        return await _move(settings, asked.to)
    except (TuttiError, EngineAway) as fault:
        return fail(f"The files were not {'verified' if asked.work == 'verify' else 'moved'}: {fault}")


async def _verify(settings: Settings, *, repair: bool, quick: bool) -> int:
    async with open_household(settings) as household:
        house = household.house
        verifying = Verifying(
            household.store, household.files, household.folder, household.ffmpeg, house.clock, house.bus
        )
        with Bar("Verifying", "files") as bar:
            found = await verifying.verify(repair=repair, quick=quick, progress=bar.show)
    for line in found.lines():
        say(line)
    return 0 if found.are_well else 1


async def _move(settings: Settings, to: str) -> int:
    if not settings.files.s3.bucket:
        return fail("files.s3.bucket must be set first: the settings of the object store are needed for both ways.")
    source = steady_files(make_files(settings, "local" if to == "s3" else "s3"))
    target = steady_files(make_files(settings, to))
    async with open_household(settings) as household:
        try:
            for each in (source, target):
                await each.start()
                await each.ping()
            if to == "local":
                note_place(household.folder)
            moving = Moving(household.store, source, target, household.folder, household.house.clock)
            with Bar("Moving", "files") as bar:
                moved = await moving.move(bar.show)
        finally:
            await source.stop()
            await target.stop()
    say(f"{moved.copied} files copied ({moved.copied_bytes / 1e6:.0f} MB), {moved.already_there} were there already.")
    say(f"{moved.switched} songs are read from the new place.")
    if settings.files.backend != to:
        say(f"Now set files.backend: {to} and restart; then run this once more for what was sent in meanwhile.")
    say("The old copies are left where they were.")
    return 0
