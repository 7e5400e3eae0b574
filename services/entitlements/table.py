"""What each tier gives: the table, and the one function that reads it for somebody.

Owns the default table; the house's own comes from its settings. Refuses to know who has which tier, and how what it
says is kept to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.audio.renditions import Quality
from services.entitlements.folding import FREE, TIERS
from services.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What a tier gives. None is without a bound.

    `playing_devices` may stream at the same time, `devices` are those that a person's list of players holds;
    `download_devices` keep music, each `download_songs`.
    """

    quality: Quality = Quality.LOSSLESS
    downloads: bool = True
    download_devices: int = 5
    download_songs: int = 10_000
    skips_per_hour: int | None = None
    playing_devices: int | None = 3
    devices: int = 50
    host_rooms: bool = True


DEFAULT_TABLE: Mapping[str, Entitlements] = {
    "free": Entitlements(downloads=False, skips_per_hour=6, playing_devices=1),
    "student": Entitlements(playing_devices=2),
    "premium": Entitlements(),
    "family": Entitlements(),
}


@dataclass(frozen=True, slots=True)
class TierTable:
    """The table in force. Without `rations` nobody's skips and playing devices are counted."""

    rows: Mapping[str, Entitlements] = field(default_factory=lambda: DEFAULT_TABLE)
    rations: bool = False

    def of(self, tier: str) -> Entitlements:
        """What that tier gives in this house; a tier that is not known gives what `free` does."""
        row = self.rows.get(tier) or self.rows[FREE]
        return row if self.rations else replace(row, skips_per_hour=None, playing_devices=None)

    def of_viewer(self, viewer: Viewer) -> Entitlements:
        """What this viewer is entitled to now."""
        return self.of(viewer.tier)

    def all(self) -> list[tuple[str, Entitlements]]:
        """Every tier with what it gives, the weakest first."""
        return [(tier, self.of(tier)) for tier in TIERS]
