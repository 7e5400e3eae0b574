"""The rules for students, from the settings. Owns values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class StudentRules:
    """`domains` are those of schools; `gives_tier`: a proof gives the tier itself, else the right to buy it.

    `keys` make digests of addresses and codes: the first makes, all recognise codes.
    """

    domains: Sequence[str] = ()
    documents: bool = True
    years: int = 4
    remind_days: int = 30
    grace_days: int = 14
    gives_tier: bool = True
    keys: Sequence[bytes] = field(default=(b"only for tests",), repr=False)

    @property
    def grace(self) -> timedelta:
        """How long a proof still holds after its year."""
        return timedelta(days=self.grace_days)

    @property
    def ahead(self) -> timedelta:
        """How long before its end somebody is reminded, and may renew."""
        return timedelta(days=self.remind_days)
