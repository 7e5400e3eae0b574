"""What somebody sees of their own billing, and an admin of the house's.

Owns nothing: it brings together what the other parts of billing know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.billing.buying.checkouts import Checkouts
from services.billing.customers import Customers
from services.billing.entitling import LIVING
from services.billing.rules import BillingRules
from services.billing.speaking.stripe_api import StripeApi
from services.billing.subscriptions import Subscriptions
from services.billing.webhooks.deliveries import STATES
from services.catalogue.listing import Order, page_of
from services.errors import Invalid
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.billing import BillingSubscription, StripeEvent

NEWEST = Order("created_at", -1, datetime)
STATUSES = (*sorted(LIVING), "canceled", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class OwnBilling:
    """One's own billing. `subscription` is the one that lives, else the last one there was."""

    subscription: BillingSubscription | None
    has_portal: bool
    may_try: bool
    publishable_key: str


@dataclass(frozen=True, slots=True)
class HouseBilling:
    """How billing goes: `mode` is off, test or live; how many events and subscriptions there are by state."""

    mode: str
    events: Mapping[str, int]
    subscriptions: Mapping[str, int]
    last_event_at: datetime | None
    events_walked_at: datetime | None
    subscriptions_walked_at: datetime | None


class Overview:
    """Who sees what of billing."""

    def __init__(
        self,
        store: Store,
        api: StripeApi,
        rules: BillingRules,
        customers: Customers,
        subscriptions: Subscriptions,
        checkouts: Checkouts,
    ) -> None:
        self._store = store
        self._api = api
        self._rules = rules
        self._customers = customers
        self._subscriptions = subscriptions
        self._checkouts = checkouts

    async def mine(self, viewer: Viewer) -> OwnBilling:
        """The viewer's own. Unavailable (BILLING_OFF) when nothing can be bought here."""
        user_id = viewer.require(Role.LISTENER)
        self._api.open()
        there = await self._subscriptions.of_user(user_id)
        has_portal = await self._customers.of(user_id) is not None
        may_try = there is None and await self._checkouts.may_try(user_id)
        return OwnBilling(there, has_portal, may_try, self._rules.publishable_key)

    async def house(self, viewer: Viewer) -> HouseBilling:
        """The house's, for admins; without a payment service too."""
        viewer.require(Role.ADMIN)
        events = {state: await self._store.stripe_events.count({"state": state}) for state in STATES}
        rows = self._store.billing_subscriptions
        subscriptions = {status: await rows.count({"status": status}) for status in STATUSES}
        last: StripeEvent | None = await self._store.stripe_events.first({}, sort=[("received_at", -1)])
        walks = await self._store.billing_walks.get_many(["events", "subscriptions"])
        mode = ("live" if self._rules.is_live else "test") if self._rules.stands else "off"
        walked = {id: walk.walked_at for id, walk in walks.items()}
        return HouseBilling(
            mode,
            events,
            subscriptions,
            None if last is None else last.received_at,
            walked.get("events"),
            walked.get("subscriptions"),
        )

    async def listing(
        self, viewer: Viewer, part: Slice, *, status: str | None = None, counted: bool = True
    ) -> Page[BillingSubscription]:
        """Everybody's subscriptions, the newest first; for admins."""
        viewer.require(Role.ADMIN)
        if status is not None and status not in STATUSES:
            raise Invalid(f"The status is one of {', '.join(STATUSES)}.", field="status")
        filter = {} if status is None else {"status": status}
        return await page_of(self._store.billing_subscriptions, [filter], NEWEST, part, counted=counted)
