"""A real `run.py` of three processes over the embedded store and Redis, which are renewed while people use it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.killing.house import KilledHouse

PROCESSES = 3
DRAIN_S = 4.0
GRACE_S = 3.0
"""What streams get of it: the last second, or quarter, is for closing what is left (`server/app.py`)."""
RENEWED_WITHIN_S = 120.0


@dataclass
class RollingHouse(KilledHouse):
    """The house; `renewals_s` is how long each renewal took."""

    renewals_s: list[float] = field(default_factory=list)

    def pids(self) -> list[int]:
        """Of the processes under the supervisor, those that start or drain included."""
        pid = self.process.child.pid
        return sorted(int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    async def serving(self) -> None:
        """Wait until all of them are there."""
        async with asyncio.timeout(RENEWED_WITHIN_S):
            while self.log.read_text(encoding="utf-8").count('"processes serve"') == 0:  # noqa: ASYNC110 - it cannot call
                await asyncio.sleep(0.05)
        assert len(self.pids()) == PROCESSES

    async def renew(self) -> None:
        """As `systemctl reload` does; returns when the last old process has ended."""
        before, began = set(self.pids()), time.monotonic()
        os.kill(self.process.child.pid, signal.SIGHUP)
        async with asyncio.timeout(RENEWED_WITHIN_S):
            while len(now := self.pids()) != PROCESSES or before & set(now):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        self.renewals_s.append(time.monotonic() - began)
