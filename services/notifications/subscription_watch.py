"""Tells people whose subscription ends in some days, or is over, though nobody did anything.

Owns that look at the calendar. Refuses to know payments: whoever takes them moves `subscription_end`
in time, and nobody is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.clock import Clock
from services.entitlements.folding import FREE, tier_of
from services.events import Bus, SubscriptionChanged, SubscriptionStep
from storage.collections.store import Store

AHEAD = timedelta(days=3)
BEHIND = timedelta(days=1)
"""How long after its end somebody is still told: the job was away for so long at most."""


class SubscriptionWatch:
    """A job's work; what it says twice is told once (`kinds.py`)."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus

    async def look(self) -> int:
        """Publish each subscription that ends within three days or ended within the last; how many."""
        now = self._clock.now()
        soon = await self._tell({"$gt": now, "$lte": now + AHEAD}, SubscriptionStep.ENDS_SOON)
        return soon + await self._tell({"$gt": now - BEHIND, "$lte": now}, SubscriptionStep.ENDED)

    async def _tell(self, ends: dict[str, Any], step: SubscriptionStep) -> int:
        told = 0
        async for batch in self._store.users.scan({"subscription_end": ends}):
            for user in batch:
                until = user.subscription_end
                # Where another tier follows at once, nothing ends.
                if until is not None and user.subscription_type != FREE and tier_of(user, until) == FREE:
                    said = SubscriptionChanged(user.id, step, user.subscription_type, until, until)
                    self._bus.publish(said)
                    told += 1
        return told
