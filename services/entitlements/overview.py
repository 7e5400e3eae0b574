"""What somebody has: their tier, why, what it gives, and how much of that is used.

Owns that answer. Refuses to decide anything: `table.py` and `grants.py` do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.clock import Clock
from services.entitlements.folding import Standing, in_force, standing_at, timeline
from services.entitlements.grants import Grants
from services.entitlements.places import PlayingPlaces
from services.entitlements.skips import Skips
from services.entitlements.table import Entitlements, TierTable
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.grant import Grant


@dataclass(frozen=True, slots=True)
class Used:
    """What is used of what a tier gives. `skips_free_at` is when the first skip of this hour is an hour ago."""

    skips: int
    skips_free_at: datetime | None
    playing_devices: int
    devices: int
    download_devices: int


@dataclass(frozen=True, slots=True)
class MyEntitlements:
    """A tier as somebody has it: what it gives, until when, by which grants, and what of it is used."""

    tier: str
    gives: Entitlements
    standing: Standing
    grants: Sequence[Grant]
    used: Used


class EntitlementOverview:
    """Answers for oneself alone."""

    def __init__(
        self, store: Store, clock: Clock, tiers: TierTable, grants: Grants, skips: Skips, places: PlayingPlaces
    ) -> None:
        self._store = store
        self._clock = clock
        self._tiers = tiers
        self._grants = grants
        self._skips = skips
        self._places = places

    async def mine(self, viewer: Viewer) -> MyEntitlements:
        """What the viewer has; three store commands."""
        user_id, now = viewer.require(Role.LISTENER), self._clock.now()
        grants, skips, playing, players, keepers = await asyncio.gather(
            self._grants.of_user(user_id),
            self._skips.used(viewer),
            self._places.in_use(viewer),
            self._store.device_lists.get(user_id),
            self._store.download_devices.count({"user_id": user_id}),
        )
        standing = standing_at(timeline(grants), now)
        return MyEntitlements(
            tier=viewer.tier,
            gives=self._tiers.of_viewer(viewer),
            standing=standing,
            grants=[grant for grant in grants if in_force(grant, now)],
            used=Used(skips.used, skips.frees_at, playing, 0 if players is None else len(players.devices), keepers),
        )
