"""Subscriptions that admins give: which tiers there are, for how long.

Owns the gift of the house, one grant a person. Refuses to know payment, and what else gives somebody a tier.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.accounts.people_access import seen_by
from services.audit.audit import Audit
from services.clock import Clock
from services.entitlements.folding import FREE, TIERS
from services.entitlements.grants import Grants
from services.errors import Invalid, NotFound
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records import User

log = logging.getLogger("tutti.accounts")

MOST_TIER_DAYS = 36_500


class Tiers:
    """The tiers that this house gives. `by_login` finds an account by e-mail or username."""

    def __init__(
        self, store: Store, clock: Clock, grants: Grants, by_login: Callable[[str], Awaitable[User | None]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._grants = grants
        self._by_login = by_login
        self._audit = Audit(store, clock)

    async def give(self, viewer: Viewer, login: str, tier: str, *, days: int | None = None) -> User:
        """Give an account (by e-mail or username) a tier, for so many days or without an end; `free` takes it back.

        What was given otherwise (paid for, a family's) stays: the account has the strongest of what it was given. For
        admins and the maintenance command. Invalid for another tier and outside 1 to 36,500 days; NotFound.
        """
        viewer.require(Role.ADMIN)
        if tier not in TIERS:
            raise Invalid(f"The tier is one of {', '.join(TIERS)}.", field="tier")
        if days is not None and (tier == FREE or not 1 <= days <= MOST_TIER_DAYS):
            raise Invalid(f"A subscription lasts from 1 to {MOST_TIER_DAYS:,} days.", field="days")
        user = await self._by_login(login.strip(" "))
        if user is None:
            raise NotFound("There is no such user.", field="username")
        now, grant_id = self._clock.now(), f"house:{user.id}"
        if tier == FREE:
            await self._grants.withdraw(grant_id)
        else:
            until = None if days is None else now + timedelta(days=days)
            await self._grants.put(grant_id, user.id, source="house", tier=tier, starts_at=now, ends_at=until)
        await self._audit.note(viewer, "tier.give", "user", user.id, tier=tier, days=days or 0)
        log.info("tier set", extra={"user_id": user.id, "tier": tier})
        return seen_by(viewer, await self._store.users.get(user.id) or user)
