"""What the house knows of the payment service's side: its customers, their subscriptions, its events, our walks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class BillingCustomer:
    """Who somebody is at the payment service. `id` is the user's; `checkout_id` is their last open checkout.

    `email_digest` is of the e-mail that the service was told.
    """

    id: str
    customer_id: str
    created_at: datetime
    checkout_id: str | None = None
    email_digest: str | None = None


@dataclass(slots=True)
class BillingSubscription:
    """A subscription as the payment service last told it; `id` is its own name for it.

    `status` is the service's word. `interval` is month or year. `ends_at` is when it ends if nobody changes that;
    `unpaid_since` is when the bill was made that is not paid. `next_tier` and `next_interval` are what it becomes at
    the period's end, `schedule_id` what will do that. `is_revoked`: the money for this period was taken back.
    `rev` counts our writes, so that a look begun before another's write does not undo it.
    """

    id: str
    user_id: str
    customer_id: str
    status: str
    tier: str
    interval: str
    price_id: str
    item_id: str
    quantity: int
    created_at: datetime
    seen_at: datetime
    rev: int = 0
    period_start: datetime | None = None
    period_end: datetime | None = None
    trial_end: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    unpaid_since: datetime | None = None
    next_tier: str | None = None
    next_interval: str | None = None
    schedule_id: str | None = None
    is_revoked: bool = False

    @property
    def renews_at(self) -> datetime | None:
        """When it is paid for next; None when it will not be."""
        return self.period_end if self.status in ("active", "trialing") and self.ends_at is None else None

    @property
    def cancel_at_period_end(self) -> bool:
        """Whether it runs and ends by itself."""
        return self.status in ("active", "trialing") and self.ends_at is not None


@dataclass(slots=True)
class StripeEvent:
    """A delivery: that something happened to `object_id` at the payment service, and what became of telling us.

    `id` and `kind` are the service's; `happened_at` is when it happened there. `state` is waiting, done, ignored or
    failed; `due_at` is when it is worked next, None when it is done with. `reason` says why it was not, for people.
    What an event says of the object is not kept: the object itself is looked at.
    """

    id: str
    kind: str
    happened_at: datetime
    received_at: datetime
    state: str = "waiting"
    object_kind: str = ""
    object_id: str | None = None
    customer_id: str | None = None
    subscription_id: str | None = None
    due_at: datetime | None = None
    attempts: int = 0
    done_at: datetime | None = None
    reason: str | None = None
    is_replayed: bool = False


@dataclass(slots=True)
class BillingWalk:
    """How far a walk through the payment service's lists has come: a time, or the row after which it goes on."""

    id: str
    walked_at: datetime
    reached_at: datetime | None = None
    after: str | None = None
    found: int = 0
