"""What billing looks after by itself: e-mails, students, guesses, keys that are no person, and what lists cost."""

from dataclasses import replace

import pytest

from services.billing.buying.checkouts import GUESSES
from services.errors import Denied, Invalid, TooMany, Unavailable
from services.events import SubscriptionChanged
from services.subscription_events import SubscriptionStep
from services.viewer import Role
from storage.records.payment import Payment


async def test_the_service_learns_an_email_that_changed_when_somebody_goes_there(till):
    ann = await till.rig.sign_up("ann")
    await till.buy(ann)
    customer = till.stripe.all("customer")[0]
    assert customer["email"] == "ann@example.com"
    await till.rig.store.users.update({"_id": ann.user_id}, {"$set": {"email": "anna@example.com"}})
    for _ in range(2):
        assert await till.house.billing_portal.open(ann) == f"https://pay.example.org/portal/{customer['id']}"
    assert customer["email"] == "anna@example.com"
    told = [path for method, path, _ in till.stripe.asked if path == f"/v1/customers/{customer['id']}"]
    assert len(told) == 1


async def test_who_is_no_student_any_more_keeps_what_was_paid_and_is_not_renewed(till):
    ann = await till.rig.sign_up("ann")
    till.students.ids.add(ann.user_id)
    id = await till.buy(ann, "student")
    await till.house.billing_reconciling.walk()
    assert not till.stripe.things[id]["cancel_at_period_end"]
    till.students.ids.clear()
    assert await till.house.billing_reconciling.walk() == 1
    one = (await till.house.billing.mine(ann)).subscription
    assert (one.status, one.ends_at, one.renews_at) == ("trialing", one.period_end, None)
    assert till.grants.given[f"stripe:{id}"][2] == one.period_end
    assert await till.house.billing_reconciling.walk() == 0


async def test_coupons_cannot_be_guessed_for_ever(till):
    ann, bob = await till.rig.sign_up("ann"), await till.rig.sign_up("bob")
    for guess in range(GUESSES):
        with pytest.raises(Invalid):
            await till.house.billing_checkouts.create(ann, "premium", "month", coupon=f"GUESS{guess}")
    with pytest.raises(TooMany):
        await till.house.billing_checkouts.create(ann, "premium", "month", coupon="SPRING")
    await till.house.billing_checkouts.create(bob, "premium", "month", coupon="SPRING")


async def test_a_key_spends_nobodys_money(till):
    ann = await till.rig.sign_up("ann")
    key = replace(ann, scopes=frozenset({"read", "write", "manage"}))
    boss = replace(await till.rig.sign_up("boss", Role.ADMIN), scopes=frozenset({"manage"}))
    plans = till.house.billing_plans
    for refused in (
        till.house.billing_checkouts.create(key, "premium", "month"),
        till.house.billing_portal.open(key),
        plans.change(key, "family", "month"),
        plans.cancel(key),
        plans.resume(key),
        till.house.billing_refunds.give(boss, "in_1"),
    ):
        with pytest.raises(Denied) as refusal:
            await refused
        assert refusal.value.reason == "KEYS_MAY_NOT"
    assert till.stripe.asked == []


async def test_a_silent_service_is_not_asked_for_prices_by_everybody(till):
    till.api.trouble = Unavailable("away", code="BILLING_AWAY")
    asked = []
    till.api.get, get = (lambda path: asked.append(path) or get(path)), till.api.get
    for _ in range(3):
        with pytest.raises(Unavailable):
            await till.house.billing_prices.all()
    assert len(asked) == 5
    till.api.trouble = None
    till.rig.clock.turn(16)
    assert len(await till.house.billing_prices.all()) == 5


async def test_a_hundred_payments_cost_what_one_does(till):
    ann, boss = await till.rig.sign_up("ann"), await till.rig.sign_up("boss", Role.ADMIN)
    await till.buy(ann)
    now, engine = till.rig.clock.now(), till.rig.engine
    mine = "{ myBilling { status payments(first: 100) { totalCount edges { node { tier status } } } } }"
    house = "{ billingPayments(first: 100) { totalCount edges { node { tier userId } } } }"
    costs = []
    for number in (1, 99):
        for each in range(number):
            row = Payment(f"in_x{number}-{each}", ann.user_id, "payment", 1, "eur", "premium", now, "paid", "")
            await till.rig.store.payments.insert(row)
        for document, viewer in ((mine, ann), (house, boss)):
            before = engine.asked.total()
            await till.rig.data(document, viewer)
            costs.append(engine.asked.total() - before)
    assert costs == [4, 2, 4, 2]
    page = await till.rig.data("{ myBilling { payments(first: 99) { pageInfo { endCursor hasNextPage } } } }", ann)
    info = page["myBilling"]["payments"]["pageInfo"]
    assert info["hasNextPage"]
    rest = f'{{ myBilling {{ payments(after: "{info["endCursor"]}") {{ edges {{ node {{ id }} }} }} }} }}'
    assert len((await till.rig.data(rest, ann))["myBilling"]["payments"]["edges"]) == 1


async def test_a_bank_s_second_step_is_told_while_the_bill_is_open_and_an_upcoming_bill_is_a_look(till):
    told = []
    till.rig.house.bus.hear(SubscriptionChanged, told.append)
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    id = await till.buy(ann)
    till.stripe.renew(id, paid=False)
    invoice = till.stripe.things[id]["latest_invoice"]
    intent = {"type": "payment_intent", "payment_intent": "pi_waits"}
    till.stripe.things["inpay_waits"] = {"id": "inpay_waits", "object": "invoice_payment", "created": 0} | {
        "invoice": invoice, "payment": intent,
    }  # fmt: skip
    waits = {"id": "pi_waits", "object": "payment_intent", "customer": till.stripe.things[id]["customer"]}
    upcoming = {"object": "invoice", "parent": {"subscription_details": {"subscription": id}}}
    for number, (kind, thing) in enumerate(
        (("payment_intent.requires_action", waits), ("invoice.upcoming", upcoming), ("invoice.upcoming", {}))
    ):
        event = {"id": f"evt_x{number}", "object": "event", "type": kind, "created": till.stripe.now_s + number}
        await till.deliver({**event, "livemode": False, "data": {"object": thing}})
        await till.house.billing_working.work_due()
    rows = await till.rig.store.stripe_events.get_many(["evt_x0", "evt_x1", "evt_x2"])
    assert [row.state for row in rows.values()] == ["done", "done", "ignored"]
    assert [event.step for event in told] == [SubscriptionStep.RENEWAL_FAILED]
    assert (await till.house.billing.mine(ann)).subscription.status == "past_due"


async def test_what_another_business_sells_on_the_same_account_is_left_alone(till):
    recurring = {"interval": "month", "interval_count": 1}
    till.stripe._put("price_of_tea", "price", active=True, unit_amount=300, currency="eur", recurring=recurring)
    till.stripe.subscribe("cus_of_the_tea_house", "price_of_tea")
    assert await till.house.billing_reconciling.walk() == 0
    lists = {"/v1/invoices", "/v1/refunds", "/v1/disputes", "/v1/subscriptions"}
    assert {path for _, path, _ in till.stripe.asked} == lists
