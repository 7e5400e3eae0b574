"""The long form of tests/realtime/player/test_mutated_frames.py: `python -m bench.mutated_frames [SEED] [FRAMES]`.

Tells how often each error and close code came; ends badly when anything reached the log or a socket died unexplained.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from tests.realtime.player.street import open_street
from tests.realtime.player.test_mutated_frames import FREE, QUICK, attack


class Loud(logging.Handler):
    """Counts what is worse than news."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(self.format(record))


async def run(seed: int, frames: int) -> None:
    """One house, one attacker."""
    loud = Loud()
    logging.getLogger().addHandler(loud)
    with tempfile.TemporaryDirectory() as folder:
        async with open_street(Path(folder), limits=QUICK, crowd=FREE) as street:
            ann = await street.rig.sign_in("ann")
            codes = await attack(street, ann, seed=seed, messages=frames, texts=frames // 4)
    for code, count in sorted(codes.items(), key=lambda pair: -pair[1]):
        print(f"{count:8} {code}")
    print(f"{len(loud.lines)} lines in the log")
    if loud.lines:
        raise SystemExit("\n".join(loud.lines[:5]))


if __name__ == "__main__":
    asyncio.run(run(*(int(word) for word in (sys.argv[1:] + ["1", "20000"][len(sys.argv) - 1 :]))))
