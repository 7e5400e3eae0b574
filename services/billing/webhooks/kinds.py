"""The kinds of news the payment service tells, and what is to be looked at for each.

Owns the table. What a kind that is not in it is about is nobody's business here: it is taken and put aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.billing.speaking.reading import name_of, subscription_of


class About(StrEnum):
    """What kind of object is looked at."""

    CHECKOUT = "checkout"
    SUBSCRIPTION = "subscription"
    SCHEDULE = "schedule"
    INVOICE = "invoice"
    CHARGE = "charge"
    DISPUTE = "dispute"
    INTENT = "intent"
    CUSTOMER = "customer"


KINDS: dict[str, About] = {
    "checkout.session.completed": About.CHECKOUT,
    "checkout.session.async_payment_succeeded": About.CHECKOUT,
    "checkout.session.async_payment_failed": About.CHECKOUT,
    "customer.subscription.created": About.SUBSCRIPTION,
    "customer.subscription.updated": About.SUBSCRIPTION,
    "customer.subscription.deleted": About.SUBSCRIPTION,
    "customer.subscription.paused": About.SUBSCRIPTION,
    "customer.subscription.resumed": About.SUBSCRIPTION,
    "customer.subscription.trial_will_end": About.SUBSCRIPTION,
    "customer.subscription.pending_update_applied": About.SUBSCRIPTION,
    "customer.subscription.pending_update_expired": About.SUBSCRIPTION,
    "subscription_schedule.created": About.SCHEDULE,
    "subscription_schedule.updated": About.SCHEDULE,
    "subscription_schedule.canceled": About.SCHEDULE,
    "subscription_schedule.released": About.SCHEDULE,
    "subscription_schedule.completed": About.SCHEDULE,
    "invoice.created": About.INVOICE,
    "invoice.finalized": About.INVOICE,
    "invoice.paid": About.INVOICE,
    "invoice.payment_succeeded": About.INVOICE,
    "invoice.payment_failed": About.INVOICE,
    "invoice.payment_action_required": About.INVOICE,
    "invoice.marked_uncollectible": About.INVOICE,
    "invoice.upcoming": About.INVOICE,
    "invoice.updated": About.INVOICE,
    "invoice.voided": About.INVOICE,
    "charge.refunded": About.CHARGE,
    "charge.refund.updated": About.CHARGE,
    "refund.created": About.CHARGE,
    "refund.updated": About.CHARGE,
    "refund.failed": About.CHARGE,
    "charge.dispute.created": About.DISPUTE,
    "charge.dispute.updated": About.DISPUTE,
    "charge.dispute.closed": About.DISPUTE,
    "charge.dispute.funds_withdrawn": About.DISPUTE,
    "charge.dispute.funds_reinstated": About.DISPUTE,
    "payment_intent.requires_action": About.INTENT,
    "customer.deleted": About.CUSTOMER,
}
"""What is handled."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: the object to look at, and the customer and subscription it names, where it does."""

    about: About
    id: str | None
    customer_id: str | None
    subscription_id: str | None


def subject_of(kind: str, thing: Mapping[str, Any]) -> Subject | None:
    """What an event of that kind, about that object, is about; None when it is put aside."""
    about = KINDS.get(kind)
    if about is None:
        return None
    id = name_of(thing)
    if about is About.CHARGE and thing.get("object") == "refund":
        id = name_of(thing.get("charge"))
    if about is About.SUBSCRIPTION:
        subscription_id = id
    elif about is About.INVOICE:
        subscription_id = subscription_of(thing)
    else:
        subscription_id = name_of(thing.get("subscription")) or name_of(thing.get("released_subscription"))
    customer_id = id if about is About.CUSTOMER else name_of(thing.get("customer"))
    if id is None and subscription_id is None:
        return None
    return Subject(about, id, customer_id, subscription_id)
