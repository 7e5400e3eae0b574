"""A small house that takes money from a stand-in: its parts, and the steps that tests take with them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from services.billing.room import build_billing
from services.billing.rules import BillingRules
from services.billing.webhooks.signature import sign
from services.clock import Clock
from services.ground import Ground
from services.viewer import Viewer
from tests.billing.stand_in import RULES, SECRET, StandIn, StandInApi
from tests.catalogue_rig import Rig


@dataclass
class KeptGrants:
    """The tiers that were given, by the id of what gives them."""

    given: dict[str, tuple[str, str, datetime | None]] = field(default_factory=dict)

    async def put(
        self,
        grant_id: str,
        user_id: str,
        *,
        source: str,
        tier: str,
        starts_at: datetime,
        ends_at: datetime | None = None,
    ) -> None:
        assert source == "stripe"
        self.given[grant_id] = (user_id, tier, ends_at)

    async def withdraw(self, grant_id: str) -> None:
        self.given.pop(grant_id, None)


@dataclass
class Students:
    """Whose ids are in it are students."""

    ids: set[str] = field(default_factory=set)

    async def stands(self, user_id: str) -> bool:
        return user_id in self.ids


@dataclass
class Trials:
    """Who tried before."""

    tried: set[str] = field(default_factory=set)

    async def may_begin(self, user_id: str) -> bool:
        return user_id not in self.tried

    async def note(self, user_id: str, *, source: str, at: datetime) -> None:
        self.tried.add(user_id)


@dataclass
class Audit:
    """The lines that were written."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)

    async def note(self, viewer: Viewer, action: str, kind: str, id: str, **details: Any) -> None:
        self.lines.append((action, kind, id))


@dataclass
class Till:
    """The rig's house with money in it."""

    rig: Rig
    stripe: StandIn
    api: StandInApi
    grants: KeptGrants = field(default_factory=KeptGrants)
    students: Students = field(default_factory=Students)
    trials: Trials = field(default_factory=Trials)
    audit: Audit = field(default_factory=Audit)
    told: int = 0

    @property
    def house(self) -> Any:
        return self.rig.house

    async def buy(self, viewer: Viewer, tier: str = "premium", interval: str = "month") -> str:
        """Buy, pay and have it told; the id of the subscription."""
        page = await self.house.billing_checkouts.create(viewer, tier, interval)
        made: str = self.stripe.pay(page.id)["id"]
        await self.hear()
        return made

    async def hear(self) -> None:
        """Have everything delivered that was not yet, in its order, each worked before the next."""
        for event in self.stripe.events[self.told :]:
            await self.deliver(event)
            await self.house.billing_working.work_due()
        self.told = len(self.stripe.events)

    async def deliver(self, event: dict[str, Any]) -> bool:
        body = orjson.dumps(event)
        is_new: bool = await self.house.billing_events.receive(body, sign(body, SECRET, at_s=self.stripe.now_s))
        return is_new

    async def standing(self) -> dict[str, Any]:
        """All that follows from what was told, without when and how often it was looked at."""
        store = self.rig.store
        own = {"seen_at", "rev"}
        subscriptions = [asdict(one) async for batch in store.billing_subscriptions.scan({}) for one in batch]
        payments = [asdict(one) async for batch in store.payments.scan({}) for one in batch]
        kept = [{name: value for name, value in one.items() if name not in own} for one in subscriptions]
        customers = [asdict(one) async for batch in store.billing_customers.scan({}) for one in batch]
        pairs = sorted((one["id"], one["customer_id"]) for one in customers)
        return {"subscriptions": kept, "payments": payments, "grants": self.grants.given, "customers": pairs}


def furnish_till(rig: Rig, undo: AsyncExitStack, rules: BillingRules = RULES, *, clock: Clock | None = None) -> Till:
    """Put money into the rig's house: the stand-in's, or with an `api_base` that of a server."""
    stripe = StandIn(rig.clock)
    till = Till(rig, stripe, StandInApi(rules, stripe))
    ground = replace(_ground(rig), billing_rules=rules, clock=clock or rig.clock)
    api = None if rules.api_base else till.api
    room = build_billing(
        ground, undo, grants=till.grants, students=till.students, trials=till.trials, audit=till.audit, api=api
    )
    for name, part in vars(room).items():
        setattr(rig.house, name, part)
    return till


async def furnish_bought(rig: Rig, viewer: Viewer, *, is_over: bool = False) -> Till:
    """Put money into the rig's house, and have somebody buy premium, which `is_over` again if so."""
    till = furnish_till(rig, AsyncExitStack())
    if viewer.user_id is not None:
        till.trials.tried.add(viewer.user_id)
        id = await till.buy(viewer)
        if is_over:
            till.stripe.end(id)
            await till.hear()
    return till


def _ground(rig: Rig) -> Ground:
    return Ground(
        rig.store,
        None,  # type: ignore[arg-type]
        rig.clock,
        rig.house.bus,
        rig.house.accounts,
        rig.house.tickets,
        public_url="https://music.example.org",
        folder=None,  # type: ignore[arg-type]
        live=None,  # type: ignore[arg-type]
        house_time=None,  # type: ignore[arg-type]
    )
