"""The room of money: what can be bought, by whom, what was paid, and what the payment service tells."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.billing.buying.checkouts import Checkouts
from services.billing.buying.plans import Plans
from services.billing.buying.portal import Portal
from services.billing.companions import AuditLog, ProvenStudents, TierGrants, TrialBook
from services.billing.customers import Customers
from services.billing.doubles import Doubles
from services.billing.leaving import Leaving
from services.billing.overview import Overview
from services.billing.payments import Payments
from services.billing.prices import Prices
from services.billing.reconciling import Reconciling
from services.billing.refunds import Refunds
from services.billing.speaking.stripe_api import StripeApi
from services.billing.subscriptions import Subscriptions
from services.billing.webhooks.deliveries import Deliveries
from services.billing.webhooks.meaning import Meaning
from services.billing.webhooks.replaying import Replaying
from services.billing.webhooks.working import Working
from services.events import AccountErased, AccountLeaving, Event
from services.ground import Ground


@dataclass
class BillingRoom:
    """What stands in `services/billing`."""

    billing: Overview
    billing_checkouts: Checkouts
    billing_events: Deliveries
    billing_leaving: Leaving
    billing_payments: Payments
    billing_plans: Plans
    billing_portal: Portal
    billing_prices: Prices
    billing_reconciling: Reconciling
    billing_refunds: Refunds
    billing_replaying: Replaying
    billing_subscriptions: Subscriptions
    billing_working: Working


def build_billing(
    ground: Ground,
    undo: AsyncExitStack,
    *,
    grants: TierGrants | None = None,
    students: ProvenStudents | None = None,
    trials: TrialBook | None = None,
    audit: AuditLog | None = None,
    api: StripeApi | None = None,
) -> BillingRoom:
    """The room, ready; who serves starts `billing_working` and `billing_leaving`, `undo` lets go of connections.

    `api` is for tests: who answers in Stripe's place.
    """
    store, clock, rules = ground.store, ground.clock, ground.billing_rules
    api = api or StripeApi(rules)
    if rules.stands:
        # Its library takes half a second to import: now, while nobody waits.
        api.open()
    undo.push_async_callback(api.close)
    customers = Customers(store, clock, api)
    subscriptions = Subscriptions(store, clock, api, customers, rules, grants)
    payments = Payments(store, clock, api, customers, rules)
    prices = Prices(clock, api, rules)
    checkouts = Checkouts(
        clock,
        api,
        rules,
        customers,
        subscriptions,
        prices,
        public_url=ground.public_url,
        students=students,
        trials=trials,
    )
    deliveries = Deliveries(store, clock, rules, audit)
    refunds = Refunds(store, api, payments, subscriptions, audit)
    doubles = Doubles(store, clock, subscriptions, refunds)
    meaning = Meaning(ground.bus, api, rules, customers, subscriptions, payments, doubles, trials)
    working = Working(store, clock, deliveries, meaning)
    undo.push_async_callback(working.stop)
    leaving = Leaving(subscriptions)
    undo.push_async_callback(leaving.stop)
    if rules.stands:
        # Nobody is charged for an account they closed; who takes that back has what was paid for.
        for news in (AccountLeaving, AccountErased):
            undo.callback(ground.bus.hear(news, lambda event: _goes(leaving, event)))
    return BillingRoom(
        billing=Overview(store, api, rules, customers, subscriptions, checkouts),
        billing_checkouts=checkouts,
        billing_events=deliveries,
        billing_leaving=leaving,
        billing_payments=payments,
        billing_plans=Plans(clock, api, subscriptions, checkouts, prices),
        billing_portal=Portal(api, customers, public_url=ground.public_url),
        billing_prices=prices,
        billing_reconciling=Reconciling(store, clock, api, subscriptions, payments, doubles, students),
        billing_refunds=refunds,
        billing_replaying=Replaying(store, clock, api, deliveries, audit),
        billing_subscriptions=subscriptions,
        billing_working=working,
    )


def _goes(leaving: Leaving, event: Event) -> None:
    if isinstance(event, AccountLeaving | AccountErased):
        leaving.note(event.user_id, at_once=isinstance(event, AccountErased))
