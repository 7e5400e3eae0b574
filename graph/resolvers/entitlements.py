"""What tiers give, what somebody has, and what the house offers without money."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from graph.bind import resolves
from graph.context import Info
from graph.resolvers.paging import asks_for
from services.audio.renditions import Quality
from services.billing.prices import Price
from services.entitlements.folding import TIERS
from services.entitlements.overview import MyEntitlements, Used
from services.entitlements.table import Entitlements
from services.errors import Unavailable
from services.paging import Page, slice_of
from storage.records import SubscriptionSpan
from storage.records.grant import Grant
from storage.records.offer import Coupon

BILLING_OFF = "BILLING_OFF"


class GrantSource(StrEnum):
    """How somebody came by a tier."""

    HOUSE = "house"
    STRIPE = "stripe"
    FAMILY = "family"
    STUDENT = "student"


@dataclass(slots=True)
class Tier:
    """What a tier gives."""

    tier: str
    quality: Quality
    downloads: bool
    download_devices: int
    download_songs: int
    skips_per_hour: int | None
    playing_devices: int | None
    devices: int
    host_rooms: bool
    people: int


@dataclass(slots=True)
class GainTier:
    """What starting the trial or redeeming a code gives."""

    grant: Grant


@dataclass(slots=True)
class MakeCoupon:
    """What making a coupon gives."""

    coupon: Coupon
    code: str


@dataclass(slots=True)
class WithdrawCoupon:
    """What withdrawing a coupon gives."""

    coupon: Coupon


RECORDS = {
    "Tier": Tier,
    "Grant": Grant,
    "TierSpan": SubscriptionSpan,
    "EntitlementsUsed": Used,
    "Entitlements": MyEntitlements,
    "GainTier": GainTier,
    "Coupon": Coupon,
    "MakeCoupon": MakeCoupon,
    "WithdrawCoupon": WithdrawCoupon,
}
ENUMS = {"GrantSource": GrantSource}


@resolves("Query.tiers")
def tiers(_: None, info: Info) -> list[Tier]:
    """The whole table."""
    return [_tier(info, tier, info.context.house.tier_table.of(tier)) for tier in TIERS]


@resolves("Tier.prices")
async def prices(tier: Tier, info: Info) -> list[Price] | None:
    """What it costs."""
    try:
        return [price for price in await info.context.house.billing_prices.all() if price.tier == tier.tier]
    except Unavailable as away:
        return [] if away.reason == BILLING_OFF else None


@resolves("Query.myEntitlements")
async def my_entitlements(_: None, info: Info) -> MyEntitlements:
    """What the viewer has."""
    return await info.context.house.entitlement_overview.mine(info.context.viewer)


@resolves("Entitlements.tier")
def tier(mine: MyEntitlements, info: Info) -> Tier:
    """What it gives."""
    return _tier(info, mine.tier, mine.gives)


@resolves("Entitlements.since")
def since(mine: MyEntitlements, _info: Info) -> datetime | None:
    """The beginning of its span."""
    return mine.standing.start


@resolves("Entitlements.until")
def until(mine: MyEntitlements, _info: Info) -> datetime | None:
    """The end of its span."""
    return mine.standing.end


@resolves("Entitlements.later")
def later(mine: MyEntitlements, _info: Info) -> list[SubscriptionSpan]:
    """What comes after it."""
    return list(mine.standing.later)


@resolves("Entitlements.mayTry")
async def may_try(_: MyEntitlements, info: Info) -> bool:
    """Whether the house's trial is still to be had."""
    return await info.context.house.trials.may_try(info.context.viewer)


@resolves("Query.coupons")
async def coupons(_: None, info: Info, **part: Any) -> Page[Coupon]:
    """A page of coupons."""
    counted = asks_for(info, "totalCount")
    return await info.context.house.coupons.listing(info.context.viewer, slice_of(**part), counted=counted)


@resolves("Mutation.redeemCoupon")
async def redeem_coupon(_: None, info: Info, code: str) -> GainTier:
    """What the code gave."""
    return GainTier(await info.context.house.coupons.redeem(info.context.viewer, code))


@resolves("Mutation.startTrial")
async def start_trial(_: None, info: Info) -> GainTier:
    """What the trial gives."""
    return GainTier(await info.context.house.trials.begin(info.context.viewer))


@resolves("Mutation.makeCoupon")
async def make_coupon(_: None, info: Info, **wanted: Any) -> MakeCoupon:
    """A new code."""
    made = await info.context.house.coupons.make(info.context.viewer, **wanted)
    return MakeCoupon(made.coupon, made.code)


@resolves("Mutation.withdrawCoupon")
async def withdraw_coupon(_: None, info: Info, id: str) -> WithdrawCoupon:
    """A code that is good no more."""
    return WithdrawCoupon(await info.context.house.coupons.withdraw(info.context.viewer, id))


def _tier(info: Info, tier: str, gives: Entitlements) -> Tier:
    people = info.context.house.families.rules.people if tier == "family" else 1
    return Tier(tier=tier, people=people, **{each.name: getattr(gives, each.name) for each in fields(gives)})
