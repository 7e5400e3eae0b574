"""Subscriptions that admins give: which tiers there are, for how long, and who is told.

Owns the change of tier. Refuses to know payment.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from services.accounts.people_access import seen_by
from services.clock import Clock
from services.errors import Invalid, NotFound
from services.events import Bus, SubscriptionChanged, SubscriptionStep, UserChanged
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.accounts")

TIERS = ("free", "premium", "family", "student")
"""What an account may be subscribed to."""
MOST_TIER_DAYS = 36_500


class Tiers:
    """The tiers of this house's accounts. `by_login` finds one by e-mail or username."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, by_login: Callable[[str], Awaitable[User | None]]) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._by_login = by_login

    async def give(self, viewer: Viewer, login: str, tier: str, *, days: int | None = None) -> User:
        """Give an account (by e-mail or username) a subscription, for so many days or without an end; `free` ends it.

        For admins and the maintenance command. Invalid for another tier and outside 1 to 36,500 days; NotFound.
        """
        viewer.require(Role.ADMIN)
        if tier not in TIERS:
            raise Invalid(f"The tier is one of {', '.join(TIERS)}.", field="tier")
        if days is not None and (tier == "free" or not 1 <= days <= MOST_TIER_DAYS):
            raise Invalid(f"A subscription lasts from 1 to {MOST_TIER_DAYS:,} days.", field="days")
        user = await self._by_login(login.strip(" "))
        if user is None:
            raise NotFound("There is no such user.", field="username")
        now = self._clock.now()
        given = {"subscription_type": tier, "updated_at": now}
        ends: dict[str, Any] = {"subscription_start": now} if tier != "free" else {}
        cleared = {} if ends else {"subscription_start": ""}
        if days is None:
            cleared["subscription_end"] = ""
        else:
            ends["subscription_end"] = now + timedelta(days=days)
        update: dict[str, Any] = {"$set": given | ends, **({"$unset": cleared} if cleared else {})}
        changed = await self._store.users.update_and_get({"_id": user.id}, update)
        self._bus.publish(UserChanged(user.id))
        self._tell(user, tier, ends.get("subscription_end"), now)
        log.info("tier set", extra={"user_id": user.id, "tier": tier})
        return seen_by(viewer, changed or user)

    def _tell(self, before: User, tier: str, until: datetime | None, now: datetime) -> None:
        if tier != "free":
            step, of = SubscriptionStep.BEGAN, tier
        elif before.subscription_type != "free":
            step, of = SubscriptionStep.ENDED, before.subscription_type
        else:
            return
        self._bus.publish(SubscriptionChanged(before.id, step, of, now, until))
