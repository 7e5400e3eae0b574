"""What happens to some people's subscriptions at Stripe: the same for the same dice, in whichever house they live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random
from typing import Any

from tests.billing.till import Till

PEOPLE = ("ann", "bob", "cid", "dee")


async def live(till: Till, chance: Random, steps: int, *, longest_s: int = 43_200) -> AsyncIterator[None]:
    """What happens to four people's subscriptions at Stripe within its thirty days, one step after another."""
    stripe, people = till.stripe, []
    for name in PEOPLE:
        viewer = await till.rig.sign_up(name)
        customer = stripe.answer("post", "/v1/customers", {"metadata": {"tutti_user": viewer.user_id}})
        people.append(customer["id"])
    for _ in range(steps):
        till.rig.clock.turn(chance.choice((60, 3_600, longest_s)))
        living = [one for one in stripe.all("subscription") if one["status"] in ("active", "trialing", "past_due")]
        paid = [one for one in stripe.all("invoice") if one["status"] == "paid" and one["total"] > 0]
        one = chance.choice(living) if living else None
        act = chance.randrange(9)
        if one is None or (act == 0 and len(living) < len(PEOPLE)):
            free = [id for id in people if id not in {each["customer"] for each in living}]
            trial = chance.choice((None, 14))
            stripe.subscribe(
                chance.choice(free), chance.choice(("price_premium_m", "price_family_m")), trial_days=trial
            )
        elif act in (1, 2):
            stripe.renew(one["id"], paid=chance.random() < 0.6)
        elif act == 3 and one["status"] == "past_due":
            stripe.recover(one["id"])
        elif act == 4:
            stripe.answer("post", f"/v1/subscriptions/{one['id']}", {"cancel_at_period_end": chance.random() < 0.5})
        elif act == 5 and paid:
            bill = chance.choice(paid)
            charge = stripe.things[bill["charge_id"]]
            if charge["amount_refunded"] == 0:
                stripe.refund(charge["payment_intent"], chance.choice((100, charge["amount"])))
        elif act == 6:
            stripe.end(one["id"])
        elif act == 7 and one["status"] == "past_due":
            stripe.give_up(one["id"])
        elif act == 8 and paid:
            stripe.decide(stripe.dispute(chance.choice(paid)["id"])["id"], "won")
        yield


def renamed(value: Any, names: dict[str, str]) -> Any:
    """The same with other ids of people."""
    if isinstance(value, dict):
        return {key: renamed(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        made = [renamed(each, names) for each in value]
        return sorted(made) if made and all(isinstance(each, tuple) for each in value) else type(value)(made)
    return names.get(value, value) if isinstance(value, str) else value
