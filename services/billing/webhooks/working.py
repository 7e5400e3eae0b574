"""Works the deliveries: looks at what each is about, as it is now, and brings the house in step.

Owns the order and the tries: those of one customer one after another, several about one object by one look, each again
with growing waits until it is done or given up. Refuses to know how a delivery came.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from services.billing.webhooks.deliveries import Deliveries
from services.billing.webhooks.meaning import Meaning
from services.clock import Clock
from services.errors import TuttiError
from storage.collections.store import Store
from storage.engine import EngineAway
from storage.records.billing import StripeEvent

log = logging.getLogger("tutti.billing")

ATTEMPTS = 14
FIRST_WAIT = timedelta(seconds=15)
"""The wait after the first try; each further one is twice as long, so the last try is after about three days."""
LONGEST_WAIT = timedelta(hours=12)
IN_HAND = timedelta(minutes=5)
"""How long a delivery that is worked belongs to one process."""
AT_ONCE = 100
SIDE_BY_SIDE = 4
KEPT_FOR = timedelta(days=90)
"""Longer than the payment service can tell an event again."""


class Working:
    """Between `start` and `stop` deliveries are worked as they come; `work_due` is a job's too, for what waits."""

    def __init__(self, store: Store, clock: Clock, deliveries: Deliveries, meaning: Meaning) -> None:
        self._store = store
        self._clock = clock
        self._deliveries = deliveries
        self._meaning = meaning
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work what comes."""
        if self._task is None:
            self._task = asyncio.create_task(self._go_on(), name="billing deliveries")

    async def stop(self) -> None:
        """Work no more; what was in hand is worked by whoever looks next. Safe in any state."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def work_due(self) -> int:
        """Work what is due, up to 100 deliveries; how many were done."""
        due = await self._store.stripe_events.find(
            {"due_at": {"$lte": self._clock.now()}}, sort=[("due_at", 1)], limit=AT_ONCE
        )
        mine = [row for row in [await self._take_in_hand(row) for row in due] if row is not None]
        if not mine:
            return 0
        by_customer: dict[str, list[StripeEvent]] = {}
        for row in mine:
            by_customer.setdefault(row.customer_id or row.object_id or row.id, []).append(row)
        turns = asyncio.Semaphore(SIDE_BY_SIDE)
        return sum(await asyncio.gather(*(self._one_by_one(rows, turns) for rows in by_customer.values())))

    async def sweep(self) -> int:
        """Forget deliveries of over ninety days ago; how many. A job's work."""
        old = {"received_at": {"$lt": self._clock.now() - KEPT_FOR}}
        return await self._store.stripe_events.delete(old, many=True)

    async def _go_on(self) -> None:
        while True:
            await self._deliveries.news.wait()
            self._deliveries.news.clear()
            try:
                while await self.work_due():
                    pass
            except (EngineAway, TuttiError):
                log.info("deliveries wait, the store is away")
            except Exception:
                # The job of the schedule tries again; one bug must not end what comes after.
                log.exception("deliveries could not be worked")

    async def _take_in_hand(self, row: StripeEvent) -> StripeEvent | None:
        # Whoever moves the time first has it; another process finds it due no more.
        return await self._store.stripe_events.update_and_get(
            {"_id": row.id, "due_at": row.due_at},
            {"$set": {"due_at": self._clock.now() + IN_HAND}, "$inc": {"attempts": 1}},
        )

    async def _one_by_one(self, rows: Sequence[StripeEvent], turns: asyncio.Semaphore) -> int:
        done = 0
        async with turns:
            groups: dict[tuple[str, str | None, str | None], list[StripeEvent]] = {}
            for row in sorted(rows, key=lambda one: (one.happened_at, one.id)):
                groups.setdefault((row.object_kind, row.object_id, row.subscription_id), []).append(row)
            for group in groups.values():
                done += await self._work(group)
        return done

    async def _work(self, rows: Sequence[StripeEvent]) -> int:
        """Work events about one object by one look; how many were done."""
        try:
            ours = await self._meaning.follow(rows)
        except TuttiError as trouble:
            for row in rows:
                await self._failed(row, trouble.reason)
            return 0
        except EngineAway:
            raise
        except Exception:
            log.exception("a delivery could not be understood", extra={"event": rows[0].id, "kind": rows[0].kind})
            for row in rows:
                await self._failed(row, "INTERNAL")
            return 0
        for row in rows:
            await self._done(row, "done" if ours else "ignored", None if ours else "It is about nobody here.")
        return len(rows)

    async def _failed(self, row: StripeEvent, reason: str) -> None:
        if row.attempts >= ATTEMPTS:
            await self._done(row, "failed", reason)
            log.warning("a delivery was given up", extra={"event": row.id, "kind": row.kind, "reason": reason})
            return
        wait = min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
        again = {"due_at": self._clock.now() + wait, "reason": reason}
        await self._store.stripe_events.update({"_id": row.id, "due_at": row.due_at}, {"$set": again})
        log.info("a delivery waits for another try", extra={"event": row.id, "kind": row.kind, "reason": reason})

    async def _done(self, row: StripeEvent, state: str, reason: str | None) -> None:
        told = {"state": state, "done_at": self._clock.now()} | ({} if reason is None else {"reason": reason})
        gone = {"due_at": ""} | ({"reason": ""} if reason is None else {})
        await self._store.stripe_events.update({"_id": row.id, "due_at": row.due_at}, {"$set": told, "$unset": gone})
