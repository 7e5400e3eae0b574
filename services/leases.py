"""One process at a time: a named lease in the store, taken by one atomic update, renewed while its holder lives."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from services.clock import Clock
from services.errors import Unavailable
from storage.collections.store import Store
from storage.engine import DuplicateKey, EngineAway

log = logging.getLogger("tutti.leases")

_BEATS = 4
"""A lease is renewed so often within its time: three may be late or fail before another process takes it."""

_RELEASE_S = 2.0
"""How long giving a lease back may take."""


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

    async def renew(self, name: str, seconds: float) -> bool:
        """Whether the lease is still ours, and so for the next `seconds` from now."""
        until = self._clock.now() + timedelta(seconds=seconds)
        done = await self._leases.update({"_id": name, "holder": self._holder}, {"$set": {"until": until}})
        return bool(done.matched)

    @contextlib.asynccontextmanager
    async def held(self, name: str, seconds: float) -> AsyncIterator[bool]:
        """Whether the lease is ours while the context lasts, however long; `seconds` after our death it is free.

        A holder that cannot reach the store for so long may lose it and is not told: the work must bear being done
        twice.
        """
        if not await self.take(name, seconds):
            yield False
            return
        beating = asyncio.create_task(self._beat(name, seconds), name=f"lease: {name}")
        try:
            yield True
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            # A store that does not answer must not keep us from ending: the lease runs out by itself.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RELEASE_S):
                    await self.release(name)

    async def _beat(self, name: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds / _BEATS)
            with contextlib.suppress(EngineAway, Unavailable):
                if not await self.renew(name, seconds):
                    log.warning("a lease was lost while its work went on", extra={"lease": name})
                    return

    async def release(self, name: str) -> None:
        """Give up a lease of ours before its time; one that is another's by now is left alone."""
        await self._leases.delete({"_id": name, "holder": self._holder})
