"""A child process for test_killed: measures what waits and kills itself as soon as a worker is at it.

Usage: killed_measuring.py FOLDER
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from server.composition import open_household
from tests.analysis.test_killed import settings_of


async def main(folder: Path) -> None:
    async with open_household(settings_of(folder)) as household:
        analysing = household.house.analysing
        run = asyncio.create_task(analysing.run())
        while not (analysing.running and analysing.workers.pids):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        print(analysing.workers.pids[0], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        await run


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
