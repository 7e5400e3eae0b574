"""The rules of families, from the settings. Owns values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FamilyRules:
    """`people` share a plan, its owner included. `keys` make digests of addresses: the first makes, all recognise.

    `switch_days` lie between coming into one family and into another, `address_days` are there to say a new address.
    """

    people: int = 6
    invite_days: int = 7
    switch_days: int = 365
    address_days: int = 14
    same_address: bool = True
    keys: Sequence[bytes] = field(default=(b"only for tests",), repr=False)

    @property
    def invite_life(self) -> timedelta:
        """How long an invitation is good."""
        return timedelta(days=self.invite_days)
