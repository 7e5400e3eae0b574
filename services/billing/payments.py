"""What was paid, given back and disputed: a ledger of what the payment service says, never of what we believe.

Owns the rows. Refuses to know who refunds (`refunds.py`) and what follows for a tier (`subscriptions.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.billing.customers import Customers
from services.billing.rules import BillingRules
from services.billing.speaking.reading import (
    Thing,
    is_ours,
    name_of,
    price_of,
    read_dispute,
    read_invoice,
    read_refund,
    subscription_of,
    transfer_of,
)
from services.billing.speaking.stripe_api import StripeApi
from services.catalogue.listing import Order, page_of
from services.clock import Clock
from services.paging import Page, Slice
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.engine import DuplicateKey
from storage.records.payment import Payment

ATTEMPTS = 5
MOST_REFUNDS = 1_000
"""Refunds of one payment that are counted."""
NEWEST = Order("at", -1, datetime)
FINAL = ["paid", "void", "won", "lost"]
"""What a row never leaves again, save for a refund that fails after all."""


class Payments:
    """The ledger."""

    def __init__(self, store: Store, clock: Clock, api: StripeApi, customers: Customers, rules: BillingRules) -> None:
        self._store = store
        self._clock = clock
        self._api = api
        self._customers = customers
        self._rules = rules

    async def of_viewer(self, viewer: Viewer, part: Slice, *, counted: bool) -> Page[Payment]:
        """One's own, the newest first."""
        return await self._page({"user_id": viewer.require(Role.LISTENER)}, part, counted=counted)

    async def of_house(
        self, viewer: Viewer, part: Slice, *, user_id: str | None = None, counted: bool = True
    ) -> Page[Payment]:
        """Everybody's, or one person's, the newest first; for admins."""
        viewer.require(Role.ADMIN)
        return await self._page({} if user_id is None else {"user_id": user_id}, part, counted=counted)

    async def look_invoice(self, invoice_id: str) -> Payment | None:
        """Bring a payment in step with its invoice; None when it is nobody's here, a draft, or over nothing."""
        invoice = await self._api.get(f"/v1/invoices/{invoice_id}")
        if invoice is None:
            return None
        user_id = await self._customers.user_of(name_of(invoice.get("customer")))
        if user_id is None:
            return None
        payment = read_invoice(invoice, user_id, await self._tier_of(invoice))
        if payment is None:
            return None
        if payment.status == "paid" and not payment.reference:
            paid, _ = await self._api.list("/v1/invoice_payments", {"invoice": invoice_id})
            payment.reference = transfer_of(paid) or ""
        await self._keep(payment)
        return await self._sum_up(payment)

    def concerns(self, invoice: Thing) -> bool:
        """Whether a bill of a list could be somebody's here."""
        return is_ours(invoice, self._rules)

    async def look_charge(self, charge_id: str) -> Payment | None:
        """Bring the refunds of a charge in step; the payment they are of, None when it is nobody's here."""
        charge = await self._api.get(f"/v1/charges/{charge_id}")
        payment = None if charge is None else await self._payment_of(charge)
        if payment is None:
            return None
        refunds, _ = await self._api.list("/v1/refunds", {"charge": charge_id})
        for refund in refunds:
            await self._keep(read_refund(refund, payment), may_fail_late=True)
        return await self._sum_up(payment)

    async def look_dispute(self, dispute_id: str) -> tuple[Payment, Payment] | None:
        """Bring a dispute in step; it and the payment it is about, None when that is nobody's here."""
        dispute = await self._api.get(f"/v1/disputes/{dispute_id}", {"expand": ["charge"]})
        charge = None if dispute is None else dispute.get("charge")
        payment = await self._payment_of(charge) if isinstance(charge, dict) else None
        if payment is None or dispute is None:
            return None
        row = read_dispute(dispute, payment)
        await self._keep(row)
        return row, payment

    async def _payment_of(self, charge: Thing) -> Payment | None:
        names = [name for name in (name_of(charge.get("payment_intent")), name_of(charge)) if name]
        for name in names:
            known = await self._store.payments.first({"reference": name, "kind": "payment"})
            if known is not None:
                return known
        invoice_id = name_of(charge.get("invoice")) or await self._invoice_of(name_of(charge.get("payment_intent")))
        return None if invoice_id is None else await self.look_invoice(invoice_id)

    async def _invoice_of(self, intent: str | None) -> str | None:
        if intent is None:
            return None
        paid: Sequence[Thing]
        paid, _ = await self._api.list(
            "/v1/invoice_payments", {"payment": {"type": "payment_intent", "payment_intent": intent}}
        )
        return next((name for name in (name_of(one.get("invoice")) for one in paid) if name), None)

    async def invoice_of_intent(self, intent: str) -> str | None:
        """The invoice that a transfer pays, if it pays one."""
        known = await self._store.payments.first({"reference": intent, "kind": "payment"})
        return known.id if known is not None else await self._invoice_of(intent)

    async def _tier_of(self, invoice: Thing) -> str:
        """The tier that was paid for: of a change of plan the new one, whose line asks for money."""
        lines = (invoice.get("lines") or {}).get("data") or []
        for line in sorted(lines, key=lambda one: one.get("amount") or 0, reverse=True):
            plan = self._rules.plan_of(price_of(line))
            if plan is not None:
                return plan[0]
        subscription_id = subscription_of(invoice)
        known = None if subscription_id is None else await self._store.billing_subscriptions.get(subscription_id)
        return "" if known is None else known.tier

    async def _keep(self, row: Payment, *, may_fail_late: bool = False) -> None:
        """Write a row; what is final stays so, whoever looked before it became that and writes after."""
        shelf = self._store.payments
        document: dict[str, Any] = shelf.codec.encode(row)
        id = document.pop("_id")
        document.pop("refunded_minor")
        filter: dict[str, Any] = {"_id": id}
        if row.status not in FINAL and not (may_fail_late and row.status == "failed"):
            filter["status"] = {"$nin": FINAL}
        try:
            await shelf.update(filter, {"$set": document, "$setOnInsert": {"refunded_minor": 0}}, upsert=True)
        except DuplicateKey:
            # It is there, and final: the upsert met its own id.
            return

    async def _sum_up(self, payment: Payment) -> Payment:
        """The payment with what was given back of it, from the rows that say so."""
        back = await self._given_back(payment)
        for _ in range(ATTEMPTS):
            kept = await self._store.payments.update_and_get({"_id": payment.id}, {"$set": {"refunded_minor": back}})
            written, back = back, await self._given_back(payment)
            # Somebody else may have kept one more in between: whoever writes last has looked after that.
            if back == written:
                return kept or payment
        return payment

    async def _given_back(self, payment: Payment) -> int:
        rows = {"reference": payment.id, "kind": "refund", "status": "paid"}
        return sum(row.amount_minor for row in await self._store.payments.find(rows, limit=MOST_REFUNDS))

    async def _page(self, filter: dict[str, Any], part: Slice, *, counted: bool) -> Page[Payment]:
        return await page_of(self._store.payments, [filter], NEWEST, part, counted=counted)
