"""The quality a listener gets: what they prefer where nothing is asked, and the most that their tier has.

Owns the two answers. Refuses to know songs and files; a preference is asked of who keeps it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from services.audio.renditions import TIER_CEILINGS, Quality, parse_quality, tier_ceiling
from services.viewer import Viewer

Preference = Callable[[Viewer], Awaitable[str]]
"""The quality this viewer wants when a request names none."""


class Allowance:
    """What viewers prefer and may have. `ceilings` are the best quality of each tier, by name."""

    def __init__(self, ceilings: Mapping[str, str] | None, preference: Preference | None) -> None:
        named = {tier: parse_quality(most, field="ceiling") for tier, most in (ceilings or {}).items()}
        self._ceilings = named or TIER_CEILINGS
        self._preference = preference

    async def preferred(self, viewer: Viewer, asked: Quality | None) -> Quality:
        """What the viewer prefers; high where something was `asked`, because that is not looked at then."""
        if asked is not None or self._preference is None:
            return Quality.HIGH
        return parse_quality(await self._preference(viewer), field="preference")

    def ceiling(self, viewer: Viewer, ceiling: str | None) -> Quality:
        """The most that the viewer gets: the lower of their tier's and `ceiling`. Invalid for an unknown one."""
        tier = tier_ceiling(viewer.tier, self._ceilings)
        if ceiling is None:
            return tier
        return min(tier, parse_quality(ceiling, field="ceiling"), key=lambda each: each.rank)
