"""`python run.py reindex`: the search index made again from the store, with a bar while it works."""

from __future__ import annotations

import argparse
import asyncio

from server.composition import open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.terminal import Bar, fail, say
from services.errors import TuttiError, Unavailable
from storage.engine import EngineAway

PATIENCE_SECONDS = 3600.0
LOOK_SECONDS = 0.5


async def reindex(settings: Settings, asked: argparse.Namespace) -> int:
    """Make the index again, here or in the server that keeps it. 1 when it could not be done."""
    del asked
    set_up_logging(settings.server.log_format, "warning")
    try:
        async with open_household(settings) as household:
            indexing = household.house.indexing
            with Bar("Indexing", "entries") as bar:
                try:
                    await indexing.rebuild(lambda done, total: bar.show(done, total))
                except Unavailable as refusal:
                    if refusal.reason != "SEARCH_ELSEWHERE":
                        raise
                    say("A server keeps the index of this data folder: it makes it again and serves on meanwhile.")
                    await indexing.wish()
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        while await indexing.wished():  # noqa: ASYNC110 - another process does it
                            await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        return fail("The server did not make the index again within an hour; its log tells why.")
    except (TuttiError, EngineAway) as fault:
        return fail(f"The index was not made again: {fault}")
    say("The search index is made again.")
    return 0
