"""What happens to somebody's subscription, told on the bus (`services/events.py`) after it was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriptionStep(StrEnum):
    """What happens to somebody's subscription."""

    BEGAN = "began"
    RENEWAL_FAILED = "renewal_failed"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    TRIAL_ENDS = "trial_ends"


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """A step of somebody's subscription to `tier`, published by whoever changes it, once for each `at`.

    `until` is when it ends as things stand, None without an end.
    """

    user_id: str
    step: SubscriptionStep
    tier: str
    at: datetime
    until: datetime | None = None
