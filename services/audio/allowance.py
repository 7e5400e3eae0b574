"""The quality a listener gets: what they prefer where nothing is asked, and the most that their tier has.

Owns the two answers. Refuses to know songs and files; a preference is asked of who keeps it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.audio.renditions import Quality, parse_quality
from services.entitlements.table import TierTable
from services.viewer import Viewer

Preference = Callable[[Viewer], Awaitable[str]]
"""The quality this viewer wants when a request names none."""


class Allowance:
    """What viewers prefer and may have."""

    def __init__(self, tiers: TierTable, preference: Preference | None) -> None:
        self._tiers = tiers
        self._preference = preference

    async def preferred(self, viewer: Viewer, asked: Quality | None) -> Quality:
        """What the viewer prefers; high where something was `asked`, because that is not looked at then."""
        if asked is not None or self._preference is None:
            return Quality.HIGH
        return parse_quality(await self._preference(viewer), field="preference")

    def ceiling(self, viewer: Viewer, ceiling: str | None) -> Quality:
        """The most that the viewer gets: the lower of their tier's and `ceiling`. Invalid for an unknown one."""
        tier = self._tiers.of_viewer(viewer).quality
        if ceiling is None:
            return tier
        return min(tier, parse_quality(ceiling, field="ceiling"), key=lambda each: each.rank)
