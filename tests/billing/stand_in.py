"""Stripe as far as this house speaks with it: objects that change as Stripe's do, and an event for each change.

In today's shapes. `StandInApi` puts it in the API's place without a wire; `tests/billing/wire.py` gives it one.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from services.billing.rules import BillingRules
from services.billing.speaking.stripe_api import BillingRefused, StripeApi, Thing, _NothingThere
from services.clock import SetClock
from services.errors import PaymentRequired

MONTH_S, YEAR_S = 30 * 86_400, 365 * 86_400
PRICES = {
    ("premium", "month"): ("price_premium_m", 999),
    ("premium", "year"): ("price_premium_y", 9_990),
    ("family", "month"): ("price_family_m", 1_699),
    ("family", "year"): ("price_family_y", 16_990),
    ("student", "month"): ("price_student_m", 499),
}
SECRET, OLD_SECRET = "whsec_for_tests", "whsec_of_last_year"
RULES = BillingRules(
    "pk_test_shown",
    "sk_test_NeverShown",
    (OLD_SECRET, SECRET),
    {plan: price for plan, (price, _) in PRICES.items()},
    grace_days=7,
    trial_days=14,
)


class StandIn:
    """The objects by id, and the events of their changes, oldest first."""

    def __init__(self, clock: SetClock) -> None:
        self.clock = clock
        self.things: dict[str, Thing] = {}
        self.events: list[Thing] = []
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []
        self.declines = False
        self._number = 0
        self._answered: dict[str | None, Thing] = {}
        for (_, interval), (id, amount) in PRICES.items():
            recurring = {"interval": interval, "interval_count": 1}
            self._put(id, "price", active=True, unit_amount=amount, currency="eur", recurring=recurring)
            self.things[id]["tax_behavior"] = "inclusive"
        self._put("promo_1", "promotion_code", code="SPRING", active=True)

    @property
    def now_s(self) -> int:
        return self.clock.epoch_ms() // 1000

    def answer(self, method: str, path: str, params: Mapping[str, Any], key: str | None = None) -> Thing:
        """What Stripe would answer: under one key always the same, whatever happened since."""
        if key in self._answered:
            return copy.deepcopy(self._answered[key])
        self.asked.append((method, path, params))
        for wanted, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, path)
            if wanted == method and found:
                made: Thing = copy.deepcopy(getattr(self, act)(*found.groups(), params))
                if key is not None:
                    self._answered[key] = copy.deepcopy(made)
                return made
        raise AssertionError(f"the stand-in knows no {method} {path}")

    def pay(self, session_id: str) -> Thing:
        """Somebody pays on a checkout page; the subscription that follows."""
        session = self.things[session_id]
        price, data = session["line_items"][0]["price"], session.get("subscription_data") or {}
        trial_days = data.get("trial_period_days")
        made = self.subscribe(session["customer"], price, trial_days=trial_days, metadata=data.get("metadata"))
        session |= {"status": "complete", "url": None, "subscription": made["id"], "invoice": made["latest_invoice"]}
        self._tell("checkout.session.completed", session)
        return made

    def subscribe(self, customer_id: str, price: str, *, trial_days: int | None = None, metadata: Any = None) -> Thing:
        id, length = self._new("sub"), self._length(price)
        end = self.now_s + (trial_days * 86_400 if trial_days else length)
        one = self._put(
            id, "subscription", customer=customer_id, status="trialing" if trial_days else "active", schedule=None,
            metadata=metadata or {}, cancel_at_period_end=False, cancel_at=None, ended_at=None,
            trial_end=end if trial_days else None, latest_invoice=None,
        )  # fmt: skip
        one["items"] = {"object": "list", "data": [self._item(self._new("si"), price, self.now_s, end)]}
        self._tell("customer.subscription.created", one)
        self._bill(one, 0 if trial_days else self._amount(price), paid=True)
        return one

    def renew(self, id: str, *, paid: bool = True) -> None:
        """The period is over: the next begins, with a bill that is paid or not."""
        one, item = self.things[id], self.things[id]["items"]["data"][0]
        schedule = self.things.get(one["schedule"] or "")
        if schedule is not None:
            item["price"] = copy.deepcopy(self.things[schedule["phases"][-1]["items"][0]["price"]])
            schedule |= {"status": "released", "released_subscription": id}
            one["schedule"] = None
        if one["cancel_at_period_end"]:
            self.end(id)
            return
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += self._length(item["price"]["id"])
        one["status"] = "active" if paid else "past_due"
        self._tell("customer.subscription.updated", one)
        self._bill(one, self._amount(item["price"]["id"]), paid=paid)

    def recover(self, id: str) -> None:
        """The open bill is paid after all."""
        one = self.things[id]
        self._settle(self.things[one["latest_invoice"]])
        one["status"] = "active"
        self._tell("customer.subscription.updated", one)

    def give_up(self, id: str) -> None:
        """The bill was never paid."""
        self.things[id]["status"] = "unpaid"
        self._tell("customer.subscription.updated", self.things[id])

    def end(self, id: str) -> Thing:
        one = self.things[id]
        if one["status"] == "canceled":
            raise BillingRefused("resource_missing", "id")
        one |= {"status": "canceled", "ended_at": self.now_s}
        self._tell("customer.subscription.deleted", one)
        return one

    def dispute(self, invoice_id: str) -> Thing:
        """A bank asks the money of a bill back."""
        charge = self.things[self.things[invoice_id]["charge_id"]]
        made = self._put(
            self._new("dp"), "dispute", charge=charge["id"], amount=charge["amount"], currency="eur",
            status="needs_response", payment_intent=charge["payment_intent"],
        )  # fmt: skip
        self._tell("charge.dispute.created", made)
        return made

    def decide(self, dispute_id: str, status: str) -> None:
        self.things[dispute_id]["status"] = status
        self._tell("charge.dispute.closed", self.things[dispute_id])

    def refund(self, intent: str, amount: int) -> Thing:
        charge = next(one for one in self.all("charge") if one["payment_intent"] == intent)
        if charge["amount_refunded"] + amount > charge["amount"]:
            raise BillingRefused("charge_already_refunded", "amount")
        made = self._put(
            self._new("re"), "refund", charge=charge["id"], payment_intent=intent, amount=amount, currency="eur",
            status="succeeded",
        )  # fmt: skip
        charge["amount_refunded"] += amount
        self._tell("charge.refunded", charge)
        return made

    def forget_customer(self, id: str) -> None:
        """Somebody deletes a customer in Stripe's own pages."""
        for one in self.all("subscription"):
            if one["customer"] == id and one["status"] != "canceled":
                self.end(one["id"])
        self.things[id] = {"id": id, "object": "customer", "deleted": True}
        self._tell("customer.deleted", self.things[id])

    def trial_will_end(self, id: str) -> None:
        self._tell("customer.subscription.trial_will_end", self.things[id])

    def all(self, kind: str) -> list[Thing]:
        """Objects of a kind, newest first."""
        return [one for one in reversed(list(self.things.values())) if one["object"] == kind]

    def _make_customer(self, params: Any) -> Thing:
        return self._put(self._new("cus"), "customer", **params)

    def _change_customer(self, id: str, params: Any) -> Thing:
        self.things[id] |= params
        return self.things[id]

    def _get(self, id: str, params: Any) -> Thing:
        if id not in self.things:
            raise _NothingThere
        one = copy.deepcopy(self.things[id])
        for field in params.get("expand", ()):
            if isinstance(one.get(field), str):
                one[field] = self.things[one[field]]
        return one

    def _list(self, kind: str, params: Any) -> Thing:
        rows = list(reversed(self.events)) if kind == "event" else self.all(kind)
        created = params.get("created") or {}
        rows = [
            row
            for row in rows
            if created.get("gte", 0) <= row["created"] <= created.get("lte", 2**40)
            and all(
                row.get(name) == params[name] for name in ("charge", "code", "customer", "invoice") if name in params
            )
        ]
        if "payment" in params:
            rows = [row for row in rows if row["payment"] == params["payment"]]
        if after := params.get("starting_after"):
            rows = rows[[row["id"] for row in rows].index(after) + 1 :]
        limit = int(params.get("limit", 10))
        return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit}

    def _check_out(self, params: Any) -> Thing:
        id = self._new("cs")
        return self._put(id, "checkout.session", **params, status="open", url=f"https://pay.example.org/{id}")

    def _expire(self, id: str, _params: Any) -> Thing:
        if self.things[id]["status"] != "open":
            raise BillingRefused("", "")
        self.things[id] |= {"status": "expired", "url": None}
        return self.things[id]

    def _portal(self, params: Any) -> Thing:
        return {"object": "billing_portal.session", "url": f"https://pay.example.org/portal/{params['customer']}"}

    def _change(self, id: str, params: Any) -> Thing:
        one = self.things[id]
        if "items" in params:
            if self.declines:
                raise PaymentRequired("Your card was declined.", code="PAYMENT_DECLINED")
            item, price = one["items"]["data"][0], params["items"][0]["price"]
            difference = self._amount(price) - item["price"]["unit_amount"]
            item["price"] = copy.deepcopy(self.things[price])
            self._bill(one, difference, paid=True)
        one["cancel_at_period_end"] = params.get("cancel_at_period_end", one["cancel_at_period_end"])
        one["cancel_at"] = one["items"]["data"][0]["current_period_end"] if one["cancel_at_period_end"] else None
        self._tell("customer.subscription.updated", one)
        return one

    def _cancel(self, id: str, _params: Any) -> Thing:
        return self.end(id)

    def _make_schedule(self, params: Any) -> Thing:
        one = self.things[params["from_subscription"]]
        item = one["items"]["data"][0]
        start, end = item["current_period_start"], item["current_period_end"]
        phase = {"start_date": start, "end_date": end, "items": [{"price": item["price"]["id"]}]}
        made = self._put(
            self._new("sub_sched"), "subscription_schedule", status="active", phases=[phase],
            subscription=one["id"], customer=one["customer"], current_phase={"start_date": start, "end_date": end},
        )  # fmt: skip
        one["schedule"] = made["id"]
        return made

    def _change_schedule(self, id: str, params: Any) -> Thing:
        first, second = copy.deepcopy(params["phases"])
        self.things[id]["phases"] = [first, {**second, "start_date": first["end_date"]}]
        self._tell("subscription_schedule.updated", self.things[id])
        return self.things[id]

    def _release(self, id: str, _params: Any) -> Thing:
        schedule = self.things[id]
        if schedule["status"] != "active":
            raise BillingRefused("", "")
        self.things[schedule["subscription"]]["schedule"] = None
        schedule |= {"status": "released", "released_subscription": schedule["subscription"]}
        return schedule

    def _preview(self, params: Any) -> Thing:
        one = self.things[params["subscription"]]
        price = params["subscription_details"]["items"][0]["price"]
        was = one["items"]["data"][0]["price"]["unit_amount"]
        lines = [{"description": "Unused time", "amount": -was}, {"description": "New", "amount": self._amount(price)}]
        total = self._amount(price) - was
        return {"total": total, "currency": "eur", "total_taxes": [{"amount": 19}], "lines": {"data": lines}}

    def _refund(self, params: Any) -> Thing:
        return self.refund(params["payment_intent"], int(params["amount"]))

    def _bill(self, one: Thing, amount: int, *, paid: bool) -> None:
        item, id = one["items"]["data"][0], self._new("in")
        line = {"amount": amount, "pricing": {"price_details": {"price": item["price"]["id"]}}}
        invoice = self._put(
            id, "invoice", customer=one["customer"], total=amount, currency="eur", status="open", number=f"T-{id}",
            parent={"subscription_details": {"subscription": one["id"]}}, lines={"data": [line]},
            total_taxes=[{"amount": amount // 6}], attempt_count=1, charge_id=None,
            status_transitions={"finalized_at": self.now_s, "paid_at": None}, hosted_invoice_url=None,
        )  # fmt: skip
        one["latest_invoice"] = id
        self._tell("invoice.finalized", invoice)
        if paid:
            self._settle(invoice)
        else:
            self._tell("invoice.payment_failed", invoice)

    def _settle(self, invoice: Thing) -> None:
        if invoice["total"] > 0:
            intent, charge = self._new("pi"), self._new("ch")
            self._put(
                charge, "charge", payment_intent=intent, customer=invoice["customer"], amount=invoice["total"],
                amount_refunded=0, currency="eur",
            )  # fmt: skip
            payment = {"type": "payment_intent", "payment_intent": intent}
            paid = self._put(self._new("inpay"), "invoice_payment", invoice=invoice["id"], payment=payment)
            paid["status"] = "paid"
            invoice["charge_id"] = charge
        invoice["status"] = "paid"
        invoice["status_transitions"]["paid_at"] = self.now_s
        self._tell("invoice.paid", invoice)

    def _item(self, id: str, price: str, start: int, end: int) -> Thing:
        priced = copy.deepcopy(self.things[price])
        return {"id": id, "price": priced, "quantity": 1, "current_period_start": start, "current_period_end": end}

    def _amount(self, price: str) -> int:
        return int(self.things[price]["unit_amount"])

    def _length(self, price: str) -> int:
        return YEAR_S if self.things[price]["recurring"]["interval"] == "year" else MONTH_S

    def _new(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}_{self._number:06d}"

    def _put(self, id: str, kind: str, **fields: Any) -> Thing:
        self.things[id] = {"id": id, "object": kind, "created": self.now_s, **copy.deepcopy(fields)}
        return self.things[id]

    def _tell(self, kind: str, thing: Thing) -> None:
        made = {"id": self._new("evt"), "object": "event", "type": kind, "created": self.now_s, "livemode": False}
        self.events.append({**made, "data": {"object": copy.deepcopy(thing)}})


_ROUTES = (
    ("post", "/v1/customers", "_make_customer"),
    ("post", "/v1/customers/([^/]+)", "_change_customer"),
    ("post", "/v1/checkout/sessions", "_check_out"),
    ("post", "/v1/checkout/sessions/([^/]+)/expire", "_expire"),
    ("post", "/v1/billing_portal/sessions", "_portal"),
    ("post", "/v1/subscriptions/([^/]+)", "_change"),
    ("delete", "/v1/subscriptions/([^/]+)", "_cancel"),
    ("post", "/v1/subscription_schedules", "_make_schedule"),
    ("post", "/v1/subscription_schedules/([^/]+)/release", "_release"),
    ("post", "/v1/subscription_schedules/([^/]+)", "_change_schedule"),
    ("post", "/v1/invoices/create_preview", "_preview"),
    ("post", "/v1/refunds", "_refund"),
    ("get", "/v1/checkout/sessions/([^/]+)", "_get"),
    ("get", r"/v1/(?:customers|prices|subscriptions|subscription_schedules|invoices|charges|disputes)/([^/]+)", "_get"),
    ("get", r"/v1/(event|subscription|invoice|refund|dispute|promotion_code|invoice_payment)s", "_list"),
)


class StandInApi(StripeApi):
    """The API with a stand-in behind it."""

    def __init__(self, rules: BillingRules, stand_in: StandIn) -> None:
        super().__init__(rules)
        self.stand_in = stand_in
        self.trouble: Exception | None = None

    def open(self) -> None:
        if not self._rules.stands:
            super().open()

    async def _ask(self, method: str, path: str, params: Any, *, key: str | None = None) -> Thing:
        self.open()
        if self.trouble is not None:
            raise self.trouble
        return self.stand_in.answer(method, path, dict(params or {}), key)
