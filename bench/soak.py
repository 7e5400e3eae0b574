"""A long day: people browse, search, listen, write, send songs in and sit in rooms, and what that does to a server.

`python -m bench.soak [--minutes 30]` starts `run.py` over a folder of its own. Prints the memory's growth from the
second third on in MB an hour, tasks and descriptors before and after, the p99 of each kind of people in the first and
the last third, and everything that went wrong, of which there should be nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from random import Random

from bench.figures import tell
from tests.faults.day.day import Day
from tests.faults.killing.house import SETTINGS, KilledHouse
from tests.server.conftest import Process


async def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--minutes", type=float, default=30.0)
    seconds = 60 * words.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "house").mkdir()
        process = Process(Path(folder) / "house" / "data", SETTINGS, as_shipped=True)
        house = KilledHouse(process, Random(1))
        day = Day(house, Path(folder))
        try:
            await asyncio.to_thread(house.make_admin)
            await house.start()
            await day.live(seconds)
            report(day, seconds)
            await house.stop()
            day.wrong += house.errors_logged()
        finally:
            house.http.close()
            if process.child is not None:
                await house.kill()
    print(f"wrong  {len(day.wrong)}: {day.wrong[:5]}")


def report(day: Day, seconds: float) -> None:
    """What the day came to."""
    first, last = day.samples[0], day.samples[-1]
    growth = day.growth_mb_an_hour(seconds / 3)
    print(f"memory {first.rss_mb:.0f} MB at first, {last.rss_mb:.0f} at last; {growth:+.1f} MB an hour after a third")
    print(f"tasks  {first.tasks} and {last.tasks}; descriptors {first.descriptors} and {last.descriptors}")
    for kind, times in sorted(day.steps.items()):
        early, late = day.p99_s(kind, 0, seconds / 3), day.p99_s(kind, 2 * seconds / 3, seconds)
        print(f"p99    {kind:10} {1000 * early:7.0f} ms, then {1000 * late:7.0f} ms; {times} steps")
        tell(
            f"a long day, {kind}",
            "ms, p99",
            {"last third": 1000 * late, "first third": 1000 * early},
            promise="as at first",
        )
    tell("a long day, memory", "MB", {"at the end": last.rss_mb, "at the beginning": first.rss_mb}, promise="flat")


if __name__ == "__main__":
    asyncio.run(main())
