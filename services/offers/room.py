"""The room of offers."""

from __future__ import annotations

from dataclasses import dataclass

from services.entitlements.room import EntitlementRoom
from services.ground import Ground
from services.offers.coupons import Coupons
from services.offers.trials import Trials
from services.shared_throttle import SharedBuckets, SharedCounts

WRONG_CODES = 10
SECONDS_PER_CODE = 600.0


@dataclass
class OfferRoom:
    """What stands in `services/offers`."""

    coupons: Coupons
    trials: Trials


def build_offers(ground: Ground, entitlements: EntitlementRoom) -> OfferRoom:
    """The room, ready."""
    store, clock, grants = ground.store, ground.clock, entitlements.grants
    counts = SharedCounts(clock, ground.live)
    tries = SharedBuckets(counts, "coupon", capacity=WRONG_CODES, seconds_per_token=SECONDS_PER_CODE)
    return OfferRoom(
        coupons=Coupons(store, clock, grants, ground.audit, tries),
        trials=Trials(store, clock, grants, ground.offer_rules),
    )
