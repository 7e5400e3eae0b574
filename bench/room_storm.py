"""The long form of `tests/rooms/test_storm.py`: 10^5 random events over many rooms, then silence, from one seed.

python -m bench.room_storm [events] [seed]
"""

from __future__ import annotations

import sys
from random import Random

from tests.rooms.storm import Storm

EVENTS_EACH = 1_000


def main(events: int = 100_000, seed: int = 1) -> None:
    """Run and say what was seen; an AssertionError names the seed of its room."""
    refused = snapshots = highest = 0
    for number in range(-(-events // EVENTS_EACH)):
        storm = Storm(Random(seed * 1_000_003 + number))
        try:
            for _ in range(EVENTS_EACH):
                storm.step()
                highest = max(highest, storm.room.rev)
            storm.calm_down()
        except AssertionError:
            print(f"seed {seed * 1_000_003 + number}, event {storm.count}")
            raise
        refused += storm.refused
        snapshots += sum(follower.snapshots for follower in storm.followers)
    print(f"{events} events, {refused} refused, {snapshots} snapshots, highest revision {highest}: no room hung")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
