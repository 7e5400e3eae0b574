"""Changing what is paid for: another tier or interval, an end, and taking the end back.

Owns when a change comes: what gives more comes at once and is paid for the rest of the period, what gives less comes
when the period that was paid for is over. Refuses to know who may have a tier (`checkouts.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.billing.buying.checkouts import Checkouts
from services.billing.entitling import RUNNING
from services.billing.prices import Prices
from services.billing.speaking.reading import Thing, name_of
from services.billing.speaking.stripe_api import StripeApi
from services.billing.subscriptions import Subscriptions
from services.clock import Clock, to_epoch_ms
from services.errors import Conflict, Invalid, NotFound
from services.viewer import Viewer
from storage.records.billing import BillingSubscription

STRENGTH = {"student": 0, "premium": 1, "family": 2}
MOST_LINES = 50
PREVIEW_HOLDS_S = 3600
"""For so long a change may be made at the moment that a preview was made for, so that the amounts are the same."""


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line of a bill to come; what is given back is below nothing."""

    text: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of plan would mean.

    `amount_minor` is what is paid at once, taxes (`tax_minor`) within it; below nothing it is credit for later bills.
    `next_amount_minor` is the price from then on, without credit. `priced_at` is the moment it was worked out for.
    """

    is_immediate: bool
    effective_at: datetime
    amount_minor: int
    tax_minor: int
    next_amount_minor: int
    currency: str
    priced_at: datetime
    lines: Sequence[PreviewLine]


def is_upgrade(one: BillingSubscription, tier: str, interval: str) -> bool:
    """Whether a plan gives more than the one somebody has: a stronger tier, or the same for a longer time."""
    now, then = STRENGTH.get(one.tier, -1), STRENGTH[tier]
    return then > now or (then == now and (one.interval, interval) == ("month", "year"))


class Plans:
    """Changes of what is paid for."""

    def __init__(
        self, clock: Clock, api: StripeApi, subscriptions: Subscriptions, checkouts: Checkouts, prices: Prices
    ) -> None:
        self._clock = clock
        self._api = api
        self._subscriptions = subscriptions
        self._checkouts = checkouts
        self._prices = prices

    async def preview(self, viewer: Viewer, tier: str, interval: str) -> Preview:
        """What `change` to this plan would do and cost; it changes nothing."""
        one, price = await self._asked(viewer, tier, interval)
        now = self._clock.now()
        ahead = [each for each in await self._prices.all() if (each.tier, each.interval) == (tier, interval)]
        if not ahead:
            raise Invalid("This plan is not for sale any more.", field="tier", code="NOT_FOR_SALE")
        cost, currency = ahead[0].amount_minor, ahead[0].currency
        if not is_upgrade(one, tier, interval):
            return Preview(False, one.period_end or now, 0, 0, cost, currency, now, ())
        details = {
            "items": [{"id": one.item_id, "price": price, "quantity": 1}],
            "proration_behavior": "always_invoice",
            "proration_date": to_epoch_ms(now) // 1000,
        }
        asked = {"customer": one.customer_id, "subscription": one.id, "subscription_details": details}
        bill = await self._api.post("/v1/invoices/create_preview", asked)
        taxes = sum(tax.get("amount") or 0 for tax in bill.get("total_taxes") or [])
        lines = [_line(line) for line in ((bill.get("lines") or {}).get("data") or [])[:MOST_LINES]]
        total = bill.get("total") or 0
        return Preview(True, now, total, taxes, cost, bill.get("currency") or currency, now, lines)

    async def change(
        self, viewer: Viewer, tier: str, interval: str, *, priced_at: datetime | None = None
    ) -> BillingSubscription:
        """Have another plan: more at once, paid for the rest of the period; less from the period's end on.

        `priced_at` is a preview's, at most an hour old. PaymentRequired (PAYMENT_DECLINED) when the difference cannot
        be taken, and nothing has changed then. Conflict (SAME_PLAN) for the plan somebody has and keeps.
        """
        one, price = await self._asked(viewer, tier, interval)
        moment_s = self._priced_at(priced_at)
        await self._subscriptions.release(one)
        if is_upgrade(one, tier, interval):
            await self._upgrade(one, price, moment_s)
        else:
            if one.ends_at is not None:
                await self._api.post(f"/v1/subscriptions/{one.id}", {"cancel_at_period_end": False})
            await self._schedule(one, price, interval)
        return await self._again(one)

    async def cancel(self, viewer: Viewer) -> BillingSubscription:
        """End it when the period that was paid for is over; at once when none was. Again changes nothing."""
        one = await self._living(viewer)
        await self._subscriptions.release(one)
        if one.status in RUNNING:
            return await self._subscriptions.end_at_period_end(one) or one
        return await self._subscriptions.end(one) or one

    async def resume(self, viewer: Viewer) -> BillingSubscription:
        """Take an end back that has not come, and a smaller plan that was to follow. Conflict when it is over."""
        one = await self._living(viewer)
        if one.status not in RUNNING:
            raise Conflict("The subscription does not run: look after its payment first.", code="NOT_RUNNING")
        await self._subscriptions.release(one)
        await self._api.post(f"/v1/subscriptions/{one.id}", {"cancel_at_period_end": False})
        return await self._again(one)

    async def _living(self, viewer: Viewer) -> BillingSubscription:
        user_id = viewer.require_oneself()
        self._api.open()
        return await self._subscriptions.living_of(user_id)

    async def _asked(self, viewer: Viewer, tier: str, interval: str) -> tuple[BillingSubscription, str]:
        user_id = viewer.require_oneself()
        self._api.open()
        price = self._prices.id_of(tier, interval)
        one = await self._subscriptions.living_of(user_id)
        await self._checkouts.require_allowed(user_id, tier)
        if one.status not in RUNNING:
            raise Conflict("The subscription does not run: look after its payment first.", code="NOT_RUNNING")
        if one.price_id == price and one.next_tier is None and one.ends_at is None:
            raise Conflict("That is the plan you have.", code="SAME_PLAN")
        return one, price

    def _priced_at(self, told: datetime | None) -> int:
        now = self._clock.now()
        if told is None:
            told = now
        elif not 0 <= (now - told).total_seconds() <= PREVIEW_HOLDS_S:
            raise Invalid("The preview is too old: ask for another.", field="pricedAt", code="PREVIEW_OLD")
        return to_epoch_ms(told) // 1000

    async def _upgrade(self, one: BillingSubscription, price: str, moment_s: int) -> None:
        asked: dict[str, Any] = {
            "items": [{"id": one.item_id, "price": price, "quantity": 1}],
            "proration_behavior": "always_invoice",
            "payment_behavior": "error_if_incomplete",
            "cancel_at_period_end": False,
        }
        if one.status != "trialing":
            asked["proration_date"] = moment_s
        await self._api.post(f"/v1/subscriptions/{one.id}", asked)

    async def _schedule(self, one: BillingSubscription, price: str, interval: str) -> None:
        if one.price_id == price:
            return  # the plan somebody has, and it goes on: what was to follow was released
        schedule = await self._api.post("/v1/subscription_schedules", {"from_subscription": one.id})
        phase = (schedule.get("phases") or [{}])[0]
        # What is not said of a phase again is taken from it: a coupon that still holds must be named.
        discounts = [_discount(each) for each in phase.get("discounts") or []]
        running: dict[str, Any] = {
            "start_date": phase.get("start_date"),
            "end_date": phase.get("end_date"),
            "items": [{"price": one.price_id, "quantity": one.quantity}],
            "proration_behavior": "none",
        }
        if one.status == "trialing":
            running["trial_end"] = phase.get("trial_end") or phase.get("end_date")
        following: dict[str, Any] = {
            "items": [{"price": price, "quantity": 1}],
            "duration": {"interval": interval, "interval_count": 1},
            "proration_behavior": "none",
        }
        if discounts:
            running["discounts"] = following["discounts"] = discounts
        asked = {"end_behavior": "release", "phases": [running, following]}
        await self._api.post(f"/v1/subscription_schedules/{schedule['id']}", asked)

    async def _again(self, one: BillingSubscription) -> BillingSubscription:
        seen = await self._subscriptions.look(one.id)
        if seen is None:
            raise NotFound("You have no subscription that you pay for.", code="NOT_SUBSCRIBED")
        return seen


def _discount(told: Thing) -> dict[str, str]:
    """How a discount that a schedule tells of is named when it is kept."""
    names = {kind: name_of(told.get(kind)) for kind in ("discount", "promotion_code", "coupon")}
    return next(({kind: name} for kind, name in names.items() if name), {})


def _line(line: Thing) -> PreviewLine:
    return PreviewLine((line.get("description") or "")[:200], line.get("amount") or 0)
