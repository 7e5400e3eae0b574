"""How late the event loop wakes up: what every request waits for when something blocks it or the machine is too busy.

Owns the sampler and the last minute of what it saw. Refuses to know who looks at it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

SAMPLE_S = 0.25
KEPT_S = 60.0


class LoopLag:
    """Sleeps a little, again and again, and notes by how much each sleep was too long. `start` and `stop` it.

    `heard` is called with each sample in seconds.
    """

    def __init__(self, *, sample_s: float = SAMPLE_S) -> None:
        self._sample_s = sample_s
        self._kept: deque[float] = deque(maxlen=max(1, int(KEPT_S / sample_s)))
        self._task: asyncio.Task[None] | None = None
        self.heard: Callable[[float], None] | None = None

    @property
    def last_s(self) -> float:
        """The last sample; 0 before the first."""
        return self._kept[-1] if self._kept else 0.0

    @property
    def worst_s(self) -> float:
        """The worst of the last minute."""
        return max(self._kept, default=0.0)

    def start(self) -> None:
        """Begin to measure; nothing new when that has been done."""
        if self._task is None:
            self._task = asyncio.create_task(self._measure(), name="loop lag")

    async def stop(self) -> None:
        """Stop measuring. Safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._sample_s
            await asyncio.sleep(self._sample_s)
            lag_s = max(0.0, loop.time() - due)
            self._kept.append(lag_s)
            if self.heard is not None:
                self.heard(lag_s)
