"""What a subscription entitles to: from its record alone, so that whatever order news came in, the same follows.

Owns the rule. Refuses to know how a tier is given (`services/entitlements`) and who tells of changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records.billing import BillingSubscription

RUNNING = frozenset({"active", "trialing"})
LIVING = RUNNING | {"past_due", "unpaid", "paused", "incomplete"}
"""Everything that is not over for good."""
SLACK = timedelta(days=3, hours=6)
"""How long a tier outlives its period when the subscription renews by itself: the news of the renewal may be late, and
nobody is to be told three days before each renewal that their subscription ends soon."""


@dataclass(frozen=True, slots=True)
class Due:
    """A tier that somebody is to have, and when it ends."""

    tier: str
    starts_at: datetime
    ends_at: datetime


def due(subscription: BillingSubscription, *, grace_days: int) -> Due | None:
    """What is due for a subscription; None for nothing.

    One that runs gives its tier until the period's end and a little beyond, or exactly until it ends when it will not
    renew. One whose bill is not paid gives it for `grace_days` from that bill on. All others give nothing, and none
    does whose money for this period was taken back.
    """
    one = subscription
    if one.is_revoked or not one.tier:
        return None
    if one.status in RUNNING and one.period_end is not None:
        ends_at = one.period_end + SLACK if one.ends_at is None else min(one.ends_at, one.period_end + SLACK)
    elif one.status == "past_due" and one.unpaid_since is not None:
        ends_at = one.unpaid_since + timedelta(days=grace_days)
    else:
        return None
    return Due(one.tier, one.created_at, ends_at) if ends_at > one.created_at else None
