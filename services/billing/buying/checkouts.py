"""Buying a subscription: a page of the payment service's, where somebody pays, and the page for those who did.

Owns who may buy what. What was bought is told by the payment service alone (`webhooks`), never by who comes back.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.billing.companions import ProvenStudents, TrialBook
from services.billing.customers import Customers
from services.billing.entitling import LIVING
from services.billing.prices import Prices
from services.billing.rules import BillingRules
from services.billing.speaking.reading import USER_KEY, moment
from services.billing.speaking.stripe_api import BillingRefused, StripeApi, Thing
from services.billing.subscriptions import Subscriptions
from services.clock import Clock
from services.errors import Conflict, Denied, Invalid, Unavailable
from services.throttle import TokenBuckets
from services.viewer import Viewer

GUESSES = 10
SECONDS_PER_GUESS = 600.0
"""Coupons one person may try at once, and how soon they may try one more."""
_COUPON = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SAME_S = 600
"""Asking for the same again within so many seconds leads to the same page."""
_OPEN_S = 3600
"""How long a page may be paid on; the service takes no less than half an hour."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A page where somebody pays: its address, and until when it is open."""

    id: str
    url: str
    expires_at: datetime | None


class Checkouts:
    """Makes pages to pay on."""

    def __init__(
        self,
        clock: Clock,
        api: StripeApi,
        rules: BillingRules,
        customers: Customers,
        subscriptions: Subscriptions,
        prices: Prices,
        *,
        public_url: str,
        students: ProvenStudents | None = None,
        trials: TrialBook | None = None,
    ) -> None:
        self._clock = clock
        self._api = api
        self._rules = rules
        self._customers = customers
        self._subscriptions = subscriptions
        self._prices = prices
        self._public_url = public_url.rstrip("/")
        self._students = students
        self._trials = trials
        self._guesses = TokenBuckets(clock, capacity=GUESSES, seconds_per_token=SECONDS_PER_GUESS)

    async def create(self, viewer: Viewer, tier: str, interval: str, *, coupon: str | None = None) -> Checkout:
        """A page on which the viewer buys a tier by the month or year.

        Conflict (ALREADY_SUBSCRIBED) for who has a subscription, which is changed instead; Denied
        (STUDENT_NOT_PROVEN) for a student's price; Invalid for what is not for sale and a coupon that is not good.
        """
        user_id = viewer.require_oneself()
        self._api.open()
        price = self._prices.id_of(tier, interval)
        await self.require_allowed(user_id, tier)
        there = await self._subscriptions.of_user(user_id)
        if there is not None and there.status in LIVING - {"incomplete"}:
            raise Conflict("You have a subscription already: change it instead.", code="ALREADY_SUBSCRIBED")
        promotion = None if coupon is None else await self._promotion(user_id, coupon)
        customer = await self._customers.of_or_new(user_id)
        asked = await self._asked(user_id, customer.customer_id, price, promotion)
        session = await self._open(user_id, asked, is_first=customer.checkout_id is None)
        if customer.checkout_id not in (None, session["id"]):
            await self._close(customer.checkout_id or "")
        await self._customers.note_checkout(user_id, session["id"])
        return Checkout(session["id"], session["url"], moment(session.get("expires_at")))

    async def require_allowed(self, user_id: str, tier: str) -> None:
        """Return when somebody may buy the tier: a student's price is for proven students."""
        if tier == "student" and not (self._students is not None and await self._students.stands(user_id)):
            raise Denied("Prove first that you are a student.", code="STUDENT_NOT_PROVEN")

    async def may_try(self, user_id: str) -> bool:
        """Whether a subscription of theirs would begin with a trial."""
        if self._rules.trial_days < 1 or await self._subscriptions.of_user(user_id) is not None:
            return False
        return self._trials is None or await self._trials.may_begin(user_id)

    async def _asked(self, user_id: str, customer_id: str, price: str, promotion: str | None) -> Thing:
        if not self._public_url:
            raise Unavailable("The operator has to set server.public_url first.", code="BILLING_MISCONFIGURED")
        bucket = self._clock.epoch_ms() // 1000 // _SAME_S * _SAME_S
        subscription: dict[str, Any] = {"metadata": {USER_KEY: user_id}}
        if await self.may_try(user_id):
            subscription["trial_period_days"] = self._rules.trial_days
        asked: dict[str, Any] = {
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": user_id,
            "metadata": {USER_KEY: user_id},
            "line_items": [{"price": price, "quantity": 1}],
            "subscription_data": subscription,
            "success_url": f"{self._public_url}/billing/success",
            "cancel_url": f"{self._public_url}/billing/cancelled",
            "expires_at": bucket + _SAME_S + _OPEN_S,
        }
        if promotion is not None:
            asked["discounts"] = [{"promotion_code": promotion}]
        else:
            asked["allow_promotion_codes"] = True
        if self._rules.automatic_tax:
            asked["automatic_tax"] = {"enabled": True}
            asked["tax_id_collection"] = {"enabled": True}
            asked["customer_update"] = {"address": "auto", "name": "auto"}
        return asked

    async def _open(self, user_id: str, asked: Thing, *, is_first: bool) -> Thing:
        digest = hashlib.sha256(repr(sorted(asked.items())).encode()).hexdigest()[:32]
        session = await self._api.post("/v1/checkout/sessions", asked, key=f"tutti-checkout-{user_id}-{digest}")
        # The same key gives what was answered then: since then it may have been paid on, or closed.
        now = session if is_first else await self._api.get(f"/v1/checkout/sessions/{session['id']}")
        if now is not None and now.get("status", "open") == "open" and now.get("url"):
            return now
        return await self._api.post("/v1/checkout/sessions", asked)

    async def _close(self, checkout_id: str) -> None:
        """No two pages are open for one person, or they could buy twice."""
        try:
            await self._api.post(f"/v1/checkout/sessions/{checkout_id}/expire")
        except (BillingRefused, Conflict):
            return  # it was closed already

    async def _promotion(self, user_id: str, coupon: str) -> str:
        wrong = Invalid("This coupon is not good.", field="coupon", code="COUPON_WRONG")
        if not _COUPON.fullmatch(coupon.strip()):
            raise wrong
        self._guesses.take(user_id)
        found, _ = await self._api.list("/v1/promotion_codes", {"code": coupon.strip(), "active": True, "limit": 1})
        if not found:
            raise wrong
        return str(found[0]["id"])
