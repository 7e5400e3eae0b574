"""The grants of all users, and their projection: the tier that stands on the user.

Owns both writes. A grant is written first and marked settled when what follows from it is done, so that a crash in
between is found by the next `move_on`. Refuses to know payments, families and students: each puts grants of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock
from services.entitlements.folding import FREE, TIERS, Standing, ends_of, standing_at, timeline
from services.errors import Conflict, Invalid, NotFound
from services.events import Bus, SubscriptionChanged, SubscriptionStep, UserChanged
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import User
from storage.records.grant import Grant

log = logging.getLogger("tutti.entitlements")

SOURCES = ("house", "stripe", "family", "student")
ID_LIMIT = 200
GRANTS_LIMIT = 500
"""Grants of one person that count: the last begun."""
SETTLES_WITHIN = timedelta(minutes=1)
"""Longer than a request may take: a grant that is not settled by then was left by a crash."""
ATTEMPTS = 20
_AT_ONCE = 500

Hearer = Callable[[str], Awaitable[None]]
"""Told whose grants changed, before they count as settled; must be safe to be told twice."""


class Grants:
    """Who has which tier, and why."""

    def __init__(self, store: Store, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._hearers: list[Hearer] = []

    def hear(self, hearer: Hearer) -> None:
        """Call `hearer` with a user's id after each change of what they have."""
        self._hearers.append(hearer)

    async def put(
        self,
        grant_id: str,
        user_id: str,
        *,
        source: str,
        tier: str,
        starts_at: datetime,
        ends_at: datetime | None = None,
    ) -> Grant:
        """Give, or change what was given: afterwards the grant is exactly this, and the user stands as it says.

        The same again changes nothing. A grant that was withdrawn is in force again. Invalid for an unknown source or
        tier and for an end before the start; NotFound without the user; Conflict for a grant of somebody else.
        """
        _check(grant_id, source, tier, starts_at, ends_at)
        now, shelf = self._clock.now(), self._store.grants
        there = await shelf.get(grant_id)
        if there is not None and there.user_id != user_id:
            raise _taken()
        if there is not None and _same(there, source, tier, starts_at, ends_at) and there.is_settled:
            return there
        if await self._store.users.get(user_id) is None:
            raise NotFound("There is no such user.")
        given = {"source": source, "tier": tier, "starts_at": starts_at, "updated_at": now, "is_settled": False}
        cleared = {"withdrawn_at": ""}
        if ends_at is None:
            cleared["ends_at"] = ""
        else:
            given["ends_at"] = ends_at
        update = {"$set": given, "$unset": cleared, "$inc": {"rev": 1}, "$setOnInsert": {"created_at": now}}
        try:
            grant = await shelf.update_and_get({"_id": grant_id, "user_id": user_id}, update, upsert=True)
        except DuplicateKey as error:
            raise _taken() from error
        log.info("tier granted", extra={"user_id": user_id, "source": source, "tier": tier})
        await self.settle(user_id)
        return grant or Grant(grant_id, user_id, source, tier, starts_at, now, now, ends_at)

    async def withdraw(self, grant_id: str, *, at: datetime | None = None) -> Grant | None:
        """End a grant now, or at a moment; None when there is none of that id. One that is over stays as it was."""
        moment = at or self._clock.now()
        change = {"$set": {"withdrawn_at": moment, "updated_at": self._clock.now(), "is_settled": False}}
        lives: dict[str, Any] = {"$or": [{"withdrawn_at": None}, {"withdrawn_at": {"$gt": moment}}]}
        grant = await self._store.grants.update_and_get({"_id": grant_id, **lives}, change | {"$inc": {"rev": 1}})
        if grant is None:
            return await self._store.grants.get(grant_id)
        log.info("grant withdrawn", extra={"user_id": grant.user_id, "source": grant.source})
        await self.settle(grant.user_id)
        return grant

    async def of_user(self, user_id: str) -> list[Grant]:
        """Somebody's grants, the last begun first."""
        return await self._store.grants.find({"user_id": user_id}, sort=[("starts_at", -1)], limit=GRANTS_LIMIT)

    async def forget(self, user_id: str) -> int:
        """Delete all grants of somebody whose account goes; how many."""
        return await self._store.grants.delete({"user_id": user_id}, many=True)

    async def settle(self, user_id: str) -> Standing:
        """Have the user stand as their grants say, tell of it, and have those settled that were read."""
        for _ in range(ATTEMPTS):
            # The user before the grants: a write of theirs in between leads to another revision, and to another look.
            user = await self._store.users.get(user_id)
            grants = await self.of_user(user_id)
            if user is None:
                await self.forget(user_id)
                return Standing()
            standing = standing_at(timeline(grants), self._clock.now())
            if await self._project(user, standing):
                break
        else:
            raise Conflict("Too much happens to this subscription just now; try again.", code="BUSY")
        self._tell(user, standing)
        for hearer in self._hearers:
            await hearer(user_id)
        for grant in grants:
            if not grant.is_settled:
                await self._store.grants.update({"_id": grant.id, "rev": grant.rev}, {"$set": {"is_settled": True}})
        return standing

    async def move_on(self) -> int:
        """See to starts and ends that have come, and to what a crash left; how many people. A periodic job's work."""
        now = self._clock.now()
        due = await self._store.users.find(
            {"subscription_turn_at": {"$lte": now}}, sort=[("subscription_turn_at", 1)], limit=_AT_ONCE
        )
        left = await self._store.grants.find(
            {"is_settled": False, "updated_at": {"$lte": now - SETTLES_WITHIN}}, limit=_AT_ONCE
        )
        user_ids = list(dict.fromkeys([user.id for user in due] + [grant.user_id for grant in left]))
        for user_id in user_ids:
            await self.settle(user_id)
        return len(user_ids)

    async def prove(self) -> int:
        """Have every user stand as their grants say; how many did not. A periodic job's work, safe to repeat."""
        wrong = 0
        async for users in self._store.users.scan({}, batch=_AT_ONCE):
            ids = [user.id for user in users]
            given: dict[str, list[Grant]] = {id: [] for id in ids}
            async for grants in self._store.grants.scan({"user_id": {"$in": ids}}):
                for grant in grants:
                    given[grant.user_id].append(grant)
            for user in users:
                standing = standing_at(timeline(given[user.id]), self._clock.now())
                if not _stands(user, standing):
                    await self.settle(user.id)
                    wrong += 1
        if wrong:
            log.info("subscriptions were not as their grants say", extra={"users": wrong})
        return wrong

    async def _project(self, user: User, standing: Standing) -> bool:
        """Whether it was written. Also where nothing differs: another process may be about to write what it read
        before, and must find another revision then."""
        fields: dict[str, Any] = {
            "subscription_start": standing.start,
            "subscription_end": standing.end,
            "subscription_turn_at": standing.turns_at,
        }
        written: dict[str, Any] = {key: value for key, value in fields.items() if value is not None}
        written["subscription_type"] = standing.tier
        span = self._store.users.written_spans
        written["subscription_later"] = span(standing.later)
        if not _stands(user, standing):
            written["updated_at"] = self._clock.now()
        cleared = {key: "" for key, value in fields.items() if value is None}
        update: dict[str, Any] = {"$set": written, "$inc": {"subscription_rev": 1}}
        if cleared:
            update["$unset"] = cleared
        changed = await self._store.users.update({"_id": user.id, "subscription_rev": user.subscription_rev}, update)
        return changed.matched == 1

    def _tell(self, before: User, standing: Standing) -> None:
        if _stands(before, standing):
            return
        self._bus.publish(UserChanged(before.id))
        now, was = self._clock.now(), before.subscription_type
        if standing.tier not in (FREE, was):
            step = SubscriptionStep.BEGAN
            began = standing.start or now
            self._bus.publish(SubscriptionChanged(before.id, step, standing.tier, began, standing.end))
        elif standing.tier == FREE and was != FREE:
            end = before.subscription_end
            at = end if end is not None and end <= now else now
            self._bus.publish(SubscriptionChanged(before.id, SubscriptionStep.ENDED, was, at, at))


def _stands(user: User, standing: Standing) -> bool:
    return (
        user.subscription_type == standing.tier
        and user.subscription_start == standing.start
        and user.subscription_end == standing.end
        and tuple(user.subscription_later) == standing.later
        and user.subscription_turn_at == standing.turns_at
    )


def _same(grant: Grant, source: str, tier: str, starts_at: datetime, ends_at: datetime | None) -> bool:
    asked = (source, tier, starts_at, ends_at, None)
    return (grant.source, grant.tier, grant.starts_at, grant.ends_at, grant.withdrawn_at) == asked


def _check(grant_id: str, source: str, tier: str, starts_at: datetime, ends_at: datetime | None) -> None:
    if not 1 <= len(grant_id) <= ID_LIMIT:
        raise Invalid(f"A grant's id has 1 to {ID_LIMIT} characters.", field="grantId")
    if source not in SOURCES:
        raise Invalid(f"The source is one of {', '.join(SOURCES)}.", field="source")
    if tier == FREE or tier not in TIERS:
        raise Invalid(f"The tier is one of {', '.join(TIERS[1:])}.", field="tier")
    if ends_at is not None and ends_at < starts_at:
        raise Invalid("A grant cannot end before it starts.", field="endsAt")


def _taken() -> Conflict:
    return Conflict("This grant is somebody else's.", code="GRANT_TAKEN")


__all__ = ["SOURCES", "Grants", "Hearer", "ends_of"]
