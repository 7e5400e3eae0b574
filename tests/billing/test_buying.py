"""From the page to pay on to the tier, and every change of plan after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.billing.entitling import SLACK
from services.errors import Conflict, Denied, Invalid, NotFound, PaymentRequired, Unavailable
from services.events import SubscriptionChanged, SubscriptionStep
from services.viewer import NOBODY, Role
from tests.billing.stand_in import MONTH_S

MONTH = timedelta(seconds=MONTH_S)


async def test_what_is_bought_gives_its_tier_only_when_the_payment_is_told(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    page = await till.house.billing_checkouts.create(ann, "premium", "month")
    assert page.url == f"https://pay.example.org/{page.id}"
    asked = till.stripe.asked[-1][2]
    assert asked["line_items"] == [{"price": "price_premium_m", "quantity": 1}]
    assert asked["success_url"] == "https://music.example.org/billing/success"
    assert (asked["client_reference_id"], asked["subscription_data"]["metadata"]) == (
        ann.user_id,
        {"tutti_user": ann.user_id},
    )
    assert "trial_period_days" not in asked["subscription_data"]
    subscription = till.stripe.pay(page.id)
    assert till.grants.given == {}
    await till.hear()
    assert till.grants.given == {
        f"stripe:{subscription['id']}": (ann.user_id, "premium", till.rig.clock.now() + MONTH + SLACK)
    }
    mine = await till.house.billing.mine(ann)
    assert (mine.subscription.status, mine.subscription.renews_at) == ("active", till.rig.clock.now() + MONTH)
    assert (mine.has_portal, mine.may_try, mine.publishable_key) == (True, False, "pk_test_shown")
    data = await till.rig.data(
        "{ myBilling { payments { totalCount edges { node { amountMinor taxMinor tier status } } } } }", ann
    )
    assert data["myBilling"]["payments"] == {
        "totalCount": 1,
        "edges": [{"node": {"amountMinor": 999, "taxMinor": 166, "tier": "PREMIUM", "status": "PAID"}}],
    }
    with pytest.raises(Conflict) as refusal:
        await till.house.billing_checkouts.create(ann, "family", "month")
    assert refusal.value.reason == "ALREADY_SUBSCRIBED"


async def test_a_first_subscription_begins_with_a_trial_and_no_second_does(till):
    told = []
    till.rig.house.bus.hear(SubscriptionChanged, told.append)
    ann = await till.rig.sign_up("ann")
    assert (await till.house.billing.mine(ann)).may_try
    id = await till.buy(ann)
    one = await till.house.billing_subscriptions.look(id)
    assert one.status == "trialing"
    assert one.trial_end == till.rig.clock.now() + timedelta(days=14)
    assert till.grants.given[f"stripe:{id}"][2] == one.trial_end + SLACK
    assert till.trials.tried == {ann.user_id}
    till.stripe.trial_will_end(id)
    await till.hear()
    assert [(event.step, event.until) for event in told] == [(SubscriptionStep.TRIAL_ENDS, one.trial_end)]
    till.stripe.end(id)
    await till.hear()
    assert till.grants.given == {}
    assert not (await till.house.billing.mine(ann)).may_try
    second = await till.buy(ann)
    assert (await till.house.billing_subscriptions.look(second)).status == "active"


async def test_who_may_not_buy_is_refused_before_anything_is_asked_of_the_service(till):
    ann = await till.rig.sign_up("ann")
    buy = till.house.billing_checkouts.create
    for tier, interval in (("student", "year"), ("free", "month"), ("premium", "week")):
        with pytest.raises(Invalid) as refusal:
            await buy(ann, tier, interval)
        assert refusal.value.reason == "NOT_FOR_SALE"
    with pytest.raises(Denied) as denied:
        await buy(ann, "student", "month")
    assert denied.value.reason == "STUDENT_NOT_PROVEN"
    assert till.stripe.asked == []
    till.students.ids.add(ann.user_id)
    await till.buy(ann, "student")
    assert [tier for _, tier, _ in till.grants.given.values()] == ["student"]


async def test_a_coupon_must_be_one_that_holds(till):
    ann = await till.rig.sign_up("ann")
    buy = till.house.billing_checkouts.create
    for coupon in ("WINTER", "no such/coupon", ""):
        with pytest.raises(Invalid) as refusal:
            await buy(ann, "premium", "month", coupon=coupon)
        assert (refusal.value.reason, refusal.value.field) == ("COUPON_WRONG", "coupon")
    assert till.stripe.all("checkout.session") == []
    await buy(ann, "premium", "month", coupon="SPRING")
    assert till.stripe.asked[-1][2]["discounts"] == [{"promotion_code": "promo_1"}]
    await buy(ann, "family", "month")
    assert [page["status"] for page in till.stripe.all("checkout.session")] == ["open", "expired"]


async def test_asking_again_leads_to_the_same_page_unless_that_is_closed(till):
    ann = await till.rig.sign_up("ann")
    buy = till.house.billing_checkouts.create
    first = await buy(ann, "premium", "month")
    assert (await buy(ann, "premium", "month")).id == first.id
    other = await buy(ann, "family", "month")
    again = await buy(ann, "premium", "month")
    assert len({first.id, other.id, again.id}) == 3
    states = {page["id"]: page["status"] for page in till.stripe.all("checkout.session")}
    assert states == {first.id: "expired", other.id: "expired", again.id: "open"}
    till.rig.clock.turn(700)
    assert (await buy(ann, "premium", "month")).id not in states


async def test_more_comes_at_once_and_less_at_the_end_of_what_was_paid(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    id, plans = await till.buy(ann), till.house.billing_plans
    ahead = await plans.preview(ann, "family", "month")
    assert (ahead.is_immediate, ahead.amount_minor, ahead.tax_minor, ahead.next_amount_minor) == (True, 700, 19, 1_699)
    assert [line.amount_minor for line in ahead.lines] == [-999, 1_699]
    till.stripe.declines = True
    with pytest.raises(PaymentRequired):
        await plans.change(ann, "family", "month")
    assert (await till.house.billing.mine(ann)).subscription.tier == "premium"
    till.stripe.declines = False
    more = await plans.change(ann, "family", "month", priced_at=ahead.priced_at)
    assert (more.tier, till.grants.given[f"stripe:{id}"][1]) == ("family", "family")
    assert till.stripe.things[id]["items"]["data"][0]["price"]["id"] == "price_family_m"

    end = till.rig.clock.now() + MONTH
    below = await plans.preview(ann, "premium", "month")
    assert (below.is_immediate, below.effective_at, below.amount_minor) == (False, end, 0)
    less = await plans.change(ann, "premium", "month")
    assert (less.tier, less.next_tier, less.next_interval) == ("family", "premium", "month")
    assert till.grants.given[f"stripe:{id}"][1] == "family"
    till.rig.clock.turn(MONTH_S)
    till.stripe.renew(id)
    await till.hear()
    after = (await till.house.billing.mine(ann)).subscription
    assert (after.tier, after.next_tier, after.period_end) == ("premium", None, end + MONTH)
    assert till.grants.given[f"stripe:{id}"][1] == "premium"
    with pytest.raises(Conflict) as refusal:
        await plans.change(ann, "premium", "month")
    assert refusal.value.reason == "SAME_PLAN"
    with pytest.raises(Invalid) as old:
        await plans.change(ann, "family", "month", priced_at=till.rig.clock.now() - timedelta(hours=2))
    assert old.value.reason == "PREVIEW_OLD"


async def test_an_end_comes_when_the_period_is_over_and_can_be_taken_back_before(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    id, plans = await till.buy(ann), till.house.billing_plans
    end = till.rig.clock.now() + MONTH
    ending = await plans.cancel(ann)
    assert (ending.ends_at, ending.renews_at, ending.cancel_at_period_end) == (end, None, True)
    assert till.grants.given[f"stripe:{id}"][2] == end
    kept = await plans.resume(ann)
    assert (kept.ends_at, kept.renews_at) == (None, end)
    assert till.grants.given[f"stripe:{id}"][2] == end + SLACK
    await plans.cancel(ann)
    till.rig.clock.turn(MONTH_S)
    till.stripe.renew(id)
    await till.hear()
    assert till.grants.given == {}
    with pytest.raises(NotFound) as refusal:
        await plans.resume(ann)
    assert refusal.value.reason == "NOT_SUBSCRIBED"


async def test_a_smaller_plan_to_come_is_dropped_by_resuming(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    await till.buy(ann, "family")
    assert (await till.house.billing_plans.change(ann, "premium", "month")).next_tier == "premium"
    assert (await till.house.billing_plans.resume(ann)).next_tier is None


async def test_the_price_list_is_asked_once_in_ten_minutes(till):
    prices = await till.house.billing_prices.all()
    assert [(one.tier, one.interval, one.amount_minor, one.currency) for one in prices] == [
        ("premium", "month", 999, "eur"),
        ("premium", "year", 9_990, "eur"),
        ("family", "month", 1_699, "eur"),
        ("family", "year", 16_990, "eur"),
        ("student", "month", 499, "eur"),
    ]
    asked = len(till.stripe.asked)
    await till.house.billing_prices.all()
    assert len(till.stripe.asked) == asked == 5
    till.rig.clock.turn(601)
    till.api.trouble = Unavailable("away")
    assert await till.house.billing_prices.all() == prices


async def test_a_refund_in_full_takes_the_tier_until_the_next_payment(till):
    ann, boss = await till.rig.sign_up("ann"), await till.rig.sign_up("boss", Role.ADMIN)
    till.trials.tried.add(ann.user_id)
    id = await till.buy(ann)
    invoice = till.stripe.things[id]["latest_invoice"]
    give = till.house.billing_refunds.give
    with pytest.raises(Denied):
        await give(ann, invoice)
    part = await give(boss, invoice, amount_minor=99)
    assert (part.refunded_minor, list(till.grants.given)) == (99, [f"stripe:{id}"])
    whole = await give(boss, invoice)
    assert (whole.refunded_minor, till.grants.given) == (999, {})
    assert till.audit.lines == [("payment.refund", "payment", invoice)] * 2
    with pytest.raises(Conflict) as refusal:
        await give(boss, invoice)
    assert refusal.value.reason == "NOT_REFUNDABLE"
    await till.hear()
    kinds = [(one.kind, one.amount_minor) for one in (await till.rig.store.payments.find({"user_id": ann.user_id}))]
    assert sorted(kinds) == [("payment", 999), ("refund", 99), ("refund", 900)]
    till.rig.clock.turn(MONTH_S)
    till.stripe.renew(id)
    await till.hear()
    assert [tier for _, tier, _ in till.grants.given.values()] == ["premium"]


async def test_a_lost_dispute_ends_the_subscription_and_a_won_one_does_not(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    id = await till.buy(ann)
    invoice = till.stripe.things[id]["latest_invoice"]
    for outcome, tiers, status in (("won", 1, "active"), ("lost", 0, "canceled")):
        dispute = till.stripe.dispute(invoice)
        await till.hear()
        assert len(till.grants.given) == 1
        till.stripe.decide(dispute["id"], outcome)
        await till.hear()
        assert (len(till.grants.given), till.stripe.things[id]["status"]) == (tiers, status)
        row = await till.rig.store.payments.get(dispute["id"])
        assert (row.kind, row.status, row.reference) == ("dispute", outcome, invoice)


async def test_without_a_key_every_field_says_so_and_with_a_wrong_one_too(till, rig):
    ann = await rig.sign_up("ann")
    till.api._rules = replace(till.api._rules, secret_key="")
    documents = (
        "{ billingPrices { tier } }",
        "{ myBilling { status } }",
        "{ previewPlanChange(tier: PREMIUM) { amountMinor } }",
        "mutation { createCheckoutSession(tier: PREMIUM) { url } }",
        "mutation { createPortalSession { url } }",
        "mutation { changePlan(tier: PREMIUM) { subscription { id } } }",
    )
    for document in documents:
        assert [error["code"] for error in await rig.errors(document, ann)] == ["BILLING_OFF"], document
    assert (await rig.errors("{ myBilling { status } }", NOBODY))[0]["code"] == "UNAUTHENTICATED"


async def test_the_house_s_own_grants_make_of_it_what_a_person_has(till, rig):
    ann, store = await rig.sign_up("ann"), rig.store
    till.house.billing_subscriptions._grants = rig.house.grants
    till.trials.tried.add(ann.user_id)
    id = await till.buy(ann, "family")
    user, until = await store.users.get(ann.user_id), rig.clock.now() + MONTH + SLACK
    assert (user.subscription_type, user.subscription_end) == ("family", until)
    assert [grant.id for grant in await rig.house.grants.of_user(ann.user_id)] == [f"stripe:{id}"]
    till.stripe.end(id)
    await till.hear()
    assert (await store.users.get(ann.user_id)).subscription_type == "free"
