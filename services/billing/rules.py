"""How money is taken, from the settings. Owns values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TIERS = ("premium", "family", "student")
"""What can be bought."""
INTERVALS = ("month", "year")
API_VERSION = "2026-10-28.endive"
"""The shapes that are asked for, whatever the account's own version is."""


@dataclass(frozen=True, slots=True)
class BillingRules:
    """An account at Stripe, or (with no `secret_key`) none. `prices` gives the price id of (tier, interval).

    `webhook_secrets` all verify, so that they can rotate. `api_base` is another place than Stripe's own, for tests.
    """

    publishable_key: str = ""
    secret_key: str = field(default="", repr=False)
    webhook_secrets: Sequence[str] = field(default=(), repr=False)
    prices: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tolerance_s: int = 300
    trial_days: int = 0
    grace_days: int = 7
    automatic_tax: bool = False
    timeout_s: float = 20.0
    api_base: str = ""

    @property
    def stands(self) -> bool:
        """Whether money can be taken at all."""
        return bool(self.secret_key)

    @property
    def is_live(self) -> bool:
        """Whether the money is real."""
        return "_live_" in self.secret_key

    def plan_of(self, price_id: str) -> tuple[str, str] | None:
        """The tier and interval that a price is of."""
        return next((plan for plan, price in self.prices.items() if price == price_id), None)
