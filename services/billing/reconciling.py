"""Holds what is kept here against the payment service's own lists, for whatever no event told.

Owns the walks and their bounds; each goes on where it stopped. What differs is looked at, nothing else is asked for.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.billing.companions import ProvenStudents
from services.billing.doubles import Doubles
from services.billing.entitling import LIVING, RUNNING
from services.billing.payments import Payments
from services.billing.speaking.reading import Thing, name_of, read_invoice
from services.billing.speaking.stripe_api import StripeApi
from services.billing.subscriptions import Subscriptions
from services.clock import Clock, to_epoch_ms
from storage.collections.store import Store
from storage.records.billing import BillingSubscription, BillingWalk

log = logging.getLogger("tutti.billing")

PAGES = 500
"""Pages of twenty rows that one walk reads at a time."""
LOOKS = 500
"""Rows of ours that no list named and that are looked at, in one walk."""
MONEY_BACK = timedelta(days=3)
"""How far before the last walk bills, refunds and disputes are read again."""
FIRST_MONEY = timedelta(days=60)
SUBSCRIPTIONS, MONEY = "subscriptions", "money"


class Reconciling:
    """The nightly walks."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        api: StripeApi,
        subscriptions: Subscriptions,
        payments: Payments,
        doubles: Doubles,
        students: ProvenStudents | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._api = api
        self._subscriptions = subscriptions
        self._payments = payments
        self._doubles = doubles
        self._students = students

    @property
    def stands(self) -> bool:
        """Whether there is anything to be held against."""
        return self._api.stands

    async def walk(self) -> int:
        """Walk money and subscriptions; how many rows were not as they should be. A job's work, safe to repeat."""
        if not self._api.stands:
            return 0
        found = await self._walk_money()
        found += await self._walk_subscriptions()
        found += await self._walk_ours()
        if found:
            log.info("billing was out of step", extra={"found": found})
        return found

    async def _walk_subscriptions(self) -> int:
        walk = await self._store.billing_walks.get(SUBSCRIPTIONS)
        after = None if walk is None else walk.after
        found = 0
        for _ in range(PAGES):
            asked: dict[str, Any] = {"status": "all"} | ({} if after is None else {"starting_after": after})
            page, more = await self._api.list("/v1/subscriptions", asked)
            found += await self._compare(page)
            # At the end it begins anew the next time, with what is newest by then.
            after = page[-1]["id"] if more and page else None
            if after is None:
                break
        await self._note(BillingWalk(SUBSCRIPTIONS, self._clock.now(), after=after, found=found))
        return found

    async def _compare(self, page: Sequence[Thing]) -> int:
        ours = await self._store.billing_subscriptions.get_many([thing["id"] for thing in page])
        found, same = 0, []
        for thing in page:
            kept = ours.get(thing["id"])
            if self._subscriptions.differs(thing, kept):
                found += await self._subscriptions.look(thing["id"]) is not None
            elif kept is not None:
                same.append(kept)
        await self._seen(same)
        return found

    async def _seen(self, same: Sequence[BillingSubscription]) -> None:
        ids = [one.id for one in same]
        if ids:
            now = {"$set": {"seen_at": self._clock.now()}}
            await self._store.billing_subscriptions.update({"_id": {"$in": ids}}, now, many=True)
        for one in same:
            if one.status in LIVING:
                # A crash between a look and the tier that follows leaves the two apart.
                await self._subscriptions.settle(one)

    async def _walk_ours(self) -> int:
        """What lives here and was not seen for two days, and what is paid for by somebody who is gone."""
        found, looked = 0, 0
        long_ago = self._clock.now() - timedelta(days=2)
        living = {"status": {"$in": sorted(LIVING)}}
        theirs: Counter[str] = Counter()
        async for batch in self._store.billing_subscriptions.scan(living):
            people = await self._store.users.get_many([one.user_id for one in batch])
            theirs.update(one.user_id for one in batch)
            for one in batch:
                if one.user_id not in people:
                    await self._subscriptions.end(one)
                    found += 1
                elif await self._is_student_no_more(one):
                    await self._subscriptions.end_at_period_end(one)
                    found += 1
                elif one.seen_at < long_ago and looked < LOOKS:
                    looked += 1
                    seen = await self._subscriptions.look(one.id)
                    found += seen is None or seen.status != one.status
        for user_id, number in theirs.items():
            if number > 1:
                found += await self._doubles.undo(user_id)
        return found

    async def _is_student_no_more(self, one: BillingSubscription) -> bool:
        """Whether somebody pays a student's price who is none: it is not renewed."""
        renews_so = one.tier == "student" and one.status in RUNNING and one.ends_at is None
        return renews_so and self._students is not None and not await self._students.stands(one.user_id)

    async def _walk_money(self) -> int:
        now = self._clock.now()
        walk = await self._store.billing_walks.get(MONEY)
        begin = now - FIRST_MONEY if walk is None else walk.walked_at - MONEY_BACK
        found = await self._recent("/v1/invoices", begin, self._invoice)
        found += await self._recent("/v1/refunds", begin, self._refund)
        found += await self._recent("/v1/disputes", begin, self._dispute)
        await self._note(BillingWalk(MONEY, now, reached_at=now, found=found))
        return found

    async def _recent(self, path: str, begin: datetime, compare: Callable[[Thing], Awaitable[bool]]) -> int:
        after: str | None = None
        found = 0
        for _ in range(PAGES):
            asked: dict[str, Any] = {"created": {"gte": to_epoch_ms(begin) // 1000}}
            page, more = await self._api.list(path, asked | ({} if after is None else {"starting_after": after}))
            for thing in page:
                found += await compare(thing)
            after = page[-1]["id"] if more and page else None
            if after is None:
                break
        return found

    async def _invoice(self, thing: Thing) -> bool:
        told = read_invoice(thing, "", "")
        kept = await self._store.payments.get(thing["id"])
        if told is None or (kept is not None and kept.status == told.status):
            return False
        if kept is None and not self._payments.concerns(thing):
            return False
        payment = await self._payments.look_invoice(thing["id"])
        return payment is not None and await self._follow(payment.subscription_id)

    async def _refund(self, thing: Thing) -> bool:
        kept = await self._store.payments.get(thing["id"])
        charge_id = name_of(thing.get("charge"))
        if charge_id is None or (kept is not None and kept.status == "paid" and thing.get("status") == "succeeded"):
            return False
        payment = await self._payments.look_charge(charge_id)
        return payment is not None and await self._follow(payment.subscription_id)

    async def _dispute(self, thing: Thing) -> bool:
        kept = await self._store.payments.get(thing["id"])
        if kept is not None and kept.status in ("won", "lost", "void"):
            return False
        found = await self._payments.look_dispute(thing["id"])
        if found is None or (kept is not None and kept.status == found[0].status):
            return False
        seen = None if found[1].subscription_id is None else await self._subscriptions.look(found[1].subscription_id)
        if found[0].status == "lost" and seen is not None and seen.status in LIVING:
            await self._subscriptions.end(seen)
        return True

    async def _follow(self, subscription_id: str | None) -> bool:
        if subscription_id is not None:
            await self._subscriptions.look(subscription_id)
        return True

    async def _note(self, walk: BillingWalk) -> None:
        document = self._store.billing_walks.codec.encode(walk)
        id = document.pop("_id")
        gone = {} if walk.after is not None else {"$unset": {"after": ""}}
        await self._store.billing_walks.update({"_id": id}, {"$set": document, **gone}, upsert=True)
