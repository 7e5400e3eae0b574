"""From the settings of tiers to what the services are handed. Owns nothing but the translation."""

from __future__ import annotations

from dataclasses import asdict

from server.settings import Settings
from services.audio.renditions import Quality
from services.entitlements.folding import TIERS
from services.entitlements.table import Entitlements, TierTable


def tier_table(settings: Settings) -> TierTable:
    """The table of this house; rations are kept where they are wanted, or where subscriptions are sold."""
    tiers = settings.tiers
    rows = {tier: asdict(getattr(tiers, tier)) for tier in TIERS}
    made = {tier: Entitlements(**row | {"quality": Quality(row["quality"])}) for tier, row in rows.items()}
    return TierTable(made, rations=tiers.rations == "on" or (tiers.rations == "auto" and _sells(settings)))


def _sells(settings: Settings) -> bool:
    billing = getattr(settings, "billing", None)
    return bool(getattr(billing, "secret_key", ""))
