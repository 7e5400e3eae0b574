"""Parental locks: whose explicit songs are kept off by a PIN."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class ParentalLock:
    """One lock; `id` is the account's that it is on, `set_by` whoever set it: themselves, or their family's owner.

    `pin_hash` is an argon2id hash.
    """

    id: str
    pin_hash: str
    set_by: str
    set_at: datetime
