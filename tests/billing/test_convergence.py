"""Whatever order news comes in, twice, late or not at all: the house ends as the payment service has it."""

from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random

import pytest

from services.errors import Unavailable
from services.events import AccountErased, AccountLeaving, SubscriptionChanged, SubscriptionStep
from tests.billing.lives import PEOPLE, live, renamed
from tests.billing.stand_in import MONTH_S, StandIn
from tests.billing.till import furnish_till
from tests.catalogue_rig import small_house


async def _ordered(till, chance, steps):
    async for _ in live(till, chance, steps):
        await till.hear()
    return await till.standing()


@pytest.mark.parametrize("seed", [1, 2])
async def test_shuffled_doubled_and_dropped_deliveries_end_as_the_ordered_ones(tmp_path, seed):
    async with AsyncExitStack() as undo:
        houses = []
        for name in ("ordered", "shuffled"):
            (tmp_path / name).mkdir()
            rig = await undo.enter_async_context(small_house(tmp_path / name))
            houses.append(furnish_till(rig, undo))
        ordered, shuffled = houses
        told = await _ordered(ordered, Random(seed), 40)
        names = {}
        async for _ in live(shuffled, Random(seed), 40):
            pass
        for name in PEOPLE:
            theirs = [await till.rig.store.users.first({"username_key": name}) for till in houses]
            names[theirs[0].id] = theirs[1].id
        chance = Random(seed + 100)
        events = [event for event in shuffled.stripe.events if chance.random() > 0.25]
        events += chance.sample(events, len(events) // 3)
        chance.shuffle(events)
        for event in events:
            await shuffled.deliver(event)
            if chance.random() < 0.2:
                await shuffled.house.billing_working.work_due()
        await shuffled.house.billing_working.work_due()
        await shuffled.house.billing_replaying.catch_up()
        while await shuffled.house.billing_working.work_due():
            pass
        assert await shuffled.house.billing_reconciling.walk() == 0
        assert renamed(told, names) == await shuffled.standing()
        assert len(told["subscriptions"]) >= 3
        assert len({event["type"] for event in shuffled.stripe.events}) >= 6


async def test_the_nightly_walk_finds_what_no_event_tells_any_more(till):
    chance = Random(7)
    async for _ in live(till, chance, 25):
        pass
    till.stripe.events.clear()
    assert await till.house.billing_reconciling.walk() > 5
    found = await till.standing()
    assert {one["id"] for one in found["subscriptions"]} == {one["id"] for one in till.stripe.all("subscription")}
    paid = {one["id"] for one in till.stripe.all("invoice") if one["total"] > 0}
    assert {one["id"] for one in found["payments"] if one["kind"] == "payment"} == paid
    assert await till.house.billing_reconciling.walk() == 0
    assert await till.standing() == found


async def test_a_look_that_began_earlier_does_not_undo_one_that_ended_sooner(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    id = await till.buy(ann)
    look, answer = till.house.billing_subscriptions.look, till.api.stand_in.answer
    old = answer("get", f"/v1/subscriptions/{id}", {"expand": ["latest_invoice"]})
    till.stripe.end(id)
    late = []

    async def ask(method, path, params, *, key=None):
        if not late:
            # The first answer is read, and while it is on its way somebody else looks and is done.
            late.append(path)
            await look(id)
            return old
        return answer(method, path, dict(params or {}))

    till.api._ask = ask
    assert (await look(id)).status == "canceled"
    assert (await till.rig.store.billing_subscriptions.get(id)).status == "canceled"
    assert till.grants.given == {}


async def test_an_unpaid_bill_is_told_and_the_tier_lasts_through_the_days_of_grace(till):
    told = []
    till.rig.house.bus.hear(SubscriptionChanged, told.append)
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    id = await till.buy(ann)
    till.rig.clock.turn(MONTH_S)
    billed_at = till.rig.clock.now()
    till.stripe.renew(id, paid=False)
    await till.hear()
    until = billed_at + timedelta(days=7)
    assert till.grants.given[f"stripe:{id}"][2] == until
    assert [(event.step, event.at, event.until) for event in told] == [
        (SubscriptionStep.RENEWAL_FAILED, billed_at, until)
    ]
    assert (await till.house.billing.mine(ann)).subscription.status == "past_due"
    till.rig.clock.turn(86_400)
    till.stripe.recover(id)
    await till.hear()
    assert till.grants.given[f"stripe:{id}"][2] > until
    till.rig.clock.turn(MONTH_S)
    till.stripe.renew(id, paid=False)
    await till.hear()
    till.stripe.give_up(id)
    await till.hear()
    assert till.grants.given == {}
    assert len(told) == 2


async def test_an_account_that_goes_pays_no_more_also_when_the_news_of_it_was_lost(till):
    ann, bob = await till.rig.sign_up("ann"), await till.rig.sign_up("bob")
    first, second = await till.buy(ann), await till.buy(bob)
    till.house.billing_leaving.start()
    till.house.bus.publish(AccountLeaving(ann.user_id, till.rig.clock.now()))
    await till.house.billing_leaving.settled()
    kept = till.stripe.things[first]
    assert (kept["status"], kept["cancel_at_period_end"]) == ("trialing", True)
    till.house.bus.publish(AccountErased(ann.user_id))
    await till.house.billing_leaving.settled()
    await till.house.billing_leaving.stop()
    assert [till.stripe.things[id]["status"] for id in (first, second)] == ["canceled", "trialing"]
    await till.rig.store.users.delete({"_id": bob.user_id})
    await till.house.billing_reconciling.walk()
    assert till.stripe.things[second]["status"] == "canceled"


async def test_a_customer_deleted_at_the_service_is_nobody_any_more(till):
    ann = await till.rig.sign_up("ann")
    await till.buy(ann)
    customer = (await till.rig.store.billing_customers.get(ann.user_id)).customer_id
    till.stripe.forget_customer(customer)
    await till.hear()
    assert till.grants.given == {}
    assert await till.rig.store.billing_customers.get(ann.user_id) is None
    till.rig.clock.turn(1000)
    await till.buy(ann)
    assert (await till.rig.store.billing_customers.get(ann.user_id)).customer_id != customer


async def test_a_walk_goes_on_after_the_service_was_away(till):
    assert isinstance(till.stripe, StandIn)
    ann = await till.rig.sign_up("ann")
    await till.buy(ann)
    till.api.trouble = Unavailable("away", code="BILLING_AWAY")
    with pytest.raises(Unavailable):
        await till.house.billing_replaying.catch_up()
    till.api.trouble = None
    till.rig.clock.turn(60)
    till.stripe.subscribe("cus_of_another_house", "price_premium_m")
    assert await till.house.billing_replaying.catch_up() == 3
    while await till.house.billing_working.work_due():
        pass
    assert await till.rig.store.stripe_events.count({"state": "ignored"}) == 3
