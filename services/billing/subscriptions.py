"""The subscriptions people pay for, as the payment service has them, and the tier that follows from each.

Owns looking: what is kept is always what the service said last, never what a piece of news said of it, so the order
in which news came does not matter. Refuses to know what is bought and how.
"""

from __future__ import annotations

import logging
from typing import Any

from services.billing.companions import TierGrants
from services.billing.customers import Customers
from services.billing.entitling import LIVING, RUNNING, due
from services.billing.rules import BillingRules
from services.billing.speaking.reading import Thing, is_ours, name_of, read_subscription, user_in
from services.billing.speaking.stripe_api import BillingRefused, StripeApi
from services.clock import Clock
from services.errors import Conflict, NotFound, Unavailable
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.billing import BillingSubscription

log = logging.getLogger("tutti.billing")

ATTEMPTS = 6
EXPAND = {"expand": ["latest_invoice"]}
MOST_OF_ONE = 100


class Subscriptions:
    """What is bought, kept in step."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        api: StripeApi,
        customers: Customers,
        rules: BillingRules,
        grants: TierGrants | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._api = api
        self._customers = customers
        self._rules = rules
        self._grants = grants

    async def of_user(self, user_id: str) -> BillingSubscription | None:
        """Somebody's subscription: the one that lives, else the last one there was."""
        theirs = await self._store.billing_subscriptions.find(
            {"user_id": user_id}, sort=[("created_at", -1)], limit=MOST_OF_ONE
        )
        return next((one for one in theirs if one.status in LIVING), theirs[0] if theirs else None)

    async def of_customer(self, customer_id: str) -> list[BillingSubscription]:
        """What a customer of the payment service has or had."""
        return await self._store.billing_subscriptions.find({"customer_id": customer_id}, limit=MOST_OF_ONE)

    async def living_of(self, user_id: str) -> BillingSubscription:
        """Somebody's subscription that lives. NotFound (NOT_SUBSCRIBED) without one."""
        there = await self.of_user(user_id)
        if there is None or there.status not in LIVING:
            raise NotFound("You have no subscription that you pay for.", code="NOT_SUBSCRIBED")
        return there

    async def look(self, subscription_id: str) -> BillingSubscription | None:
        """Bring one in step with the payment service, and the tier with it; None when it is nobody's here.

        Safe at any time, from any number of processes: a look that began before another's write is done again.
        """
        shelf = self._store.billing_subscriptions
        for _ in range(ATTEMPTS):
            before = await shelf.get(subscription_id)
            thing = await self._api.get(f"/v1/subscriptions/{subscription_id}", EXPAND)
            seen = await self._read(thing, before)
            if seen is None:
                return None
            if await self._write(seen, before):
                await self._settle(seen)
                return seen
        raise Unavailable("Too much happens to this subscription just now; try again.", code="BILLING_BUSY")

    def differs(self, thing: Thing, ours: BillingSubscription | None) -> bool:
        """Whether an object of a list tells something else than is kept: then it is worth a look."""
        if ours is None:
            return is_ours(thing, self._rules)
        seen = read_subscription(thing, ours.user_id, self._rules, None, self._clock.now())
        kept = [name for name in BillingSubscription.__slots__ if name not in _OWN]
        return any(getattr(seen, name) != getattr(ours, name) for name in kept)

    async def settle(self, subscription: BillingSubscription) -> None:
        """Have the tier be what the subscription entitles to; for walks, when a crash came in between."""
        await self._settle(subscription)

    async def cancel_all(self, user_id: str, *, at_once: bool = True) -> int:
        """End everything somebody pays for, for an account that goes; how many. Without money back `at_once`, or when
        the period is over that was paid for."""
        ended = 0
        async for batch in self._store.billing_subscriptions.scan({"user_id": user_id}):
            for one in batch:
                if one.status not in LIVING or (one.ends_at is not None and not at_once):
                    continue
                await (self.end(one) if at_once or one.status not in RUNNING else self.end_at_period_end(one))
                ended += 1
        return ended

    async def end(self, subscription: BillingSubscription) -> BillingSubscription | None:
        """Cancel one at the payment service, now and without money back."""
        try:
            await self._api.delete(f"/v1/subscriptions/{subscription.id}")
        except Conflict:
            log.info("subscription had ended already", extra={"subscription": subscription.id})
        return await self.look(subscription.id)

    async def end_at_period_end(self, subscription: BillingSubscription) -> BillingSubscription | None:
        """Have one not renew: it ends when the period is over that was paid for."""
        if subscription.schedule_id is not None:
            await self.release(subscription)
        await self._api.post(f"/v1/subscriptions/{subscription.id}", {"cancel_at_period_end": True})
        return await self.look(subscription.id)

    async def release(self, subscription: BillingSubscription) -> None:
        """Have nothing follow after the period any more."""
        if subscription.schedule_id is None:
            return
        try:
            await self._api.post(f"/v1/subscription_schedules/{subscription.schedule_id}/release")
        except (BillingRefused, Conflict):
            return  # it had done its work already

    async def _read(self, thing: Thing | None, before: BillingSubscription | None) -> BillingSubscription | None:
        now = self._clock.now()
        if thing is None:
            if before is None:
                return None
            thing = {"id": before.id, "customer": before.customer_id, "status": "canceled", "ended_at": now.timestamp()}
            thing["created"] = before.created_at.timestamp()
        customer_id = name_of(thing.get("customer"))
        user_id = before.user_id if before else await self._customers.user_of(customer_id, user_in(thing))
        if user_id is None:
            return None
        schedule_id = name_of(thing.get("schedule"))
        schedule = None if schedule_id is None else await self._api.get(f"/v1/subscription_schedules/{schedule_id}")
        seen = read_subscription(thing, user_id, self._rules, schedule, now)
        seen.is_revoked = await self._is_revoked(seen.id)
        seen.rev = 1 if before is None else before.rev + 1
        if not seen.tier and seen.status in LIVING:
            log.warning("a subscription is for a price that is not in the settings", extra={"subscription": seen.id})
        return seen

    async def _is_revoked(self, subscription_id: str) -> bool:
        """Whether the money of the last bill that was paid was all taken back."""
        paid = {"subscription_id": subscription_id, "kind": "payment", "status": "paid"}
        last = await self._store.payments.first(paid, sort=[("at", -1)])
        if last is None:
            return False
        if last.refunded_minor >= last.amount_minor:
            return True
        lost = {"reference": last.id, "kind": "dispute", "status": "lost"}
        return await self._store.payments.count(lost, limit=1) > 0

    async def _write(self, seen: BillingSubscription, before: BillingSubscription | None) -> bool:
        shelf = self._store.billing_subscriptions
        if before is None:
            try:
                await shelf.insert(seen)
            except DuplicateKey:
                return False
            return True
        document: dict[str, Any] = shelf.codec.encode(seen)
        id = document.pop("_id")
        absent = [name for name in BillingSubscription.__slots__ if name != "id" and name not in document]
        update: dict[str, Any] = {"$set": document}
        if absent:
            update["$unset"] = dict.fromkeys(absent, "")
        return (await shelf.update({"_id": id, "rev": before.rev}, update)).matched == 1

    async def _settle(self, seen: BillingSubscription) -> None:
        if self._grants is None:
            return
        for _ in range(ATTEMPTS):
            grant_id, owed = f"stripe:{seen.id}", due(seen, grace_days=self._rules.grace_days)
            if owed is None:
                await self._grants.withdraw(grant_id)
            else:
                given: dict[str, Any] = {"tier": owed.tier, "starts_at": owed.starts_at, "ends_at": owed.ends_at}
                try:
                    await self._grants.put(grant_id, seen.user_id, source="stripe", **given)
                except NotFound:
                    log.info("a subscription is of somebody who is gone", extra={"subscription": seen.id})
            # Somebody else may have looked later and granted sooner: then what they saw counts, not what we did.
            now = await self._store.billing_subscriptions.get(seen.id)
            if now is None or now.rev == seen.rev:
                return
            seen = now


_OWN = {"user_id", "seen_at", "rev", "is_revoked", "next_tier", "next_interval", "unpaid_since", "ended_at"}
"""Fields of a subscription that a list of Stripe's does not tell, or tells less well than a look."""
