"""What follows from a delivery: what is looked at, and who is told.

Owns the way from a kind to the parts of billing. What an event says of its object counts for nothing here: the object
is looked at as it is now, so deliveries may come in any order, twice, late or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from services.billing.companions import TrialBook
from services.billing.customers import Customers
from services.billing.doubles import Doubles
from services.billing.entitling import LIVING, due
from services.billing.payments import Payments
from services.billing.rules import BillingRules
from services.billing.speaking.reading import name_of, user_in
from services.billing.speaking.stripe_api import StripeApi
from services.billing.subscriptions import Subscriptions
from services.billing.webhooks.kinds import About
from services.events import Bus, SubscriptionChanged, SubscriptionStep
from storage.records.billing import BillingSubscription, StripeEvent

log = logging.getLogger("tutti.billing")

UNPAID = ("invoice.payment_failed", "invoice.payment_action_required", "payment_intent.requires_action")
TRIAL_ENDS = "customer.subscription.trial_will_end"


class Meaning:
    """Follows events about one object."""

    def __init__(
        self,
        bus: Bus,
        api: StripeApi,
        rules: BillingRules,
        customers: Customers,
        subscriptions: Subscriptions,
        payments: Payments,
        doubles: Doubles,
        trials: TrialBook | None,
    ) -> None:
        self._bus = bus
        self._api = api
        self._rules = rules
        self._customers = customers
        self._subscriptions = subscriptions
        self._payments = payments
        self._doubles = doubles
        self._trials = trials

    async def follow(self, events: Sequence[StripeEvent]) -> bool:
        """Bring the house in step with the one object these events are about; False when it is nobody's here."""
        first = events[0]
        id = first.object_id
        match About(first.object_kind):
            case About.CHECKOUT:
                return id is not None and await self._checkout(id)
            case About.SUBSCRIPTION:
                return id is not None and await self._subscription(id, events)
            case About.SCHEDULE:
                return await self._look(first.subscription_id) is not None
            case About.INVOICE:
                return await self._invoice(id, first.subscription_id, events)
            case About.INTENT:
                invoice_id = None if id is None else await self._payments.invoice_of_intent(id)
                return invoice_id is not None and await self._invoice(invoice_id, None, events)
            case About.CHARGE:
                return id is not None and await self._charge(id)
            case About.DISPUTE:
                return id is not None and await self._dispute(id)
            case About.CUSTOMER:
                return id is not None and await self._customer(id)

    async def _look(self, subscription_id: str | None) -> BillingSubscription | None:
        seen = None if subscription_id is None else await self._subscriptions.look(subscription_id)
        if seen is not None and seen.trial_end is not None and self._trials is not None:
            await self._trials.note(seen.user_id, source="stripe", at=seen.created_at)
        return seen

    async def _checkout(self, id: str) -> bool:
        session = await self._api.get(f"/v1/checkout/sessions/{id}")
        if session is None:
            return False
        user_id = await self._customers.user_of(name_of(session.get("customer")), user_in(session))
        if user_id is None:
            return False
        seen = await self._look(name_of(session.get("subscription")))
        invoice = name_of(session.get("invoice"))
        if invoice is not None:
            await self._payments.look_invoice(invoice)
        if seen is not None:
            await self._doubles.undo(user_id)
        return True

    async def _subscription(self, id: str, events: Sequence[StripeEvent]) -> bool:
        seen = await self._look(id)
        if seen is None:
            return False
        for event in events:
            if event.kind == TRIAL_ENDS and seen.status == "trialing" and seen.ends_at is None:
                self._tell(seen, SubscriptionStep.TRIAL_ENDS, seen.trial_end or event.happened_at, seen.trial_end)
        return True

    async def _invoice(self, id: str | None, subscription_id: str | None, events: Sequence[StripeEvent]) -> bool:
        payment = None if id is None else await self._payments.look_invoice(id)
        seen = await self._look((payment.subscription_id if payment else None) or subscription_id)
        if payment is not None and payment.status in ("pending", "failed") and seen is not None:
            for event in events:
                if event.kind in UNPAID:
                    owed = due(seen, grace_days=self._rules.grace_days)
                    until = None if owed is None else owed.ends_at
                    self._tell(seen, SubscriptionStep.RENEWAL_FAILED, event.happened_at, until)
        if payment is not None and payment.status == "paid" and seen is not None:
            # The bill of a second one may come after all else that is told of it.
            await self._doubles.undo(seen.user_id)
        return payment is not None or seen is not None

    async def _charge(self, id: str) -> bool:
        payment = await self._payments.look_charge(id)
        if payment is not None:
            await self._look(payment.subscription_id)
        return payment is not None

    async def _dispute(self, id: str) -> bool:
        found = await self._payments.look_dispute(id)
        if found is None:
            return False
        dispute, payment = found
        seen = await self._look(payment.subscription_id)
        if dispute.status == "lost" and seen is not None and seen.status in LIVING:
            # Whose bank took the money back must not be charged again.
            log.info("a dispute was lost, its subscription ends", extra={"subscription": seen.id})
            await self._subscriptions.end(seen)
        return True

    async def _customer(self, customer_id: str) -> bool:
        thing = await self._api.get(f"/v1/customers/{customer_id}")
        if thing is not None and not thing.get("deleted"):
            return True
        ours = await self._subscriptions.of_customer(customer_id)
        for one in ours:
            await self._look(one.id)
        await self._customers.forget(customer_id)
        return True

    def _tell(self, seen: BillingSubscription, step: SubscriptionStep, at: datetime, until: datetime | None) -> None:
        self._bus.publish(SubscriptionChanged(seen.user_id, step, seen.tier, at, until))
