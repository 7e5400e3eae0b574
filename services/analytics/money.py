"""Revenue by currency, and subscriptions by tier with what came and went.

Owns what counts as money that moved. Never adds up currencies. Refuses to know who may ask.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.analytics.spans import Span
from services.entitlements.folding import TIERS
from storage.collections.store import Store
from storage.engine import Document

_PAGE = 1000
_MONTH, _YEAR = timedelta(days=31), timedelta(days=366)


@dataclass(slots=True)
class Revenue:
    """One currency, in its smallest unit. `mrr_minor` is what subscriptions bring in a month, as the range ends."""

    currency: str
    payments: int = 0
    paid_minor: int = 0
    tax_minor: int = 0
    refunded_minor: int = 0
    disputed_minor: int = 0
    mrr_minor: int = 0

    @property
    def net_minor(self) -> int:
        """Paid less what was given or taken back; taxes are in it."""
        return self.paid_minor - self.refunded_minor - self.disputed_minor


@dataclass(slots=True)
class TierCount:
    """How many have a tier when the range ends, who began to pay in it and who ceased to."""

    tier: str
    at_start: int = 0
    at_end: int = 0
    began: int = 0
    churned: int = 0

    @property
    def churn_rate(self) -> float | None:
        """Of those who had it when the range began, how many had not when it ended; None without any."""
        return self.churned / self.at_start if self.at_start else None


@dataclass(slots=True)
class _Paying:
    at: datetime
    amount: int
    currency: str


@dataclass(slots=True)
class _Books:
    by_currency: dict[str, Revenue] = field(default_factory=dict)

    def of(self, currency: str) -> Revenue:
        return self.by_currency.setdefault(currency, Revenue(currency))

    def take(self, payment: Document) -> None:
        kind, status = payment["kind"], payment["status"]
        book, amount = self.of(payment["currency"]), payment["amount_minor"]
        if kind == "payment" and status == "paid":
            book.payments += 1
            book.paid_minor += amount
            book.tax_minor += payment.get("tax_minor") or 0
        elif kind == "refund" and status == "paid":
            book.refunded_minor += amount
        elif kind == "dispute" and status in ("open", "lost"):
            book.disputed_minor += amount


async def revenue(store: Store, span: Span) -> list[Revenue]:
    """The range's money by currency, in the currencies' order; read from the payments of it and of a year before."""
    books, latest, end = _Books(), dict[str, _Paying](), span.ends
    early = min(span.begins, end - _YEAR)
    after: list[Any] | None = None
    while True:
        page = await store.engine.find(
            store.payments.name,
            {"at": {"$gte": early, "$lt": end}},
            sort=[("at", -1)],
            limit=_PAGE,
            after=after,
        )
        for payment in page:
            if payment["at"] >= span.begins:
                books.take(payment)
            name = payment.get("subscription_id")
            if name and payment["kind"] == "payment" and payment["status"] == "paid" and name not in latest:
                latest[name] = _Paying(payment["at"], payment["amount_minor"], payment["currency"])
        if len(page) < _PAGE:
            break
        after = [page[-1]["at"], page[-1]["_id"]]
        await asyncio.sleep(0)
    names = sorted(latest)
    for start in range(0, len(names), _PAGE):
        known = await store.billing_subscriptions.get_many(names[start : start + _PAGE])
        for name, subscription in known.items():
            paying, is_yearly = latest[name], subscription.interval == "year"
            if subscription.ended_at is not None and subscription.ended_at <= end:
                continue
            if paying.at > end - (_YEAR if is_yearly else _MONTH):
                books.of(paying.currency).mrr_minor += round(paying.amount / 12) if is_yearly else paying.amount
    return [books.by_currency[currency] for currency in sorted(books.by_currency)]


async def subscriptions(store: Store, span: Span, now: datetime) -> list[TierCount]:
    """Each tier that costs something, by the grants in force when the range begins and when it ends (or now).

    Read by one walk through the grants; the strongest counts where somebody has several.
    """
    start, end = span.begins, min(span.ends, now)
    at_start: dict[str, str] = {}
    at_end: dict[str, str] = {}
    fields = ("user_id", "tier", "starts_at", "ends_at", "withdrawn_at")
    async for page in store.engine.scan(store.grants.name, {}, batch=_PAGE, fields=fields):
        for grant in page:
            for moment, held in ((start, at_start), (end, at_end)):
                if _in_force(grant, moment):
                    user, tier = grant["user_id"], grant["tier"]
                    held[user] = max(tier, held.get(user, "free"), key=_strength)
        await asyncio.sleep(0)
    before, after = Counter(at_start.values()), Counter(at_end.values())
    found = []
    for tier in sorted({*before, *after, *TIERS[1:]} - {"free"}, key=_strength):
        began = sum(1 for user, held in at_end.items() if held == tier and at_start.get(user) != tier)
        churned = sum(1 for user, held in at_start.items() if held == tier and at_end.get(user) != tier)
        found.append(TierCount(tier, before[tier], after[tier], began, churned))
    return found


def _in_force(grant: Document, moment: datetime) -> bool:
    ends = [each for each in (grant.get("ends_at"), grant.get("withdrawn_at")) if each is not None]
    return bool(grant["starts_at"] <= moment) and all(each > moment for each in ends)


def _strength(tier: str) -> int:
    return TIERS.index(tier) if tier in TIERS else len(TIERS)
