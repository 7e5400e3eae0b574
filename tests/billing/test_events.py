"""Events as Stripe sends them, with their signatures: each is proven, and known by what it is about."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from services.billing.entitling import SLACK, Due, due
from services.billing.speaking.reading import read_dispute, read_invoice, read_refund, read_subscription, user_in
from services.billing.webhooks.kinds import KINDS, About, Subject, subject_of
from services.billing.webhooks.signature import verify
from services.errors import Invalid
from storage.records.billing import BillingSubscription
from tests.billing.stand_in import RULES

FOLDER = Path(__file__).parent / "events"
SIGNATURES = dict(line.split(" ", 1) for line in (FOLDER / "signatures.txt").read_text().splitlines())
BEGAN = datetime.fromtimestamp(1_790_000_000, UTC)
SUBSCRIPTION, CUSTOMER = "sub_T1aRx", "cus_T1aQ9"
ABOUT = {
    "checkout.session.completed": Subject(About.CHECKOUT, "cs_test_T1", CUSTOMER, SUBSCRIPTION),
    "customer.subscription.created": Subject(About.SUBSCRIPTION, SUBSCRIPTION, CUSTOMER, SUBSCRIPTION),
    "customer.subscription.updated": Subject(About.SUBSCRIPTION, SUBSCRIPTION, CUSTOMER, SUBSCRIPTION),
    "customer.subscription.deleted": Subject(About.SUBSCRIPTION, SUBSCRIPTION, CUSTOMER, SUBSCRIPTION),
    "customer.subscription.trial_will_end": Subject(About.SUBSCRIPTION, SUBSCRIPTION, CUSTOMER, SUBSCRIPTION),
    "subscription_schedule.updated": Subject(About.SCHEDULE, "sub_sched_T1", CUSTOMER, SUBSCRIPTION),
    "invoice.finalized": Subject(About.INVOICE, "in_T1b", CUSTOMER, SUBSCRIPTION),
    "invoice.paid": Subject(About.INVOICE, "in_T1b", CUSTOMER, SUBSCRIPTION),
    "invoice.payment_failed": Subject(About.INVOICE, "in_T1b", CUSTOMER, SUBSCRIPTION),
    "invoice.payment_action_required": Subject(About.INVOICE, "in_T1b", CUSTOMER, SUBSCRIPTION),
    "invoice.upcoming": Subject(About.INVOICE, None, CUSTOMER, SUBSCRIPTION),
    "invoice.voided": Subject(About.INVOICE, "in_T1b", CUSTOMER, SUBSCRIPTION),
    "charge.refunded": Subject(About.CHARGE, "ch_T1c", CUSTOMER, None),
    "refund.updated": Subject(About.CHARGE, "ch_T1c", None, None),
    "charge.dispute.created": Subject(About.DISPUTE, "dp_T1f", None, None),
    "charge.dispute.closed": Subject(About.DISPUTE, "dp_T1f", None, None),
    "payment_intent.requires_action": Subject(About.INTENT, "pi_T1d", CUSTOMER, None),
    "customer.deleted": Subject(About.CUSTOMER, CUSTOMER, CUSTOMER, None),
    "customer.updated": None,
}


def _thing(kind):
    return orjson.loads((FOLDER / f"{kind}.json").read_bytes())["data"]["object"]


def test_each_recorded_event_is_proven_by_its_own_signature_alone():
    assert set(SIGNATURES) == set(ABOUT)
    for kind, header in SIGNATURES.items():
        body, now_s = (FOLDER / f"{kind}.json").read_bytes(), int(header[2:12])
        verify(body, header, ["whsec_other", "whsec_recorded"], now_s=now_s, tolerance_s=300)
        other = next(each for name, each in SIGNATURES.items() if name != kind)
        with pytest.raises(Invalid):
            verify(body, other, ["whsec_recorded"], now_s=now_s, tolerance_s=300)


@pytest.mark.parametrize("kind", ABOUT)
def test_an_event_is_known_by_what_it_is_about(kind):
    assert subject_of(kind, _thing(kind)) == ABOUT[kind]


def test_what_is_about_nothing_and_unknown_kinds_are_put_aside():
    assert subject_of("invoice.paid", {}) is None
    assert subject_of("invoice.paid", {"id": 7, "customer": ["x"]}) is None
    assert subject_of("payout.paid", {"id": "po_1"}) is None
    assert {About(kind) for kind in KINDS.values()} == set(About)


def test_the_readers_say_what_the_objects_say():
    one = read_subscription(_thing("customer.subscription.created"), "u", RULES, None, BEGAN)
    assert one == BillingSubscription(
        SUBSCRIPTION, "u", CUSTOMER, "active", "premium", "month", "price_premium_m", "si_T1", 1, BEGAN, BEGAN,
        period_start=BEGAN, period_end=BEGAN + timedelta(days=30),
    )  # fmt: skip
    schedule = _thing("subscription_schedule.updated")
    family = {**_thing("customer.subscription.created"), "schedule": schedule["id"]}
    family["items"]["data"][0]["price"]["id"] = "price_family_m"
    after = read_subscription(family, "u", RULES, schedule, BEGAN)
    assert (after.tier, after.next_tier, after.next_interval) == ("family", "premium", "month")
    ending = read_subscription(_thing("customer.subscription.updated"), "u", RULES, None, BEGAN)
    assert (ending.ends_at, ending.renews_at) == (BEGAN + timedelta(days=30), None)
    bill = read_invoice(_thing("invoice.paid"), "u", "premium")
    assert (bill.amount_minor, bill.tax_minor, bill.status, bill.number) == (999, 160, "paid", "A1B2-0001")
    assert (bill.at, bill.subscription_id) == (BEGAN + timedelta(seconds=2), SUBSCRIPTION)
    assert read_invoice({**_thing("invoice.paid"), "status": "draft"}, "u", "") is None
    assert read_invoice({**_thing("invoice.paid"), "total": 0}, "u", "") is None
    back = read_refund(_thing("refund.updated"), bill)
    assert (back.kind, back.amount_minor, back.status, back.reference) == ("refund", 999, "paid", "in_T1b")
    statuses = {"warning_needs_response": "pending", "needs_response": "open", "lost": "lost", "warning_closed": "void"}
    for theirs, ours in statuses.items():
        assert read_dispute({**_thing("charge.dispute.created"), "status": theirs}, bill).status == ours
    assert user_in(_thing("checkout.session.completed")) == "01KT1GW6G0"


def _one(status, **more):
    made = BillingSubscription(
        "s", "u", "c", status, "premium", "month", "p", "i", 1, BEGAN, BEGAN,
        period_start=BEGAN, period_end=BEGAN + timedelta(days=30),
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("one", "ends_after"),
    [
        (_one("active"), timedelta(days=30) + SLACK),
        (_one("trialing"), timedelta(days=30) + SLACK),
        (_one("active", ends_at=BEGAN + timedelta(days=30)), timedelta(days=30)),
        (_one("active", ends_at=BEGAN + timedelta(days=90)), timedelta(days=30) + SLACK),
        (_one("past_due", unpaid_since=BEGAN + timedelta(days=30)), timedelta(days=37)),
        (_one("past_due"), None),
        (_one("active", is_revoked=True), None),
        (_one("active", tier=""), None),
        (_one("unpaid"), None),
        (_one("paused"), None),
        (_one("incomplete"), None),
        (_one("incomplete_expired"), None),
        (_one("canceled"), None),
        (_one("a_word_of_tomorrow"), None),
    ],
)
def test_what_a_subscription_entitles_to_follows_from_its_record_alone(one, ends_after):
    expected = None if ends_after is None else Due("premium", BEGAN, BEGAN + ends_after)
    assert due(one, grace_days=7) == expected
