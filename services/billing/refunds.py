"""Money given back by the house. Owns who may and how much; the payment service tells what came of it."""

from __future__ import annotations

from services.billing.companions import AuditLog
from services.billing.payments import Payments
from services.billing.speaking.stripe_api import BillingRefused, StripeApi
from services.billing.subscriptions import Subscriptions
from services.errors import Conflict, Invalid, NotFound
from services.viewer import Role, Viewer
from storage.collections.store import Store
from storage.records.payment import Payment

REASONS = ("requested_by_customer", "duplicate", "fraudulent")


class Refunds:
    """Gives money back."""

    def __init__(
        self,
        store: Store,
        api: StripeApi,
        payments: Payments,
        subscriptions: Subscriptions,
        audit: AuditLog | None,
    ) -> None:
        self._store = store
        self._api = api
        self._payments = payments
        self._subscriptions = subscriptions
        self._audit = audit

    async def give(
        self,
        viewer: Viewer,
        payment_id: str,
        *,
        amount_minor: int | None = None,
        reason: str = "requested_by_customer",
        ends_subscription: bool = False,
    ) -> Payment:
        """Give a payment back, all that is left of it or so much; for admins. The payment as it is then.

        A payment that is given back whole gives no tier any more until the next is paid. With `ends_subscription` there
        is no next one. Conflict (NOT_REFUNDABLE) for one that was not paid, or was given back already.
        """
        viewer.require_oneself()
        viewer.require(Role.ADMIN)
        self._api.open()
        if reason not in REASONS:
            raise Invalid(f"The reason is one of {', '.join(REASONS)}.", field="reason")
        payment = await self._store.payments.get(payment_id)
        if payment is None or payment.kind != "payment":
            raise NotFound("There is no such payment.", field="paymentId")
        left = payment.amount_minor - payment.refunded_minor
        if payment.status != "paid" or left <= 0 or not payment.reference:
            raise Conflict("There is nothing of this payment to give back.", code="NOT_REFUNDABLE")
        if amount_minor is not None and not 1 <= amount_minor <= left:
            raise Invalid(f"Of this payment 1 to {left} can be given back.", field="amountMinor")
        after = await self.back(payment, left if amount_minor is None else amount_minor, reason)
        if self._audit is not None:
            given = {"amount_minor": amount_minor or left, "currency": payment.currency, "reason": reason}
            await self._audit.note(viewer, "payment.refund", "payment", payment.id, **given)
        await self._follow(after, ends_subscription)
        return after

    async def back(self, payment: Payment, amount_minor: int, reason: str) -> Payment:
        """Give so much of a payment back, for the house itself; the payment as it is then. Conflict if refused."""
        charge_id = await self._refund(payment, amount_minor, reason)
        return await self._payments.look_charge(charge_id) or payment

    async def _refund(self, payment: Payment, amount_minor: int, reason: str) -> str:
        of = "payment_intent" if payment.reference.startswith("pi_") else "charge"
        asked = {of: payment.reference, "amount": amount_minor, "reason": reason}
        # The same refund twice in a row is one: what was given back before is in the key.
        key = f"tutti-refund-{payment.id}-{payment.refunded_minor}-{amount_minor}"
        try:
            refund = await self._api.post("/v1/refunds", asked, key=key)
        except BillingRefused as refusal:
            raise Conflict("The payment service gives nothing of this back.", code="NOT_REFUNDABLE") from refusal
        charge = refund.get("charge")
        return str(charge["id"] if isinstance(charge, dict) else charge)

    async def _follow(self, payment: Payment, ends_subscription: bool) -> None:
        if payment.subscription_id is None:
            return
        one = await self._subscriptions.look(payment.subscription_id)
        if ends_subscription and one is not None and one.ended_at is None:
            await self._subscriptions.end(one)
