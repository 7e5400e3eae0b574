"""From the settings of tiers to what the services are handed. Owns nothing but the translation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from server.settings import Settings
from services.audio.renditions import Quality
from services.entitlements.folding import TIERS
from services.entitlements.table import Entitlements, TierTable
from services.families.rules import FamilyRules
from services.offers.rules import OfferRules
from services.students.rules import StudentRules
from services.students.schools import read_domains


def tier_table(settings: Settings) -> TierTable:
    """The table of this house; rations are kept where they are wanted, or where subscriptions are sold."""
    tiers = settings.tiers
    rows = {tier: asdict(getattr(tiers, tier)) for tier in TIERS}
    made = {tier: Entitlements(**row | {"quality": Quality(row["quality"])}) for tier, row in rows.items()}
    return TierTable(
        made, rations=tiers.rations == "on" or (tiers.rations == "auto" and bool(settings.billing.secret_key))
    )


def family_rules(settings: Settings, secrets: Sequence[str]) -> FamilyRules:
    """The rules of families; the keys of addresses are made from the house's secrets."""
    plan = settings.family_plan
    keys = [hashlib.sha256(b"tutti family address\0" + secret.encode()).digest() for secret in secrets]
    return FamilyRules(
        plan.people, plan.invite_days, plan.switch_days, plan.address_days, same_address=plan.same_address, keys=keys
    )


def student_rules(settings: Settings, secrets: Sequence[str]) -> StudentRules:
    """The rules for students. Where the tier is sold, a proof is the right to buy it."""
    students, prices = settings.students, settings.billing.prices
    return StudentRules(
        read_domains(students.domains),
        documents=students.documents,
        years=students.years,
        remind_days=students.remind_days,
        grace_days=students.grace_days,
        gives_tier=not (settings.billing.secret_key and (prices.student_month or prices.student_year)),
        keys=[hashlib.sha256(b"tutti students\0" + secret.encode()).digest() for secret in secrets],
    )


def offer_rules(settings: Settings, secrets: Sequence[str]) -> OfferRules:
    """The rules of offers. The oldest secret makes the digests of e-mails, so that they outlive the newest."""
    key = hashlib.sha256(b"tutti trials\0" + secrets[-1].encode()).digest()
    return OfferRules(settings.trials.days, settings.trials.tier, key)
