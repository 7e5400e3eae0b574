"""What subscriptions cost: the prices named in the settings, as the payment service has them.

Owns a small cache of at most one row for each tier and interval. Refuses to know who buys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.billing.rules import INTERVALS, TIERS, BillingRules
from services.billing.speaking.stripe_api import StripeApi
from services.clock import Clock
from services.errors import Invalid, Unavailable

AWAY_S = 15.0
"""How long a service that does not answer is not asked again: anybody may ask for prices."""
KEPT_S = 600.0
"""How long a price is believed; one that is shown and one that is charged may differ for so long."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a tier costs for an interval, in the smallest unit of its currency. `tax_is_included` None: not said."""

    tier: str
    interval: str
    amount_minor: int
    currency: str
    tax_is_included: bool | None
    trial_days: int


class Prices:
    """The list of prices."""

    def __init__(self, clock: Clock, api: StripeApi, rules: BillingRules) -> None:
        self._clock = clock
        self._api = api
        self._rules = rules
        self._known: list[Price] = []
        self._known_at: float | None = None
        self._away: tuple[float, Unavailable] | None = None
        self._asking = asyncio.Lock()

    async def all(self) -> list[Price]:
        """Every price, by tier and interval. Unavailable when there is no payment service or it never answered."""
        self._api.open()
        async with self._asking:
            now = self._clock.monotonic()
            if self._known_at is None or now - self._known_at >= KEPT_S:
                if self._known_at is None and self._away is not None and now - self._away[0] < AWAY_S:
                    raise self._away[1]
                try:
                    self._known = await self._ask()
                except Unavailable as trouble:
                    self._away = (now, trouble)
                    if self._known_at is None:
                        raise
                    # What was known is shown on; it is asked again after as long.
                self._known_at = now
            return list(self._known)

    def id_of(self, tier: str, interval: str) -> str:
        """The price id of what somebody wants. Invalid (NOT_FOR_SALE) when there is none."""
        if tier not in TIERS or interval not in INTERVALS:
            raise Invalid(f"The tiers are {', '.join(TIERS)}, by month or year.", field="tier", code="NOT_FOR_SALE")
        price = self._rules.prices.get((tier, interval))
        if price is None:
            raise Invalid(f"There is no {tier} subscription by the {interval} here.", field="tier", code="NOT_FOR_SALE")
        return price

    async def _ask(self) -> list[Price]:
        plans = [(tier, interval) for tier in TIERS for interval in INTERVALS if (tier, interval) in self._rules.prices]
        found = await asyncio.gather(*(self._one(*plan) for plan in plans))
        return [price for price in found if price is not None]

    async def _one(self, tier: str, interval: str) -> Price | None:
        thing = await self._api.get(f"/v1/prices/{self._rules.prices[(tier, interval)]}")
        return None if thing is None or not thing.get("active") else self._read(thing, tier, interval)

    def _read(self, thing: Mapping[str, Any], tier: str, interval: str) -> Price:
        included = {"inclusive": True, "exclusive": False}.get(thing.get("tax_behavior") or "")
        amount, currency = thing.get("unit_amount") or 0, thing.get("currency") or ""
        return Price(tier, interval, amount, currency, included, self._rules.trial_days)
