"""The room of entitlements: what each tier gives, who has which, and what of it is used."""

from __future__ import annotations

from dataclasses import dataclass

from services.entitlements.grants import Grants
from services.entitlements.overview import EntitlementOverview
from services.entitlements.places import PlayingPlaces
from services.entitlements.skips import Skips
from services.entitlements.table import TierTable
from services.ground import Ground


@dataclass
class EntitlementRoom:
    """What stands in `services/entitlements`."""

    grants: Grants
    tier_table: TierTable
    skips: Skips
    playing_places: PlayingPlaces
    entitlement_overview: EntitlementOverview


def build_entitlements(ground: Ground) -> EntitlementRoom:
    """The room, ready."""
    grants, tiers = ground.accounts.grants, ground.tiers
    skips = Skips(ground.live, ground.clock, tiers)
    places = PlayingPlaces(ground.live, ground.clock, tiers)
    return EntitlementRoom(
        grants=grants,
        tier_table=tiers,
        skips=skips,
        playing_places=places,
        entitlement_overview=EntitlementOverview(ground.store, ground.clock, tiers, grants, skips, places),
    )
