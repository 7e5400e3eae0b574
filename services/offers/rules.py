"""The rules of offers, from the settings. Owns values alone."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OfferRules:
    """`trial_days` of `trial_tier` are given to whoever asks for the first time; 0 gives none. `key` makes digests."""

    trial_days: int = 0
    trial_tier: str = "premium"
    key: bytes = field(default=b"only for tests", repr=False)
