"""Two pages paid in the same moment: one subscription stays, the other's money goes back, whatever news comes when."""

from datetime import timedelta
from itertools import permutations

import pytest

from services.errors import Conflict


async def bought_twice(till, viewer):
    """Two pages opened before either was paid, and both paid."""
    pages = [await till.house.billing_checkouts.create(viewer, tier, "month") for tier in ("premium", "family")]
    made = []
    for page in pages:
        made.append(till.stripe.pay(page.id)["id"])
        till.rig.clock.turn(1)
    return made


async def standing(till):
    store = till.rig.store
    subscriptions = [one async for batch in store.billing_subscriptions.scan({}) for one in batch]
    payments = [one async for batch in store.payments.scan({"kind": "payment"}) for one in batch]
    back = {one.subscription_id: one.refunded_minor == one.amount_minor for one in payments}
    return {one.id: (one.status, back.get(one.id)) for one in subscriptions}


@pytest.mark.parametrize("order", list(permutations(range(3)))[:4])
async def test_the_first_stays_and_the_others_money_goes_back(till, order):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    first, second = await bought_twice(till, ann)
    # In thirds, each third in its order: the beginning, the middle and the end of what was told.
    events = till.stripe.events
    third = len(events) // 3 + 1
    parts = [events[at : at + third] for at in range(0, len(events), third)]
    for number in order:
        for event in parts[number] if number < len(parts) else ():
            await till.deliver(event)
        await till.house.billing_working.work_due()
    for _ in range(3):
        await till.hear()
    assert await standing(till) == {first: ("active", False), second: ("canceled", True)}
    assert list(till.grants.given) == [f"stripe:{first}"]
    refunds = till.stripe.all("refund")
    assert len(refunds) == 1
    # Told again, and walked over, nothing more happens.
    for event in events:
        await till.deliver(event)
    await till.house.billing_working.work_due()
    assert await till.house.billing_reconciling.walk() == 0
    assert (len(till.stripe.all("refund")), (await standing(till))[first]) == (1, ("active", False))
    with pytest.raises(Conflict):
        await till.house.billing_checkouts.create(ann, "family", "month")


async def test_what_no_event_told_is_undone_by_the_nightly_walk(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    first, second = await bought_twice(till, ann)
    assert await till.house.billing_reconciling.walk() > 0
    while await till.house.billing_reconciling.walk():
        pass
    assert await standing(till) == {first: ("active", False), second: ("canceled", True)}


async def test_an_older_second_one_is_for_people_to_decide(till, log_watch):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    first, second = await bought_twice(till, ann)
    till.rig.clock.turn(timedelta(days=8).total_seconds())
    log_watch.expect("somebody pays for two subscriptions")
    await till.hear()
    assert {id: status for id, (status, _) in (await standing(till)).items()} == {first: "active", second: "active"}
    assert till.stripe.all("refund") == []
