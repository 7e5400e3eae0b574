"""Sees to it that a server which was told to end does: tasks that were cancelled and go on are cancelled again.

A cancellation can be lost between a driver's thread and the loop; whoever lost it would be waited for for good. Owns
how long that is borne, and says who it was.
"""

from __future__ import annotations

import asyncio
import logging

log = logging.getLogger("tutti.server")

BORNE_S = 3.0


async def insist() -> None:
    """Every few seconds cancel what was cancelled before and still runs, until cancelled itself."""
    while True:
        await asyncio.sleep(BORNE_S)
        for task in asyncio.all_tasks():
            if task.cancelling() and task is not asyncio.current_task():
                log.info("told again to end", extra={"task": task.get_name()})
                task.cancel()
