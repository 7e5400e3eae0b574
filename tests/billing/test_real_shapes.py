"""What the house asks of Stripe, held against servers that others wrote: one remembers, one knows every shape."""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace

import orjson
import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.stripe_webhook import StripeWebhookHandler
from services.billing.speaking.reading import read_invoice, read_subscription
from services.billing.speaking.stripe_api import StripeApi
from services.clock import Clock
from services.errors import Invalid, Unavailable
from services.viewer import Role
from storage.records.billing import BillingCustomer, BillingSubscription
from storage.records.payment import Payment
from tests.billing.stand_in import RULES, SECRET
from tests.billing.till import furnish_till
from tests.services.exercised import exercised
from tests.services.localstripe import running_localstripe, running_stripe_mock

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def remembering(tmp_path_factory):
    with running_localstripe(tmp_path_factory.mktemp("localstripe")) as server:
        yield server


@pytest.fixture(scope="module")
def checking(tmp_path_factory):
    with running_stripe_mock(tmp_path_factory.mktemp("stripe-mock")) as server:
        yield server


async def _post(server, path, body):
    client = AsyncHTTPClient(force_instance=True)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk_test_12345"}
    answer = await client.fetch(server.url + path, method="POST", headers=headers, body=orjson.dumps(body))
    client.close()
    return orjson.loads(answer.body or b"{}")


async def test_a_subscription_lives_from_customer_to_cancellation_against_localstripe(remembering, rig):
    exercised("localstripe")
    async with AsyncExitStack() as undo:
        rules = replace(RULES, api_base=remembering.url, prices={("premium", "month"): "premium-month"})
        till = furnish_till(rig, undo, rules, clock=Clock())
        door = [(r"/webhooks/stripe", StripeWebhookHandler, {"house": rig.house, "manners": Manners()})]
        socket, port = bind_unused_port()
        server = HTTPServer(Application(door, log_function=lambda handler: None))
        server.add_sockets([socket])
        undo.push_async_callback(server.close_all_connections)
        undo.callback(server.stop)
        hook = {"url": f"http://127.0.0.1:{port}/webhooks/stripe", "secret": SECRET}
        await _post(remembering, "/_config/webhooks/tutti", hook)
        rig.house.billing_working.start()

        ann = await rig.sign_up("ann")
        customers = rig.house.billing_subscriptions._customers
        customer = (await customers.of_or_new(ann.user_id)).customer_id
        assert (await customers.of_or_new(ann.user_id)).customer_id == customer
        card = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}}
        method = (await _post(remembering, "/v1/payment_methods", card))["id"]
        await _post(remembering, f"/v1/payment_methods/{method}/attach", {"customer": customer})
        paying = {"invoice_settings": {"default_payment_method": method}}
        await _post(remembering, f"/v1/customers/{customer}", paying)
        product = (await _post(remembering, "/v1/products", {"name": "Premium", "type": "service"}))["id"]
        plan = {"id": "premium-month", "amount": 999, "currency": "eur", "interval": "month", "product": product}
        await _post(remembering, "/v1/plans", plan)
        asked = {"customer": customer, "items": [{"plan": "premium-month"}]}
        id = (await _post(remembering, "/v1/subscriptions", asked))["id"]

        async def told(state):
            async with asyncio.timeout(30):
                while not await state():  # noqa: ASYNC110 - another process is waited for
                    await asyncio.sleep(0.05)

        async def granted():
            return till.grants.given.get(f"stripe:{id}", ("", ""))[1] == "premium"

        await told(granted)

        async def paid():
            return [one.status for one in await rig.store.payments.find({"user_id": ann.user_id})] == ["paid"]

        await told(paid)
        payment = (await rig.store.payments.find({"user_id": ann.user_id}))[0]
        assert (payment.amount_minor, payment.currency, payment.tier) == (999, "eur", "premium")
        kept = await rig.house.billing_subscriptions.look(id)
        assert (kept.status, kept.user_id, kept.interval) == ("active", ann.user_id, "month")
        assert (kept.period_end - kept.period_start).days in range(28, 32)

        ending = await rig.house.billing_plans.cancel(ann)
        assert ending.ends_at == kept.period_end
        assert till.grants.given[f"stripe:{id}"][2] == kept.period_end
        assert (await rig.house.billing_plans.resume(ann)).ends_at is None
        # It takes no reason with a refund, which ours always have: this one is made in the service's own pages.
        refund = await _post(remembering, "/v1/refunds", {"payment_intent": payment.reference})
        refunded = await rig.house.billing_payments.look_charge(refund["charge"])
        assert refunded.refunded_minor == 999
        assert await rig.house.billing_subscriptions.cancel_all(ann.user_id) == 1
        assert till.grants.given == {}
        assert (await rig.house.billing_subscriptions.look(id)).status == "canceled"
        await rig.house.billing_working.stop()


async def test_every_request_has_a_shape_that_stripe_takes(checking, rig, log_watch):
    exercised("stripe-mock")
    async with AsyncExitStack() as undo:
        rules = replace(RULES, api_base=checking.url, automatic_tax=True)
        till = furnish_till(rig, undo, rules, clock=(clock := Clock()))
        house, now = rig.house, clock.now()
        ann, boss = await rig.sign_up("ann"), await rig.sign_up("boss", Role.ADMIN)
        till.students.ids.add(ann.user_id)
        assert len(await house.billing_prices.all()) == 5
        for coupon in (None, "SPRING"):
            page = await house.billing_checkouts.create(ann, "student", "month", coupon=coupon)
            assert page.url
        assert (await house.billing_portal.open(ann)).startswith("https://")

        await rig.store.billing_subscriptions.insert(
            BillingSubscription(
                "sub_1", ann.user_id, "cus_1", "active", "premium", "month", "price_premium_m", "si_1", 1, now, now,
                period_end=now, schedule_id="sub_sched_1", ends_at=now,
            )
        )  # fmt: skip
        for _ in range(8):
            log_watch.expect("a price that is not in the settings")
        subscriptions, plans = house.billing_subscriptions, house.billing_plans
        assert (await plans.preview(ann, "family", "month")).is_immediate
        for change in (
            lambda: plans.change(ann, "family", "year"),
            lambda: plans.change(ann, "student", "month"),
            lambda: plans.cancel(ann),
            lambda: plans.resume(ann),
        ):
            await change()
            again = {"status": "active", "schedule_id": "sub_sched_1", "tier": "premium", "price_id": "price_premium_m"}
            await rig.store.billing_subscriptions.update({"_id": "sub_1"}, {"$set": again})
        assert (await subscriptions.look("sub_1")).id == "sub_1"
        await rig.store.billing_customers.update({"_id": ann.user_id}, {"$set": {"customer_id": "cus_QXg1o8vcGmoR32"}})
        await house.billing_payments.look_invoice("in_1")
        await rig.store.payments.insert(
            Payment("in_9", ann.user_id, "payment", 500, "eur", "premium", now, "paid", "pi_9")
        )
        await house.billing_refunds.give(boss, "in_9", amount_minor=100, reason="duplicate")
        await house.billing_payments.look_charge("ch_1")
        await house.billing_payments.look_dispute("dp_1")
        await house.billing_payments.invoice_of_intent("pi_unknown")
        await house.billing_replaying.since(boss, now)
        await house.billing_reconciling.walk()
        await subscriptions.end(await subscriptions.look("sub_1"))


async def test_the_readers_take_what_stripe_describes(checking):
    exercised("stripe-mock")
    api, now = StripeApi(replace(RULES, api_base=checking.url)), Clock().now()
    thing = await api.get("/v1/subscriptions/sub_1", {"expand": ["latest_invoice"]})
    read = read_subscription(thing, "u", RULES, None, now)
    assert (read.id, read.status, read.customer_id) == ("sub_1", thing["status"], thing["customer"])
    assert read.period_end.timestamp() == thing["items"]["data"][0]["current_period_end"]
    assert (read.price_id, read.interval, read.tier) == (thing["items"]["data"][0]["price"]["id"], "month", "")
    invoice = await api.get("/v1/invoices/in_1")
    payment = read_invoice({**invoice, "status": "paid"}, "u", "premium")
    assert (payment.amount_minor, payment.currency, payment.subscription_id) == (1000, "usd", "subscription")
    assert BillingCustomer("u", "c", now).checkout_id is None
    await api.close()


async def test_a_wrong_key_a_bad_request_and_silence_are_told_apart(checking, log_watch, caplog):
    caplog.set_level(logging.DEBUG)
    api = StripeApi(replace(RULES, api_base=checking.url, secret_key="sk_no_key"))
    log_watch.expect("does not take our key")
    with pytest.raises(Unavailable) as refusal:
        await api.get("/v1/subscriptions/sub_1")
    assert refusal.value.reason == "BILLING_MISCONFIGURED"
    await api.close()
    api = StripeApi(replace(RULES, api_base=checking.url))
    log_watch.expect("refused a request")
    with pytest.raises(Invalid) as bad:
        await api.post("/v1/checkout/sessions", {"no_such": 1})
    assert bad.value.reason == "BILLING_REFUSED"
    await api.close()
    api = StripeApi(replace(RULES, api_base="http://127.0.0.1:1", timeout_s=0.5))
    log_watch.expect("service is away")
    with pytest.raises(Unavailable) as away:
        await api.get("/v1/subscriptions/sub_1")
    assert away.value.reason == "BILLING_AWAY"
    await api.close()
    told = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "sk_no_key" not in told
    assert RULES.secret_key not in told


async def test_the_line_leads_nowhere_inside(checking):
    import stripe

    from services.billing.speaking.line import Line

    line = Line(timeout_s=5)
    for inside in (checking.url, checking.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(stripe.APIConnectionError):
            await line.request_async("get", f"{inside}/v1/prices/p", {})
    await line.close_async()
