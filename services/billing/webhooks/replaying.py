"""Asks the payment service for its events again, for those that never came.

Owns the walk through time: windows, each read whole before the next, so that it can be broken off and gone on with.
The service tells events of the last thirty days.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.billing.companions import AuditLog
from services.billing.speaking.stripe_api import StripeApi
from services.billing.webhooks.deliveries import Deliveries
from services.billing.webhooks.kinds import KINDS
from services.clock import Clock, to_epoch_ms
from services.errors import Invalid
from services.viewer import Role, Viewer
from storage.collections.store import Store

log = logging.getLogger("tutti.billing")

TOLD_FOR = timedelta(days=30)
WINDOW = timedelta(hours=6)
WINDOWS = 120
"""Windows of one walk: all thirty days."""
PAGES = 1_000
"""Pages of twenty events in one window; more are not to be expected of one house."""
OVERLAP = timedelta(minutes=10)
"""Events may show up in the list a little later than they happened."""
WALK = "events"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a walk met: how many events it looked at, how many of them nobody had told, and how far it came."""

    looked_at: int
    found: int
    reached_at: datetime


class Replaying:
    """Walks through the payment service's events."""

    def __init__(
        self, store: Store, clock: Clock, api: StripeApi, deliveries: Deliveries, audit: AuditLog | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._api = api
        self._deliveries = deliveries
        self._audit = audit

    async def since(self, viewer: Viewer, moment: datetime) -> Replayed:
        """Take every event since then that never came; for admins. Invalid for over thirty days ago and the future."""
        viewer.require(Role.ADMIN)
        self._api.open()
        now = self._clock.now()
        if not now - TOLD_FOR <= moment <= now:
            raise Invalid("The payment service tells events of the last 30 days.", field="since")
        if self._audit is not None:
            await self._audit.note(viewer, "billing_event.replay", "house", "billing", since=moment.isoformat())
        return await self._walk(moment, now)

    async def catch_up(self) -> int:
        """Take what never came since the last time; how many events. A job's work, which goes on where it stopped."""
        if not self._api.stands:
            return 0
        walk = await self._store.billing_walks.get(WALK)
        now = self._clock.now()
        begin = now - TOLD_FOR if walk is None or walk.reached_at is None else walk.reached_at - OVERLAP
        done = await self._walk(max(begin, now - TOLD_FOR), now, note=True)
        return done.found

    async def _walk(self, begin: datetime, now: datetime, *, note: bool = False) -> Replayed:
        looked_at, found, reached = 0, 0, begin
        for _ in range(WINDOWS + 1):
            if reached >= now:
                break
            until = min(reached + WINDOW, now)
            looked, new = await self._window(reached, until)
            looked_at, found, reached = looked_at + looked, found + new, until
            if note:
                told = {"reached_at": reached, "walked_at": now, "found": found}
                await self._store.billing_walks.update({"_id": WALK}, {"$set": told}, upsert=True)
        if found:
            log.info("events that never came were taken", extra={"found": found, "looked_at": looked_at})
        return Replayed(looked_at, found, reached)

    async def _window(self, begin: datetime, until: datetime) -> tuple[int, int]:
        created = {"gte": to_epoch_ms(begin) // 1000, "lte": to_epoch_ms(until) // 1000 + 1}
        after: str | None = None
        looked, new = 0, 0
        for _ in range(PAGES):
            asked = {"created": created} | ({} if after is None else {"starting_after": after})
            events, more = await self._api.list("/v1/events", asked)
            for event in events:
                if event.get("type") in KINDS:
                    new += await self._deliveries.take(event, is_replayed=True)
            looked += len(events)
            if not more or not events:
                break
            after = events[-1]["id"]
        return looked, new
