"""A long storm of players: `python -m bench.presence_storm [events] [seed]`, 100,000 events unless told."""

from __future__ import annotations

import asyncio
import sys
import time
from random import Random

from tests.presence.storm import Storm


async def weather(events: int, seed: int) -> None:
    """Calm after each thousand, and at the end."""
    storm = Storm(Random(seed))
    for at in range(events):
        await storm.step()
        if at % 1000 == 999:
            await storm.calm_down()
    await storm.calm_down()


if __name__ == "__main__":
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    began = time.perf_counter()
    asyncio.run(weather(events, int(sys.argv[2]) if len(sys.argv) > 2 else 1))
    print(f"{events} events, everybody told the truth, in {time.perf_counter() - began:.1f} s")
