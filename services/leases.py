"""One process at a time: a named lease in the store, taken by one atomic update."""

from __future__ import annotations

from datetime import timedelta

from services.clock import Clock
from storage.collections.store import Store
from storage.engine import DuplicateKey


class Leases:
    """Takes leases in this process's name."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._leases = store.leases
        self._clock = clock
        self._holder = clock.new_id()

    async def take(self, name: str, seconds: float) -> bool:
        """Whether the lease is ours for the next `seconds`: False while another process's, or our own, still runs."""
        now = self._clock.now()
        try:
            lease = await self._leases.update_and_get(
                {"_id": name, "until": {"$lte": now}},
                {"$set": {"holder": self._holder, "until": now + timedelta(seconds=seconds), "taken_at": now}},
                upsert=True,
            )
        except DuplicateKey:
            return False  # the row exists and its `until` lies ahead, so the upsert met its own id
        return lease is not None and lease.holder == self._holder

    async def release(self, name: str) -> None:
        """Give up a lease of ours before its time; one that is another's by now is left alone."""
        await self._leases.delete({"_id": name, "holder": self._holder})
