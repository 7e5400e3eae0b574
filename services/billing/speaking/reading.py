"""What Stripe's objects say, in our records: pure functions, in today's shapes and those of some years back.

Owns the names of Stripe's fields. Refuses to know what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.billing.rules import BillingRules
from storage.records.billing import BillingSubscription
from storage.records.payment import Payment

Thing = Mapping[str, Any]
USER_KEY = "tutti_user"
"""Under this name our id of a user stands in the metadata of what we make at Stripe."""
UNKNOWN_TIER = ""
"""The tier of a price that is not one of ours."""
_INVOICES = {"paid": "paid", "open": "pending", "draft": "pending", "uncollectible": "failed", "void": "void"}
_REFUNDS = {"succeeded": "paid", "pending": "pending", "requires_action": "pending", "failed": "failed"}


def moment(seconds: Any) -> datetime | None:
    """A time of Stripe's, in seconds since 1970."""
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def name_of(thing: Any) -> str | None:
    """The id of what a field refers to, be it the id alone or the whole object."""
    if isinstance(thing, Mapping):
        thing = thing.get("id")
    return thing if isinstance(thing, str) and thing else None


def within(thing: Thing, *names: str) -> Thing:
    """The object inside an object, by the names that lead there; empty where there is none, or something else."""
    for name in names:
        inner = thing.get(name)
        if not isinstance(inner, Mapping):
            return {}
        thing = inner
    return thing


def user_in(thing: Thing) -> str | None:
    """The user that an object of ours was made for."""
    told = within(thing, "metadata").get(USER_KEY) or thing.get("client_reference_id")
    return told if isinstance(told, str) and told else None


def read_subscription(
    thing: Thing, user_id: str, rules: BillingRules, schedule: Thing | None, now: datetime
) -> BillingSubscription:
    """The subscription that an object tells of, with its schedule where it has one. `now` is when it was looked at."""
    items = (thing.get("items") or {}).get("data") or [{}]
    item = next((one for one in items if rules.plan_of(_price(one))), items[0])
    price_id = _price(item)
    tier, interval = rules.plan_of(price_id) or (UNKNOWN_TIER, _interval(item))
    next_price = None if schedule is None else _next_price(schedule)
    following = None if next_price is None or next_price == price_id else rules.plan_of(next_price)
    period_end = moment(item.get("current_period_end", thing.get("current_period_end")))
    period_start = moment(item.get("current_period_start", thing.get("current_period_start")))
    ends_at = period_end if thing.get("cancel_at_period_end") else moment(thing.get("cancel_at"))
    created_at = moment(thing.get("created")) or now
    return BillingSubscription(
        id=thing["id"],
        user_id=user_id,
        customer_id=name_of(thing.get("customer")) or "",
        status=thing.get("status") or "",
        tier=tier,
        interval=interval,
        price_id=price_id,
        item_id=item.get("id") or "",
        quantity=item.get("quantity") or 1,
        created_at=created_at,
        seen_at=now,
        period_start=period_start,
        period_end=period_end,
        trial_end=moment(thing.get("trial_end")),
        ends_at=ends_at,
        ended_at=moment(thing.get("ended_at")),
        unpaid_since=_unpaid_since(thing, period_start or created_at),
        next_tier=following[0] if following else None,
        next_interval=following[1] if following else None,
        schedule_id=name_of(thing.get("schedule")),
    )


def is_ours(thing: Thing, rules: BillingRules) -> bool:
    """Whether a subscription or a bill could be of this house: made for a user of ours, or over a price of ours."""
    parent = within(thing, "parent", "subscription_details")
    if user_in(thing) is not None or user_in(parent) is not None:
        return True
    rows = ((thing.get("items") or thing.get("lines") or {}).get("data")) or []
    return any(rules.plan_of(price_of(row)) is not None for row in rows)


def price_of(line: Thing) -> str:
    """The price of a line of a bill, or of an item of a subscription; empty without one."""
    priced = within(line, "pricing", "price_details")
    return name_of(priced.get("price")) or _price(line)


def subscription_of(invoice: Thing) -> str | None:
    """The subscription that an invoice is for."""
    parent = within(invoice, "parent", "subscription_details")
    return name_of(parent.get("subscription")) or name_of(invoice.get("subscription"))


def read_invoice(invoice: Thing, user_id: str, tier: str) -> Payment | None:
    """The payment that an invoice asks for; None for a draft and for one over nothing."""
    total = invoice.get("total") or 0
    if total <= 0 or invoice.get("status") in (None, "draft"):
        return None
    steps = within(invoice, "status_transitions")
    at = moment(steps.get("paid_at") or steps.get("finalized_at") or invoice.get("created"))
    taxes = invoice.get("total_taxes") or invoice.get("total_tax_amounts") or []
    assert at is not None
    return Payment(
        id=invoice["id"],
        user_id=user_id,
        kind="payment",
        amount_minor=total,
        currency=invoice.get("currency") or "",
        tier=tier,
        at=at,
        status=_INVOICES.get(invoice["status"], "pending"),
        reference=name_of(invoice.get("payment_intent")) or name_of(invoice.get("charge")) or "",
        tax_minor=sum(one.get("amount") or 0 for one in taxes) or invoice.get("tax") or 0,
        number=invoice.get("number") or "",
        receipt_url=invoice.get("hosted_invoice_url"),
        subscription_id=subscription_of(invoice),
    )


def read_refund(refund: Thing, payment: Payment) -> Payment:
    """Money given back of a payment."""
    at = moment(refund.get("created"))
    return _taken_back(refund, "refund", _REFUNDS.get(refund.get("status") or "", "void"), payment, at or payment.at)


def read_dispute(dispute: Thing, payment: Payment) -> Payment:
    """Money that somebody's bank asks back. A mere question of the bank (a warning) has moved none: it is pending."""
    status = dispute.get("status") or ""
    if status in ("won", "lost"):
        ours = status
    elif status in ("warning_closed", "prevented"):
        ours = "void"
    else:
        ours = "pending" if status.startswith("warning_") else "open"
    return _taken_back(dispute, "dispute", ours, payment, moment(dispute.get("created")) or payment.at)


def _taken_back(thing: Thing, kind: str, status: str, payment: Payment, at: datetime) -> Payment:
    return Payment(
        id=thing["id"],
        user_id=payment.user_id,
        kind=kind,
        amount_minor=thing.get("amount") or 0,
        currency=thing.get("currency") or payment.currency,
        tier=payment.tier,
        at=at,
        status=status,
        reference=payment.id,
        subscription_id=payment.subscription_id,
    )


def transfer_of(paid: Sequence[Thing]) -> str | None:
    """The transfer by which a bill was paid, of all that were tried for it."""
    for one in paid:
        of = within(one, "payment")
        found = name_of(of.get("payment_intent")) or name_of(of.get("charge"))
        if found and one.get("status") == "paid":
            return found
    return None


def _price(item: Thing) -> str:
    return name_of(item.get("price")) or name_of(item.get("plan")) or ""


def _interval(item: Thing) -> str:
    price = item.get("price") or item.get("plan") or {}
    if not isinstance(price, Mapping):
        return ""
    return (price.get("recurring") or price).get("interval") or ""


def _unpaid_since(thing: Thing, otherwise: datetime) -> datetime | None:
    if thing.get("status") not in ("past_due", "unpaid"):
        return None
    invoice = thing.get("latest_invoice")
    if isinstance(invoice, Mapping) and invoice.get("status") == "open":
        return moment(invoice.get("created")) or otherwise
    return otherwise


def _next_price(schedule: Thing) -> str | None:
    """The price of the phase after the one that runs."""
    if schedule.get("status") not in ("active", "not_started"):
        return None
    now = within(schedule, "current_phase").get("start_date")
    later = [phase for phase in schedule.get("phases") or [] if now is None or phase.get("start_date", 0) > now]
    if not later:
        return None
    first = min(later, key=lambda phase: phase.get("start_date", 0))
    items = first.get("items") or []
    return _price(items[0]) if items else None
