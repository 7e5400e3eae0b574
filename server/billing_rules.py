"""From the settings to the rules by which money is taken, and what is refused of them at the start."""

from __future__ import annotations

from dataclasses import asdict

from server.sections.billing import BillingSettings
from services.billing.rules import BillingRules


def check_billing(billing: BillingSettings, public_url: str) -> list[str]:
    """What is wrong with these settings, a line each, without a secret in it."""
    faults: list[str] = []
    if billing.secret_key and not billing.secret_key.startswith(("sk_", "rk_")):
        faults.append("billing.secret_key must begin with sk_ or rk_")
    if billing.publishable_key and not billing.publishable_key.startswith("pk_"):
        faults.append("billing.publishable_key must begin with pk_")
    if not all(secret.startswith("whsec_") for secret in _listed(billing.webhook_secrets)):
        faults.append("billing.webhook_secrets must each begin with whsec_")
    if billing.secret_key and not public_url:
        faults.append("server.public_url must be set where billing.secret_key is: Stripe sends people back there")
    named = [price for price in asdict(billing.prices).values() if price]
    if len(named) != len(set(named)):
        faults.append("billing.prices names a price twice")
    return faults


def billing_rules(billing: BillingSettings) -> BillingRules:
    """The rules."""
    named = {tuple(name.split("_")): price for name, price in asdict(billing.prices).items() if price}
    return BillingRules(
        billing.publishable_key,
        billing.secret_key,
        _listed(billing.webhook_secrets),
        {(tier, interval): price for (tier, interval), price in named.items()},
        billing.tolerance_seconds,
        billing.trial_days,
        billing.grace_days,
        billing.automatic_tax,
        billing.timeout_seconds,
        billing.api_base,
    )


def _listed(secrets: str) -> list[str]:
    return [part.strip() for part in secrets.split(",") if part.strip()]
