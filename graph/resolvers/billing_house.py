"""What admins see and do of the house's billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.billing.overview import HouseBilling
from services.billing.webhooks.replaying import Replayed
from services.paging import slice_of
from storage.records.billing import StripeEvent
from storage.records.payment import Payment


class RefundReason(StrEnum):
    """Why a payment is given back."""

    REQUESTED_BY_CUSTOMER = "requested_by_customer"
    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"


class BillingEventState(StrEnum):
    """What became of an event."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


@dataclass(slots=True)
class BillingCount:
    """How many there are in a state."""

    state: str
    number: int


@dataclass(slots=True)
class RefundPayment:
    """What a refund gives."""

    payment: Payment


@dataclass(slots=True)
class RetryBillingEvent:
    """What working an event again gives."""

    event: StripeEvent


RECORDS = {
    "BillingEvent": StripeEvent,
    "BillingCount": BillingCount,
    "BillingHealth": HouseBilling,
    "RefundPayment": RefundPayment,
    "RetryBillingEvent": RetryBillingEvent,
    "ReplayBillingEvents": Replayed,
}
ENUMS = {"RefundReason": RefundReason, "BillingEventState": BillingEventState}


@resolves("Query.billingPayments")
def billing_payments(_: None, info: Info, user_id: str | None = None, **part: Any) -> Any:
    """What people paid."""
    listing, counted = info.context.house.billing_payments.of_house, asks_for(info, "totalCount")
    return listing(info.context.viewer, slice_of(**part), user_id=user_id, counted=counted)


@resolves("Query.billingSubscriptions")
def billing_subscriptions(_: None, info: Info, status: str | None = None, **part: Any) -> Any:
    """Everybody's subscriptions."""
    listing, counted = info.context.house.billing.listing, asks_for(info, "totalCount")
    return listing(info.context.viewer, slice_of(**part), status=status and str(status), counted=counted)


@resolves("Query.billingEvents")
def billing_events(_: None, info: Info, state: str | None = None, **part: Any) -> Any:
    """What the payment service told."""
    listing, counted = info.context.house.billing_events.listing, asks_for(info, "totalCount")
    return listing(info.context.viewer, slice_of(**part), state=state and str(state), counted=counted)


@resolves("Query.billingHealth")
def billing_health(_: None, info: Info) -> Any:
    """How billing goes."""
    return info.context.house.billing.house(info.context.viewer)


@resolves("BillingHealth.events")
def events(health: HouseBilling, _info: Info) -> list[BillingCount]:
    """Events by state."""
    return [BillingCount(state, number) for state, number in health.events.items()]


@resolves("BillingHealth.subscriptions")
def subscriptions(health: HouseBilling, _info: Info) -> list[BillingCount]:
    """Subscriptions by state."""
    return [BillingCount(state, number) for state, number in health.subscriptions.items()]


@resolves("Mutation.refundPayment")
async def refund_payment(
    _: None, info: Info, payment_id: str, reason: str, ends_subscription: bool, amount_minor: int | None = None
) -> RefundPayment:
    """Money given back."""
    give, viewer, words = info.context.house.billing_refunds.give, info.context.viewer, {"reason": str(reason)}
    return RefundPayment(
        await give(viewer, payment_id, amount_minor=amount_minor, ends_subscription=ends_subscription, **words)
    )


@resolves("Mutation.retryBillingEvent")
async def retry_billing_event(_: None, info: Info, id: str) -> RetryBillingEvent:
    """An event, once more."""
    return RetryBillingEvent(await info.context.house.billing_events.again(info.context.viewer, id))


@resolves("Mutation.replayBillingEvents")
def replay_billing_events(_: None, info: Info, since: datetime) -> Any:
    """Events that never came."""
    return info.context.house.billing_replaying.since(info.context.viewer, since)
