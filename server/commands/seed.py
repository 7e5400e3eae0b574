"""`python run.py seed --scale NAME`: an empty data folder becomes a made-up library, the same each time."""

from __future__ import annotations

import argparse
from datetime import datetime

from server.composition import open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.terminal import Bar, fail, say
from services.clock import Clock
from services.errors import TuttiError
from services.seed.people import DOMAIN
from services.seed.scale import scale_named
from services.seed.seeder import PASSWORD, Seeder
from storage.engine import EngineAway


async def seed(settings: Settings, asked: argparse.Namespace) -> int:
    """Fill the store, derive what periodic jobs would, tell what there is now. 1 when it could not be done."""
    set_up_logging(settings.server.log_format, "warning")
    if settings.production:
        return fail("Nothing was made: made-up accounts share a known password, so there are none in production.")
    try:
        scale = scale_named(asked.scale)
        async with open_household(settings) as household:
            with Bar("Seeding", "rows") as bar:
                seeder = Seeder(
                    household.store,
                    scale,
                    seed=asked.seed,
                    as_of=asked.as_of or _today(),
                    progress=lambda title, done, total: bar.show(done, total, title=title),
                )
                made = await seeder.run()
            say("Making charts, counting listeners, indexing for the search ...")
            house = household.house
            await house.chart_making.make()
            await house.listeners.recount()
            await house.indexing.rebuild()
    except TuttiError as refusal:
        return fail(f"Nothing was made: {refusal.message}")
    except EngineAway as fault:
        return fail(f"The seeding stopped: {fault}. Remove what was made and begin again.")
    say(", ".join(f"{count:,} {name}" for name, count in made.items()))
    say(f"Sign in as listener1@{DOMAIN} with the password: {PASSWORD}")
    say("The songs have no sound; everything else is as in a library of this size.")
    return 0


def _today() -> datetime:
    return Clock().now().replace(hour=0, minute=0, second=0, microsecond=0)
