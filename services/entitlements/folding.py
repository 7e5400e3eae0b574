"""From grants to the tier that somebody has at each moment: a pure fold.

Owns the order of strength among tiers. Refuses to know where grants are kept and who is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.records.grant import Grant
from storage.records.user import SubscriptionSpan, User

FREE = "free"
TIERS = (FREE, "student", "premium", "family")
"""What an account may have, the weakest first: of several grants in force the strongest counts."""
LATER_LIMIT = 20
"""Spans to come that a user carries; those beyond are found when these have gone by."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has at a moment (`start` and `end` of its span), what comes after, and when it next changes."""

    tier: str = FREE
    start: datetime | None = None
    end: datetime | None = None
    later: tuple[SubscriptionSpan, ...] = ()

    @property
    def turns_at(self) -> datetime | None:
        """When something else holds than now, as things stand."""
        moments = [span.starts_at for span in self.later] + ([self.end] if self.end is not None else [])
        return min(moments, default=None)


def ends_of(grant: Grant) -> datetime | None:
    """When a grant ends: at its time, or when it was withdrawn before."""
    ends = [moment for moment in (grant.ends_at, grant.withdrawn_at) if moment is not None]
    return min(ends, default=None)


def in_force(grant: Grant, now: datetime) -> bool:
    """Whether it gives its tier at that moment."""
    end = ends_of(grant)
    return grant.starts_at <= now and (end is None or now < end)


def strongest(tiers: Iterable[str]) -> str:
    """The strongest of several tiers, `free` of none. A tier that is not known any more counts as free."""
    return max((tier for tier in tiers if tier in TIERS), key=TIERS.index, default=FREE)


def timeline(grants: Sequence[Grant]) -> list[SubscriptionSpan]:
    """What the grants give from first to last: spans of one tier each, without those in which it is free."""
    moments = {grant.starts_at for grant in grants}
    edges = sorted(moments | {end for end in map(ends_of, grants) if end is not None})
    spans: list[SubscriptionSpan] = []
    for at, moment in enumerate(edges):
        tier = strongest(grant.tier for grant in grants if in_force(grant, moment))
        if tier == FREE:
            continue
        end = edges[at + 1] if at + 1 < len(edges) else None
        last = spans[-1] if spans else None
        if last is not None and last.tier == tier and last.ends_at == moment:
            spans[-1] = SubscriptionSpan(tier, last.starts_at, end)
        else:
            spans.append(SubscriptionSpan(tier, moment, end))
    return spans


def standing_at(spans: Sequence[SubscriptionSpan], now: datetime) -> Standing:
    """What holds at that moment, and what comes."""
    later = tuple(span for span in spans if span.starts_at > now)[:LATER_LIMIT]
    for span in spans:
        if span.starts_at <= now and (span.ends_at is None or now < span.ends_at):
            return Standing(span.tier, span.starts_at, span.ends_at, later)
    return Standing(later=later)


def tier_of(user: User, now: datetime) -> str:
    """The tier a user has now, exact to the moment: what was projected knows when it ends and what comes after."""
    for span in reversed(user.subscription_later):
        if span.starts_at <= now:
            return span.tier if span.ends_at is None or now < span.ends_at else FREE
    if user.subscription_end is not None and user.subscription_end <= now:
        return FREE
    return user.subscription_type
