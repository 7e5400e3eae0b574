"""What people pay for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.billing.buying.checkouts import Checkout
from services.billing.buying.plans import Preview, PreviewLine
from services.billing.overview import OwnBilling
from services.billing.prices import Price
from services.paging import slice_of
from services.viewer import Role
from storage.records.billing import BillingSubscription
from storage.records.payment import Payment


class BillingInterval(StrEnum):
    """How long one payment lasts."""

    MONTH = "month"
    YEAR = "year"


class BillingState(StrEnum):
    """How a subscription stands."""

    ACTIVE = "active"
    TRIALING = "trialing"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class PaymentKind(StrEnum):
    """What kind of movement of money it is."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


class PaymentStatus(StrEnum):
    """What became of a movement of money."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    VOID = "void"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(slots=True)
class CreatePortalSession:
    """A page with one's bills."""

    url: str


@dataclass(slots=True)
class ChangeSubscription:
    """What a change of one's subscription gives."""

    subscription: BillingSubscription


RECORDS = {
    "BillingPrice": Price,
    "BillingSubscription": BillingSubscription,
    "Payment": Payment,
    "MyBilling": OwnBilling,
    "PlanChangePreview": Preview,
    "PlanChangeLine": PreviewLine,
    "CreateCheckoutSession": Checkout,
    "CreatePortalSession": CreatePortalSession,
    "ChangeSubscription": ChangeSubscription,
}
ENUMS = {
    "BillingInterval": BillingInterval,
    "BillingState": BillingState,
    "PaymentKind": PaymentKind,
    "PaymentStatus": PaymentStatus,
}


@resolves("Query.billingPrices")
def billing_prices(_: None, info: Info) -> Any:
    """What is for sale."""
    return info.context.house.billing_prices.all()


@resolves("Query.myBilling")
def my_billing(_: None, info: Info) -> Any:
    """The viewer's own billing."""
    return info.context.house.billing.mine(info.context.viewer)


@resolves("Query.previewPlanChange")
def preview_plan_change(_: None, info: Info, tier: str, interval: str) -> Any:
    """What a change would do."""
    return info.context.house.billing_plans.preview(info.context.viewer, str(tier), str(interval))


@resolves("Mutation.createCheckoutSession")
def create_checkout_session(_: None, info: Info, tier: str, interval: str, coupon: str | None = None) -> Any:
    """A page to pay on."""
    create, viewer = info.context.house.billing_checkouts.create, info.context.viewer
    return create(viewer, str(tier), str(interval), coupon=coupon)


@resolves("Mutation.createPortalSession")
async def create_portal_session(_: None, info: Info) -> CreatePortalSession:
    """A page with one's bills."""
    return CreatePortalSession(await info.context.house.billing_portal.open(info.context.viewer))


@resolves("Mutation.changePlan")
async def change_plan(
    _: None, info: Info, tier: str, interval: str, priced_at: datetime | None = None
) -> ChangeSubscription:
    """Another plan."""
    change, viewer = info.context.house.billing_plans.change, info.context.viewer
    return ChangeSubscription(await change(viewer, str(tier), str(interval), priced_at=priced_at))


@resolves("Mutation.cancelSubscription")
async def cancel_subscription(_: None, info: Info) -> ChangeSubscription:
    """An end when the period is over."""
    return ChangeSubscription(await info.context.house.billing_plans.cancel(info.context.viewer))


@resolves("Mutation.resumeSubscription")
async def resume_subscription(_: None, info: Info) -> ChangeSubscription:
    """No end after all."""
    return ChangeSubscription(await info.context.house.billing_plans.resume(info.context.viewer))


@resolves("MyBilling.status")
def own_status(own: OwnBilling, _info: Info) -> BillingState | None:
    """How one's subscription stands."""
    return None if own.subscription is None else _state(own.subscription)


@resolves("MyBilling.nextRenewal")
def next_renewal(own: OwnBilling, _info: Info) -> datetime | None:
    """When one pays next."""
    return None if own.subscription is None else own.subscription.renews_at


@resolves("MyBilling.cancelAtPeriodEnd")
def own_end(own: OwnBilling, _info: Info) -> bool:
    """Whether one's subscription ends by itself."""
    return own.subscription is not None and own.subscription.cancel_at_period_end


@resolves("MyBilling.payments")
def own_payments(_own: OwnBilling, info: Info, **part: Any) -> Any:
    """What one paid."""
    listing, counted = info.context.house.billing_payments.of_viewer, asks_for(info, "totalCount")
    return listing(info.context.viewer, slice_of(**part), counted=counted)


@resolves("BillingSubscription.status")
def status(one: BillingSubscription, _info: Info) -> BillingState:
    """How it stands."""
    return _state(one)


@resolves("BillingSubscription.tier")
def tier(one: BillingSubscription, _info: Info) -> str | None:
    """The tier it gives."""
    return one.tier or None


@resolves("BillingSubscription.interval")
def interval(one: BillingSubscription, _info: Info) -> str | None:
    """How long one payment lasts."""
    return one.interval if one.interval in set(BillingInterval) else None


@resolves("BillingSubscription.endsAt")
def ends_at(one: BillingSubscription, _info: Info) -> datetime | None:
    """When it ends, or ended."""
    return one.ended_at or one.ends_at


@resolves("Payment.tier")
def paid_tier(payment: Payment, _info: Info) -> str | None:
    """What was paid for."""
    return payment.tier or None


@resolves("Payment.userId")
def payer(payment: Payment, info: Info) -> str | None:
    """Whose it is."""
    return payment.user_id if info.context.viewer.has(Role.ADMIN) else None


def _state(one: BillingSubscription) -> BillingState:
    return BillingState(one.status) if one.status in set(BillingState) else BillingState.UNKNOWN
