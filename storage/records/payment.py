"""Money that moved: what somebody paid, was given back, or had their bank ask back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Payment:
    """One movement of money. `kind` is payment, refund or dispute; `id` is what the payment service calls it.

    `amount_minor` is never negative and counts the smallest unit of `currency` (three small letters): cents, or whole
    yen; taxes are within it, and `tax_minor` says how much they are. `status` is paid, pending, failed, void or (of a
    dispute) open, won or lost; only what is paid, or a dispute that is open or lost, has moved money. `reference` is
    what the money belongs to: of a payment the payment service's name of the transfer, of a refund or a dispute the
    `id` of the payment it takes back, empty when that is not known. `at` is when it was paid, given back or disputed.
    `refunded_minor` of a payment is how much of it has been given back since.
    """

    id: str
    user_id: str
    kind: str
    amount_minor: int
    currency: str
    tier: str
    at: datetime
    status: str
    reference: str
    tax_minor: int = 0
    refunded_minor: int = 0
    number: str = ""
    receipt_url: str | None = None
    subscription_id: str | None = None
