"""`python run.py billing replay` and `billing reconcile`: what webhooks lost, brought in by hand."""

from __future__ import annotations

import argparse

from server.composition import Household, open_household
from server.observe import set_up_logging
from server.settings import Settings
from server.terminal import fail, say
from services.errors import TuttiError
from services.viewer import SYSTEM
from storage.engine import EngineAway


async def billing(settings: Settings, asked: argparse.Namespace) -> int:
    """Do what the second word says, and work what it found. 1 when it could not be done, or some of it could not."""
    set_up_logging(settings.server.log_format, "error")
    try:
        async with open_household(settings) as household:
            if asked.work == "replay":
                return await _replay(household, asked)
            return await _reconcile(household)
    except (TuttiError, EngineAway) as fault:
        return fail(f"Billing was not brought in step: {fault}")


async def _replay(household: Household, asked: argparse.Namespace) -> int:
    house = household.house
    done = await house.billing_replaying.since(SYSTEM, asked.since)
    say(f"Stripe told {done.looked_at} events since {asked.since:%Y-%m-%d}, {done.found} of them were new.")
    return await _work(household)


async def _reconcile(household: Household) -> int:
    house = household.house
    if not house.billing_reconciling.stands:
        return fail("No payment service is set up: billing.secret_key is empty.")
    found = await house.billing_reconciling.walk()
    say(f"{found} bills and subscriptions were out of step.")
    return await _work(household)


async def _work(household: Household) -> int:
    while await household.house.billing_working.work_due():
        pass
    waiting = await household.store.stripe_events.count({"state": "waiting"})
    if waiting:
        return fail(f"{waiting} events wait for another try: see billingEvents.")
    return 0
