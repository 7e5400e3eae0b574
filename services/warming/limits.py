"""What idle work may take of the machine, as values from the settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdleLimits:
    """`quality` is what listeners prefer. `cache_share` (0 to 1): how full the cache may be for it, 0 does nothing.

    `most_load` is the machine's load for each core, over a minute.
    """

    quality: str = "high"
    cache_share: float = 0.25
    most_load: float = 0.5
