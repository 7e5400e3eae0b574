"""1,000 webhook deliveries shuffled, doubled and dropped, over real wires, against the same ones in their order.

`python -m bench.billing_storm [--deliveries 1000] [--seed 1]`: two houses and a stand-in for Stripe each, all on
127.0.0.1. One is told everything at once and in order; the other in any order, a third of it twice and a quarter never,
by eight at a time, and then asks for what it was not told. Both must end the same. Exits with 1 when they do not.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from random import Random

import orjson
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.stripe_webhook import StripeWebhookHandler
from services.billing.webhooks.signature import sign
from tests.billing.lives import PEOPLE, live, renamed
from tests.billing.stand_in import RULES, SECRET
from tests.billing.till import Till, furnish_till
from tests.billing.wire import wired
from tests.catalogue_rig import Rig, small_house

AT_ONCE = 8


async def storm(deliveries: int, seed: int) -> bool:
    """Whether both houses ended the same; what was done is printed."""
    async with AsyncExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
        ordered, ordered_door = await _house(folder / "ordered", undo)
        shuffled, shuffled_door = await _house(folder / "shuffled", undo)
        client = AsyncHTTPClient(force_instance=True, max_clients=AT_ONCE)
        undo.callback(client.close)
        steps = deliveries
        begun = time.perf_counter()
        async for _ in live(ordered, Random(seed), steps, longest_s=3_600):
            for event in ordered.stripe.events[ordered.told :]:
                await _post(client, ordered_door, ordered, event)
                await ordered.house.billing_working.work_due()
            ordered.told = len(ordered.stripe.events)
            if ordered.told >= deliveries:
                break
        print(f"in order: {ordered.told} deliveries in {time.perf_counter() - begun:.1f} s")
        async for _ in live(shuffled, Random(seed), steps, longest_s=3_600):
            if len(shuffled.stripe.events) >= deliveries:
                break
        chance, begun = Random(seed + 1), time.perf_counter()
        events = [event for event in shuffled.stripe.events if chance.random() > 0.25]
        events += chance.sample(events, len(events) // 3)
        chance.shuffle(events)
        shuffled.house.billing_working.start()
        turns = asyncio.Semaphore(AT_ONCE)

        async def deliver(event: dict[str, object]) -> None:
            async with turns:
                await _post(client, shuffled_door, shuffled, event)

        await asyncio.gather(*(deliver(event) for event in events))
        await shuffled.house.billing_working.stop()
        shuffled.rig.clock.turn(600)
        while await shuffled.house.billing_working.work_due():
            pass
        found = await shuffled.house.billing_replaying.catch_up()
        while await shuffled.house.billing_working.work_due():
            pass
        late = await shuffled.house.billing_reconciling.walk()
        took_s = time.perf_counter() - begun
        print(f"in any order: {len(events)} deliveries in {took_s:.1f} s, {found} events asked for")
        told, seen = await ordered.standing(), await shuffled.standing()
        names = {}
        for name in PEOPLE:
            theirs = [await till.rig.store.users.first({"username_key": name}) for till in (ordered, shuffled)]
            if theirs[0] is not None and theirs[1] is not None:
                names[theirs[0].id] = theirs[1].id
        same = renamed(told, names) == seen
        sizes = {name: len(rows) for name, rows in seen.items()}
        print(f"both the same: {same}; out of step at night: {late}; {sizes}")
        return same and late == 0


async def _house(folder: Path, undo: AsyncExitStack) -> tuple[Till, str]:
    folder.mkdir()  # noqa: ASYNC240 - nobody else runs here
    rig: Rig = await undo.enter_async_context(small_house(folder))
    till = furnish_till(rig, undo)
    base = await undo.enter_async_context(wired(till.stripe))
    stripe = till.stripe
    till = furnish_till(rig, undo, replace(RULES, api_base=base))
    till.stripe = stripe
    socket, port = bind_unused_port()
    door = [(r"/webhooks/stripe", StripeWebhookHandler, {"house": rig.house, "manners": Manners()})]
    server = HTTPServer(Application(door, log_function=lambda handler: None))
    server.add_sockets([socket])
    undo.push_async_callback(server.close_all_connections)
    undo.callback(server.stop)
    return till, f"http://127.0.0.1:{port}/webhooks/stripe"


async def _post(client: AsyncHTTPClient, door: str, till: Till, event: dict[str, object]) -> None:
    body = orjson.dumps(event)
    headers = {"Stripe-Signature": sign(body, SECRET, at_s=till.stripe.now_s)}
    answer = await client.fetch(door, method="POST", headers=headers, body=body)
    assert answer.code == 200


def main() -> int:
    """Run it with the words of the command line."""
    words = argparse.ArgumentParser(description="Deliveries in any order end as the ordered ones.")
    words.add_argument("--deliveries", type=int, default=1_000)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    return 0 if asyncio.run(storm(asked.deliveries, asked.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
