"""A child process for test_killed: queues one song after the other, four at a time, and says each that was answered.

Usage: killed_queue.py FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from server.composition import open_household
from server.config import load_settings
from services.connect.asked import Guard
from services.viewer import Viewer


async def main(folder: Path) -> None:
    settings = load_settings(None, {"TUTTI_STORAGE_DATA_DIR": str(folder / "data"), "TUTTI_LIBRARY_DEMO": "false"})
    async with open_household(settings) as household:

        async def work(lane: int) -> None:
            for number in range(lane, 1500, 4):
                await household.house.queues.add(Viewer("ann"), ["song"], guard=Guard(None, f"op{number}"))
                print(f"op{number}", flush=True)

        await asyncio.gather(*(work(lane) for lane in range(4)))


asyncio.run(main(Path(sys.argv[1])))
