"""The door's work: a delivery is proven, stored and only then answered; what it means is worked out afterwards.

Owns the rows of deliveries. An event is one row however often it comes. Refuses to know what follows from one.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from services.billing.companions import AuditLog
from services.billing.rules import BillingRules
from services.billing.webhooks.kinds import subject_of
from services.billing.webhooks.signature import verify
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.errors import Invalid, NotFound, TooLarge, Unavailable
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.billing import StripeEvent

MOST_BYTES = 512 * 1024
"""The largest delivery that is read; Stripe's own are far smaller."""
NEWEST = Order("received_at", -1, datetime)
STATES = ("waiting", "done", "ignored", "failed")
_ID = re.compile(r"[A-Za-z0-9_]{1,120}")
_KIND = re.compile(r"[a-z0-9_.]{1,120}")


class Deliveries:
    """What came. `news` is set whenever there is something to work on."""

    def __init__(self, store: Store, clock: Clock, rules: BillingRules, audit: AuditLog | None) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._audit = audit
        self.news = asyncio.Event()

    async def receive(self, body: bytes, signature: str) -> bool:
        """Take a delivery as it came over the wire: True when it is new, False when it was there.

        Unavailable (BILLING_OFF) when none are expected, TooLarge, Invalid (SIGNATURE_WRONG) for one that is not
        proven and Invalid for one that is no event: none of these is stored.
        """
        if not self._rules.webhook_secrets or not self._rules.stands:
            raise Unavailable("No payment service is set up.", code="BILLING_OFF")
        if len(body) > MOST_BYTES:
            raise TooLarge("A delivery has at most 512 KiB.")
        now_s = self._clock.epoch_ms() // 1000
        verify(body, signature, self._rules.webhook_secrets, now_s=now_s, tolerance_s=self._rules.tolerance_s)
        try:
            event = orjson.loads(body)
        except orjson.JSONDecodeError:
            event = None
        return await self.take(event)

    async def take(self, event: Any, *, is_replayed: bool = False) -> bool:
        """Store an event that is known to be the payment service's own; False when it was there."""
        row = self._row(event)
        row.is_replayed = is_replayed
        try:
            await self._store.stripe_events.insert(row)
        except DuplicateKey:
            return False
        if row.due_at is not None:
            self.news.set()
        return True

    async def listing(
        self, viewer: Viewer, part: Slice, *, state: str | None = None, counted: bool = True
    ) -> Page[StripeEvent]:
        """The deliveries, the last come first; for admins."""
        viewer.require(Role.ADMIN)
        if state is not None and state not in STATES:
            raise Invalid(f"The state is one of {', '.join(STATES)}.", field="state")
        filter = {} if state is None else {"state": state}
        return await page_of(self._store.stripe_events, [filter], NEWEST, part, counted=counted)

    async def again(self, viewer: Viewer, event_id: str) -> StripeEvent:
        """Have a delivery worked once more, whatever became of it; for admins. NotFound without it."""
        viewer.require(Role.ADMIN)
        afresh = {"$set": {"state": "waiting", "due_at": self._clock.now(), "attempts": 0}}
        row = await self._store.stripe_events.update_and_get(
            {"_id": event_id, "object_kind": {"$ne": ""}}, afresh | {"$unset": {"reason": "", "done_at": ""}}
        )
        if row is None:
            raise NotFound("There is no such event to be worked.", field="id")
        if self._audit is not None:
            await self._audit.note(viewer, "billing_event.retry", "billing_event", event_id, about=row.kind)
        self.news.set()
        return row

    def _row(self, event: Any) -> StripeEvent:
        wrong = Invalid("This is no event.")
        if not isinstance(event, dict) or event.get("object") != "event":
            raise wrong
        now = self._clock.now()
        id, kind, created = event.get("id"), event.get("type"), event.get("created", int(now.timestamp()))
        about = (event.get("data") or {}).get("object") if isinstance(event.get("data"), dict) else None
        if not (isinstance(id, str) and _ID.fullmatch(id) and isinstance(kind, str) and _KIND.fullmatch(kind)):
            raise wrong
        if not (isinstance(created, int) and 0 <= created < 2**33 and isinstance(about, dict)):
            raise wrong
        row = StripeEvent(id, kind, datetime.fromtimestamp(created, UTC), now)
        subject = subject_of(kind, about)
        other = self._other(event)
        if subject is None or other is not None:
            row.state, row.done_at, row.reason = "ignored", now, other
            return row
        row.object_kind, row.object_id = subject.about.value, subject.id
        row.customer_id, row.subscription_id = subject.customer_id, subject.subscription_id
        row.due_at = now
        return row

    def _other(self, event: dict[str, Any]) -> str | None:
        """Why an event is not for this house, for people; None when it is."""
        if event.get("account"):
            return "It is about another account."
        if isinstance(event.get("livemode"), bool) and event["livemode"] != self._rules.is_live:
            return "It is of test mode." if self._rules.is_live else "It is of live mode."
        return None
