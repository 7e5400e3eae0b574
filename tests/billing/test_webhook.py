"""The door of deliveries: what is proven is stored and answered 200, everything else is refused and leaves nothing."""

import asyncio

import orjson
import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.billing_pages import BillingPageHandler
from handlers.stripe_webhook import StripeWebhookHandler
from services.billing.webhooks.signature import sign
from services.errors import Unavailable
from services.viewer import Role
from tests.billing.stand_in import OLD_SECRET, SECRET
from tests.catalogue_rig import Client


@pytest.fixture
async def door(till):
    shared = {"house": till.house, "manners": Manners()}
    rules = [
        (r"/webhooks/stripe", StripeWebhookHandler, shared),
        (r"/billing/(success|cancelled)", BillingPageHandler, shared),
    ]
    socket, port = bind_unused_port()
    server = HTTPServer(Application(rules, log_function=lambda handler: None))
    server.add_sockets([socket])
    client = AsyncHTTPClient(force_instance=True)
    yield Client(f"http://127.0.0.1:{port}", client)
    server.stop()
    await server.close_all_connections()
    client.close()


async def _send(door, body, header):
    sent = {"Content-Type": "application/json"} | ({} if header is None else {"Stripe-Signature": header})
    answer = await door.fetch("/webhooks/stripe", method="POST", headers=sent, body=body)
    return answer.code, orjson.loads(answer.body)


def _event(till, **more):
    thing = {"id": "sub_none", "object": "subscription", "customer": "cus_none"}
    event = {
        "id": "evt_1", "object": "event", "type": "customer.subscription.updated", "created": till.stripe.now_s,
        "livemode": False, "data": {"object": thing},
    }  # fmt: skip
    return orjson.dumps(event | more)


async def test_a_delivery_is_stored_once_however_often_it_comes(till, door):
    body = _event(till)
    good = sign(body, SECRET, at_s=till.stripe.now_s)
    assert await _send(door, body, good) == (200, {"received": True, "new": True})
    assert await _send(door, body, sign(body, OLD_SECRET, at_s=till.stripe.now_s - 299)) == (
        200,
        {"received": True, "new": False},
    )
    kept = await till.rig.store.stripe_events.find({})
    assert [(row.id, row.state, row.object_id) for row in kept] == [("evt_1", "waiting", "sub_none")]


async def test_what_is_not_proven_is_refused_and_not_stored(till, door):
    body = _event(till)
    good = sign(body, SECRET, at_s=till.stripe.now_s)
    for sent, header in (
        (body, None),
        (body, ""),
        (body + b" ", good),
        (body, sign(body, "whsec_of_somebody", at_s=till.stripe.now_s)),
        (body, sign(body, SECRET, at_s=till.stripe.now_s - 301)),
        (body, sign(body, SECRET, at_s=till.stripe.now_s + 301)),
    ):
        code, answer = await _send(door, sent, header)
        assert (code, answer["error"]["code"]) == (400, "SIGNATURE_WRONG")
    for wrong in (b"", b"[]", b"{", b'{"object": "event"}', _event(till, id="../x"), _event(till, created="now"),
                  _event(till, data={"object": 1}), _event(till, type="Über")):  # fmt: skip
        code, answer = await _send(door, wrong, sign(wrong, SECRET, at_s=till.stripe.now_s))
        assert (code, answer["error"]["code"]) == (400, "INVALID"), wrong
    large = b" " * (512 * 1024 + 1)
    assert (await _send(door, large, sign(large, SECRET, at_s=till.stripe.now_s)))[0] == 413
    assert await till.rig.store.stripe_events.count({}) == 0


async def test_a_proven_delivery_whose_parts_are_of_another_kind_is_taken(till, door):
    for number, parent in enumerate(([], 7, "x", [{}], {"subscription_details": []}, {"subscription_details": "x"})):
        thing = {"id": f"in_{number}", "object": "invoice", "customer": "cus_none", "parent": parent, "metadata": [1]}
        body = _event(till, id=f"evt_{number}", type="invoice.paid", data={"object": thing})
        answer = await _send(door, body, sign(body, SECRET, at_s=till.stripe.now_s))
        assert answer == (200, {"received": True, "new": True}), parent
    kept = await till.rig.store.stripe_events.find({})
    assert {(row.object_kind, row.subscription_id) for row in kept} == {("invoice", None)}


async def test_kinds_that_nobody_knows_and_events_of_others_are_taken_and_put_aside(till, door):
    for id, more in (
        ("evt_2", {"type": "never.heard_of", "data": {"object": {}}}),
        ("evt_3", {"livemode": True}),
        ("evt_4", {"account": "acct_1"}),
    ):
        body = _event(till, id=id, **more)
        assert (await _send(door, body, sign(body, SECRET, at_s=till.stripe.now_s)))[0] == 200
    kept = {row.id: (row.state, row.reason) for row in await till.rig.store.stripe_events.find({})}
    assert kept == {
        "evt_2": ("ignored", None),
        "evt_3": ("ignored", "It is of live mode."),
        "evt_4": ("ignored", "It is about another account."),
    }
    assert await till.house.billing_working.work_due() == 0


async def test_a_delivery_that_cannot_be_worked_waits_longer_each_time_and_is_seen_by_admins(till):
    ann, boss = await till.rig.sign_up("ann"), await till.rig.sign_up("boss", Role.ADMIN)
    till.trials.tried.add(ann.user_id)
    id = till.stripe.pay((await till.house.billing_checkouts.create(ann, "premium", "month")).id)["id"]
    created = next(event for event in till.stripe.events if event["type"] == "customer.subscription.created")
    await till.deliver(created)
    till.api.trouble = Unavailable("away", code="BILLING_AWAY")
    for wait_s in (15, 30, 60):
        assert await till.house.billing_working.work_due() == 0
        till.rig.clock.turn(wait_s - 1)
        await till.house.billing_working.work_due()
        till.rig.clock.turn(1)
    shown = "{ billingEvents(state: WAITING) { totalCount edges { node { id attempts reason } } } }"
    answer = await till.rig.data(shown, boss)
    assert answer["billingEvents"] == {
        "totalCount": 1,
        "edges": [{"node": {"id": created["id"], "attempts": 3, "reason": "BILLING_AWAY"}}],
    }
    assert till.grants.given == {}
    till.api.trouble = None
    assert await till.house.billing_working.work_due() == 1
    assert list(till.grants.given) == [f"stripe:{id}"]
    answer = await till.rig.data("{ billingHealth { mode events { state number } } }", boss)
    assert answer["billingHealth"]["mode"] == "test"
    assert {"state": "done", "number": 1} in answer["billingHealth"]["events"]
    await till.rig.data(f'mutation {{ retryBillingEvent(id: "{created["id"]}") {{ event {{ state }} }} }}', boss)
    assert till.audit.lines == [("billing_event.retry", "billing_event", created["id"])]
    assert await till.house.billing_working.work_due() == 1


async def test_what_comes_is_worked_without_waiting_for_the_job(till):
    ann = await till.rig.sign_up("ann")
    till.trials.tried.add(ann.user_id)
    till.stripe.pay((await till.house.billing_checkouts.create(ann, "premium", "month")).id)
    till.house.billing_working.start()
    for event in till.stripe.events:
        await till.deliver(event)
    while await till.rig.store.stripe_events.count({"state": "waiting"}):  # noqa: ASYNC110 - the task itself is the proof
        await asyncio.sleep(0)
    await till.house.billing_working.stop()
    assert len(till.grants.given) == 1


async def test_the_pages_people_come_back_to_believe_nothing_of_their_address(door):
    for path, words in (("success", "Thank you"), ("cancelled", "Nothing was bought")):
        page = await door.fetch(f"/billing/{path}?session_id=%3Cscript%3E")
        assert page.code == 200
        assert words in page.body.decode()
        assert "<script" not in page.body.decode()
        assert page.headers["Cache-Control"] == "no-store"
        assert "script-src" not in page.headers["Content-Security-Policy"]
