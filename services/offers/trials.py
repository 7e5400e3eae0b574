"""Trials: a subscription to try, once for each person, whoever gives it.

Owns the book of who tried. A person is an account and its e-mail: who comes again under the same e-mail has tried.
Refuses to know payment; whoever sells asks `may_begin` and says `note`.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime, timedelta
from typing import Any

from services.clock import Clock
from services.entitlements.folding import FREE, standing_at, timeline
from services.entitlements.grants import Grants
from services.errors import Conflict, Denied
from services.offers.rules import OfferRules
from services.viewer import Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.grant import Grant
from storage.records.offer import TrialNote

log = logging.getLogger("tutti.offers")

SETTLES_WITHIN = timedelta(minutes=1)
_AT_ONCE = 500


class Trials:
    """The book of trials, and the house's own trial."""

    def __init__(self, store: Store, clock: Clock, grants: Grants, rules: OfferRules) -> None:
        self._store = store
        self._clock = clock
        self._grants = grants
        self.rules = rules

    async def may_begin(self, user_id: str) -> bool:
        """Whether somebody has not tried before, under this account or its e-mail."""
        known: list[dict[str, Any]] = [{"_id": user_id}]
        email_key = await self._email_key(user_id)
        if email_key:
            known.append({"email_key": email_key})
        return await self._store.trials.first({"$or": known}) is None

    async def may_try(self, viewer: Viewer) -> bool:
        """Whether the house has a trial and the viewer may begin it."""
        if self.rules.trial_days < 1 or viewer.user_id is None or await self._has_one(viewer.user_id):
            return False
        return await self.may_begin(viewer.user_id)

    async def note(self, user_id: str, *, source: str, at: datetime | None = None) -> bool:
        """Somebody tries, now or since `at`; whether it is their first time. Again changes nothing."""
        note = TrialNote(user_id, source, at or self._clock.now(), await self._email_key(user_id))
        return await self._write(note)

    async def begin(self, viewer: Viewer) -> Grant:
        """The house's own trial, from now on.

        Denied (NO_TRIAL) where there is none; Conflict: TRIAL_USED, HAVE_IT_ALREADY with a subscription.
        """
        user_id, now, rules = viewer.require_oneself(), self._clock.now(), self.rules
        if rules.trial_days < 1:
            raise Denied("This house has no trial.", code="NO_TRIAL")
        if await self._has_one(user_id):
            raise Conflict("You have a subscription.", code="HAVE_IT_ALREADY")
        ends_at = now + timedelta(days=rules.trial_days)
        note = TrialNote(user_id, "house", now, await self._email_key(user_id), rules.trial_tier, ends_at, False)
        if not await self.may_begin(user_id) or not await self._write(note):
            raise Conflict("You have had your trial.", code="TRIAL_USED")
        log.info("trial begun", extra={"user_id": user_id})
        return await self._give(note)

    async def finish(self) -> int:
        """Give the trials that were written just when a process ended; how many. A periodic job's work."""
        late = self._clock.now() - SETTLES_WITHIN
        left = await self._store.trials.find({"is_given": False, "at": {"$lt": late}}, limit=_AT_ONCE)
        for note in left:
            if await self._store.users.get(note.id) is None:
                await self._store.trials.update({"_id": note.id}, {"$set": {"is_given": True}})
            else:
                await self._give(note)
        return len(left)

    async def _has_one(self, user_id: str) -> bool:
        return standing_at(timeline(await self._grants.of_user(user_id)), self._clock.now()).tier != FREE

    async def _write(self, note: TrialNote) -> bool:
        try:
            await self._store.trials.insert(note)
        except DuplicateKey:
            return False
        return True

    async def _give(self, note: TrialNote) -> Grant:
        grant = await self._grants.put(
            f"trial:{note.id}", note.id, source="house", tier=note.tier, starts_at=note.at, ends_at=note.ends_at
        )
        await self._store.trials.update({"_id": note.id}, {"$set": {"is_given": True}})
        return grant

    async def _email_key(self, user_id: str) -> str:
        user = await self._store.users.get(user_id)
        if user is None:
            return ""
        return hmac.new(self.rules.key, user.email_key.encode(), hashlib.sha256).hexdigest()
