"""The operations of one socket that run: their tasks, what kind each is and how many may wait.

Owns which end by themselves. Refuses to know frames and how an operation runs.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from realtime.transport import Limits, Operation


@dataclass(slots=True)
class Run:
    """One operation at work."""

    task: asyncio.Task[None]
    kind: str = "unknown"
    started: bool = False


class RunningOperations(dict[Operation, Run]):
    """The runs by their operations."""

    def is_full(self, limits: Limits, open_operations: int) -> bool:
        """Whether to read on later: finite operations fill their share, and they end without the client's help."""
        finite = len(self.finite())
        return finite >= 2 * limits.max_running or (finite > 0 and open_operations >= limits.max_operations)

    def finite(self) -> list[asyncio.Task[None]]:
        """The tasks of queries and mutations, and of what is not known yet."""
        return [run.task for run in self.values() if run.kind != "subscription"]

    def stop(self, operation: Operation) -> None:
        """Cancel it, save a mutation that runs: half of one helps nobody, so it ends and only its answer is dropped."""
        run = self.get(operation)
        if run is not None and not (run.kind == "mutation" and run.started):
            run.task.cancel()
