"""A child process for test_killed: prepares downloads and kills itself right after so many new sums were written.

Usage: killed_preparing.py FOLDER COUNT
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from server.composition import open_household
from tests.downloads.test_killed import settings_of


async def main(folder: Path, count: int) -> None:
    async with open_household(settings_of(folder)) as household:
        # What a process before this one claimed.
        await household.store.downloads.update({}, {"$set": {"due_at": household.house.clock.now()}}, many=True)
        sums = household.store.rendition_sums
        plain, written = sums.insert, 0

        async def fatal(record: Any) -> None:
            nonlocal written
            await plain(record)
            written += 1
            if written == count:
                os.kill(os.getpid(), signal.SIGKILL)

        sums.insert = fatal  # type: ignore[method-assign]
        await household.house.download_preparing.start()
        await asyncio.sleep(60)


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
