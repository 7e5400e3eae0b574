"""The room of entitlements: what each tier gives, who has which, and what of it is used."""

from __future__ import annotations

from dataclasses import dataclass

from services.entitlements.grants import Grants
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


def build_entitlements(ground: Ground) -> EntitlementRoom:
    """The room, ready."""
    return EntitlementRoom(
        grants=ground.accounts.grants,
        tier_table=ground.tiers,
        skips=Skips(ground.live, ground.clock, ground.tiers),
        playing_places=PlayingPlaces(ground.live, ground.clock, ground.tiers),
    )
