"""Settings of taking money with Stripe.

Owns names, defaults, bounds and meanings. Refuses to know where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.sections.setting import setting


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """Price ids, such as `price_1Qk…`; what has none is not for sale."""

    premium_month: str = setting("", "Price id of premium by the month; empty: not for sale.")
    premium_year: str = setting("", "Price id of premium by the year; empty: not for sale.")
    family_month: str = setting("", "Price id of family by the month, for the whole family; empty: not for sale.")
    family_year: str = setting("", "Price id of family by the year, for the whole family; empty: not for sale.")
    student_month: str = setting("", "Price id of student by the month; empty: not for sale.")
    student_year: str = setting("", "Price id of student by the year; empty: not for sale.")


@dataclass(frozen=True, slots=True)
class BillingSettings:
    """Stripe: its keys, what is for sale, and the rules."""

    publishable_key: str = setting("", "Key that browsers may see, `pk_…`; only handed to clients that ask for it.")
    secret_key: str = setting(
        "",
        "Key of the account, `sk_…`, or better a restricted one, `rk_…`; empty takes no money, and `server.public_url` "
        "must be set with it.",
        secret=True,
    )
    webhook_secrets: str = setting(
        "",
        "Signing secrets of the webhook endpoint, `whsec_…`, several with commas while one is rotated.",
        secret=True,
    )
    tolerance_seconds: int = setting(
        300, "How old, or how far ahead of our clock, a signed delivery may be.", least=10, most=3_600
    )
    trial_days: int = setting(
        0, "Days that somebody's first subscription is free of charge; 0 offers no trial.", least=0, most=730
    )
    grace_days: int = setting(
        7, "Days that a tier goes on when its bill is not paid, counted from the bill.", least=0, most=60
    )
    automatic_tax: bool = setting(False, "Have Stripe Tax work taxes out, and ask for tax ids, on its pages.")
    timeout_seconds: float = setting(20.0, "How long one answer of Stripe may take.", least=0.1, most=80)
    api_base: str = setting(
        "", "Another place than Stripe's own, for tests against a stand-in of it.", schemes=("https", "http")
    )
    prices: PriceSettings = field(default_factory=PriceSettings)
