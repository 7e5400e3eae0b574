"""Who is who: users of this house and customers at the payment service.

Owns the pairs. A pair made here counts before what the service's own notes say.
"""

from __future__ import annotations

import contextlib
import hashlib

from services.billing.speaking.reading import USER_KEY, user_in
from services.billing.speaking.stripe_api import StripeApi
from services.clock import Clock
from services.errors import NotFound
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records import User
from storage.records.billing import BillingCustomer

_SAME_S = 600
"""Asking again within so many seconds makes no second customer."""


class Customers:
    """The pairs of user and customer."""

    def __init__(self, store: Store, clock: Clock, api: StripeApi) -> None:
        self._store = store
        self._clock = clock
        self._api = api

    async def of(self, user_id: str) -> BillingCustomer | None:
        """Somebody's customer, if there is one."""
        return await self._store.billing_customers.get(user_id)

    async def of_or_new(self, user_id: str) -> BillingCustomer:
        """Somebody's customer, made at the payment service if there is none. NotFound without the user."""
        there = await self.of(user_id)
        user = await self._store.users.get(user_id)
        if user is None:
            raise NotFound("There is no such user.")
        if there is not None:
            await self._tell(there, user)
            return there
        made = await self._api.post("/v1/customers", _details(user), key=self._key(user))
        customer = BillingCustomer(user_id, made["id"], self._clock.now(), email_digest=_digest(user.email))
        try:
            await self._store.billing_customers.insert(customer)
        except DuplicateKey:
            return await self.of(user_id) or customer
        return customer

    async def user_of(self, customer_id: str | None, told: str | None = None) -> str | None:
        """Whose customer that is, None for nobody of this house. `told` is who they are said to be, if anybody is."""
        if customer_id is None:
            return None
        ours = await self._store.billing_customers.first({"customer_id": customer_id})
        if ours is not None:
            return ours.id
        if told is None:
            thing = await self._api.get(f"/v1/customers/{customer_id}")
            told = None if thing is None else user_in(thing)
        if told is None or await self._store.users.get(told) is None:
            return None
        # Somebody with another customer keeps that one: what is bought next goes there.
        with contextlib.suppress(DuplicateKey):
            await self._store.billing_customers.insert(BillingCustomer(told, customer_id, self._clock.now()))
        return told

    async def note_checkout(self, user_id: str, checkout_id: str) -> None:
        """The checkout that is open for somebody now."""
        await self._store.billing_customers.update({"_id": user_id}, {"$set": {"checkout_id": checkout_id}})

    async def forget(self, customer_id: str) -> None:
        """The payment service deleted a customer."""
        await self._store.billing_customers.delete({"customer_id": customer_id})

    async def _tell(self, customer: BillingCustomer, user: User) -> None:
        """Have the service know an e-mail that changed since: its bills go there."""
        digest = _digest(user.email)
        if customer.email_digest != digest:
            await self._api.post(f"/v1/customers/{customer.customer_id}", {"email": user.email})
            told = {"$set": {"email_digest": digest}}
            await self._store.billing_customers.update({"_id": user.id, "customer_id": customer.customer_id}, told)

    def _key(self, user: User) -> str:
        return f"tutti-customer-{user.id}-{self._clock.epoch_ms() // 1000 // _SAME_S}"


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def _details(user: User) -> dict[str, object]:
    name = f"{user.first_name} {user.last_name}".strip() or user.username
    return {"email": user.email, "name": name, "metadata": {USER_KEY: user.id}}
