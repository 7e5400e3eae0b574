"""Two subscriptions of one person, as two pages paid in the same moment make them: the first stays, the other goes.

Owns which of them stays and how the other is undone. Safe to repeat, in any order and from any number of processes: all
come to the same one, a refund has its key, and an end that was made already is none.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from services.billing.entitling import RUNNING
from services.billing.refunds import Refunds
from services.billing.subscriptions import MOST_OF_ONE, Subscriptions
from services.clock import Clock
from services.errors import Conflict
from storage.collections.store import Store
from storage.records.billing import BillingSubscription

log = logging.getLogger("tutti.billing")

FRESH = timedelta(days=7)
"""Until when a second one is undone by itself. An older one has been paid for knowingly, or people have to decide."""
PAID = RUNNING | {"past_due"}


class Doubles:
    """Undoes what nobody meant to buy twice."""

    def __init__(self, store: Store, clock: Clock, subscriptions: Subscriptions, refunds: Refunds) -> None:
        self._store = store
        self._clock = clock
        self._subscriptions = subscriptions
        self._refunds = refunds

    async def undo(self, user_id: str) -> int:
        """Leave somebody the first of their running subscriptions; how many others were undone.

        What was paid for those is given back first, so that a crash in between leaves a subscription that is found
        again and not one that is over with its money kept.
        """
        running = {"user_id": user_id, "status": {"$in": sorted(PAID)}}
        found = await self._store.billing_subscriptions.find(running, limit=MOST_OF_ONE)
        if len(found) < 2:
            return 0
        stays, *others = sorted(found, key=lambda one: (one.created_at, one.id))
        undone = 0
        for one in others:
            if self._clock.now() - one.created_at > FRESH:
                log.warning("somebody pays for two subscriptions", extra={"one": one.id, "other": stays.id})
                continue
            undone += await self._undo(one)
        return undone

    async def _undo(self, one: BillingSubscription) -> bool:
        seen = await self._subscriptions.look(one.id)
        if seen is None or seen.status not in PAID:
            return False
        paid = {"subscription_id": one.id, "kind": "payment", "status": "paid"}
        for payment in await self._store.payments.find(paid, limit=MOST_OF_ONE):
            left = payment.amount_minor - payment.refunded_minor
            if left > 0 and payment.reference:
                try:
                    await self._refunds.back(payment, left, "duplicate")
                except Conflict:
                    log.warning("a payment could not be given back", extra={"payment": payment.id})
                    return False
        await self._subscriptions.end(seen)
        log.info("a second subscription was undone", extra={"subscription": one.id})
        return True
