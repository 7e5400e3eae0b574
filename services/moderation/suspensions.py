"""Who is kept out of the house, and until when: what follows from the decisions that stand about somebody.

Owns `is_suspended` with its end and its reason, and that sessions end at once. Refuses to know who decided and why.
"""

from __future__ import annotations

import logging
from typing import Any

from services.accounts.sessions import Sessions
from services.audit.audit import Audit
from services.clock import Clock
from services.events import Bus, UserChanged
from services.moderation.policy import Action
from services.viewer import SYSTEM
from storage.collections.store import Store
from storage.records import User
from storage.records.moderation import ModerationDecision

log = logging.getLogger("tutti.moderation")

_AT_ONCE = 500


class Suspensions:
    """Brings accounts to what was decided about them."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, sessions: Sessions, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._sessions = sessions
        self._audit = audit

    async def settle(self, user_id: str) -> bool:
        """Keep somebody out, or let them in, as the decisions that stand say; whether they are kept out now.

        Safe to repeat. Who is kept out by other means, with no decision ever, stays so.
        """
        user = await self._store.users.get(user_id)
        if user is None:
            return False
        standing = await self._standing(user_id)
        if not standing:
            await self._let_in(user)
            return user.is_suspended and user.suspended_until is None and user.banned_at is None
        ban = next((each for each in standing if each.action == Action.BAN), None)
        chosen = ban or max(standing, key=lambda each: each.until or each.at)
        put: dict[str, Any] = {"is_suspended": True, "suspension_reason": chosen.reason}
        gone = {"suspended_until": ""} if ban is not None else {"banned_at": ""}
        if ban is not None:
            put["banned_at"] = ban.at
        else:
            put["suspended_until"] = chosen.until
        if any(getattr(user, name) != value for name, value in put.items()):
            put["updated_at"] = self._clock.now()
            await self._store.users.update({"_id": user_id}, {"$set": put, "$unset": gone})
            self._bus.publish(UserChanged(user_id))
        # Also when the account said so already: whoever wrote it may have gone no further.
        await self._sessions.end_all(user_id, reason="suspended")
        return True

    async def return_due(self) -> int:
        """Let those in whose time is over; how many. A job's work, safe to repeat."""
        due = await self._store.users.find(
            {"suspended_until": {"$lte": self._clock.now()}}, sort=[("suspended_until", 1)], limit=_AT_ONCE
        )
        back = 0
        for user in due:
            if not await self.settle(user.id):
                await self._audit.note(SYSTEM, "user.return", "user", user.id)
                back += 1
        return back

    async def _standing(self, user_id: str) -> list[ModerationDecision]:
        """The suspensions that run, and bans, of somebody."""
        now = self._clock.now()
        filter = {"owner_id": user_id, "action": {"$in": [Action.SUSPEND.value, Action.BAN.value]}}
        found = await self._store.moderation_decisions.find(filter, sort=[("at", -1)], limit=_AT_ONCE)
        return [
            each
            for each in found
            if each.undone_at is None and (each.action == Action.BAN or (each.until is not None and each.until > now))
        ]

    async def _let_in(self, user: User) -> None:
        if user.suspended_until is None and user.banned_at is None:
            return
        ours = {"_id": user.id, "is_suspended": True}
        back = {"is_suspended": False, "updated_at": self._clock.now()}
        gone = {"suspended_until": "", "banned_at": "", "suspension_reason": ""}
        if (await self._store.users.update(ours, {"$set": back, "$unset": gone})).matched:
            self._bus.publish(UserChanged(user.id))
            log.info("a suspension ended", extra={"user_id": user.id})
