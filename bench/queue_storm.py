"""100,000 operations over queues, repeated, disordered and on old revisions: `python -m bench.queue_storm [seed]`."""

from __future__ import annotations

import sys
from collections import Counter

from tests.connect.storm import storm


def main() -> None:
    """Ten storms of ten thousand."""
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    total: Counter[str] = Counter()
    for seed in range(first, first + 10):
        total.update(storm(seed, 10_000))
    print(dict(total))


if __name__ == "__main__":
    main()
