"""Offers: codes that give a tier for some days, and who tried a subscription before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Coupon:
    """A code that gives `tier` for `days`, to as many accounts as `uses` says, each once. The code is a digest.

    `hint` is its end, by which admins tell codes apart. `left` and `user_ids` change together.
    """

    id: str
    code_hash: str
    hint: str
    name: str
    tier: str
    days: int
    uses: int
    left: int
    created_at: datetime
    updated_at: datetime
    created_by: str
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    user_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TrialNote:
    """Somebody tried a subscription; the id is their own. `email_key` is a keyed digest of their e-mail then.

    `ends_at` is set for a trial that the house itself gave, and `is_given` once it has.
    """

    id: str
    source: str
    at: datetime
    email_key: str = ""
    tier: str = ""
    ends_at: datetime | None = None
    is_given: bool = True
