"""The right to write a search index that several machines share: a lease in the store, asked for from a worker.

Owns how long it lasts. Refuses to know what is written.
"""

from __future__ import annotations

import asyncio
import contextlib

from services.clock import Clock
from services.leases import Leases
from storage.engine import StorageError

LEASE_S = 20.0
RENEW_S = 5.0
PATIENCE_S = 5.0
_NAME = "search index"


class WritingHold:
    """The lease, for one process. Its methods block: call them from a worker of the loop it was made in."""

    def __init__(self, leases: Leases, clock: Clock) -> None:
        self._leases = leases
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._until_s = float("-inf")
        self._renewed_s = float("-inf")

    @property
    def ours(self) -> bool:
        """Whether it is ours as far as we know."""
        return self._clock.monotonic() < self._until_s

    def take(self) -> bool:
        """Whether it is ours now: taken, or renewed where it is about to end."""
        now_s = self._clock.monotonic()
        if self.ours and now_s - self._renewed_s < RENEW_S:
            return True
        asked = self._leases.renew(_NAME, LEASE_S) if self.ours else self._leases.take(_NAME, LEASE_S)
        got = asyncio.run_coroutine_threadsafe(asked, self._loop).result(PATIENCE_S)
        self._until_s, self._renewed_s = (now_s + LEASE_S, now_s) if got else (float("-inf"), now_s)
        return got

    def release(self) -> None:
        """Let another process have it; a store that is away lets the lease end by itself."""
        if self.ours:
            self._until_s = float("-inf")
            with contextlib.suppress(StorageError, TimeoutError):
                asyncio.run_coroutine_threadsafe(self._leases.release(_NAME), self._loop).result(PATIENCE_S)
