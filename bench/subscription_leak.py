"""The long form of tests/realtime/test_nothing_leaks.py: `python -m bench.subscription_leak [COUNT]`, 10,000."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.realtime.test_nothing_leaks import walk


async def run(subscriptions: int) -> None:
    """One house; twelve subscriptions a round."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = await walk(Path(folder), subscriptions // 12)
    more = {name: (before[name], after[name]) for name in before | after if before[name] != after[name]}
    print(f"{subscriptions} subscriptions; listeners {after['listeners']}, tasks {after['tasks']}; left behind: {more}")
    if more:
        raise SystemExit(1)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
