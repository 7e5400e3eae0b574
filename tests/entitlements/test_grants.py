"""Grants and what stands on the user: for every sequence the same as the pure fold, also after a crash."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.clock import SetClock
from services.entitlements.folding import TIERS, tier_of
from services.entitlements.grants import Grants
from services.errors import Conflict, Invalid, NotFound
from services.events import Bus, Event, SubscriptionChanged, SubscriptionStep, UserChanged
from storage.collections.store import Store
from storage.migrations import m0004_grants_of_the_house
from storage.records import User
from tests.catalogue_rig import START, Rig, days, rig
from tests.template_store import open_empty_store

__all__ = ["rig"]

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"), st.integers(0, 3), st.sampled_from(TIERS[1:]), st.integers(-5, 20),
            st.none() | st.integers(0, 20),
        ),
        st.tuples(st.just("withdraw"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.integers(1, 15)),
    ),
    min_size=1, max_size=10,
)  # fmt: skip


def _user(id: str = "u") -> User:
    return User(id, f"{id}@x.example", f"{id}@x.example", id, id, "", START, START)


async def _walk(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = await open_empty_store(Path(folder) / "t.db")
        store, clock = Store(engine), SetClock(START)
        grants = Grants(store, clock, Bus())
        await store.users.insert(_user())
        # The rule, said another way: what each grant is, and the strongest of those that hold at this moment.
        known: dict[str, tuple[str, Any, Any]] = {}
        for step in steps:
            if step[0] == "put":
                _, number, tier, begins, lasts = step
                starts = clock.now() + days(begins)
                ends = None if lasts is None else starts + days(lasts)
                await grants.put(f"g{number}", "u", source="stripe", tier=tier, starts_at=starts, ends_at=ends)
                known[f"g{number}"] = (tier, starts, ends)
            elif step[0] == "withdraw":
                await grants.withdraw(f"g{step[1]}")
                if f"g{step[1]}" in known:
                    tier, starts, ends = known[f"g{step[1]}"]
                    now = clock.now()
                    known[f"g{step[1]}"] = (tier, starts, now if ends is None else min(ends, now))
            else:
                clock.turn(step[1] * 86_400 / 2)
            for jobs in (False, True):
                if jobs:
                    await grants.move_on()
                now, user = clock.now(), await store.users.get("u")
                held = [t for t, start, end in known.values() if start <= now and (end is None or now < end)]
                true = max(held, key=TIERS.index, default="free")
                assert user is not None and tier_of(user, now) == true
            assert user.subscription_type == true
            assert await grants.prove() == 0
        await engine.stop()


@settings(max_examples=12, deadline=None)
@given(STEPS)
def test_any_sequence_of_grants_stands_on_the_user_as_the_rule_says(steps: list[Any]) -> None:
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(_walk(steps))
    finally:
        loop.close()


async def test_what_a_crash_left_is_found(rig: Rig) -> None:
    grants, events = rig.house.accounts.grants, list[Event]()
    rig.house.bus.hear(SubscriptionChanged, events.append)
    await rig.store.users.insert(_user())
    heard: list[str] = []

    async def crash(user_id: str) -> None:
        heard.append(user_id)
        raise RuntimeError("killed")

    grants.hear(crash)
    with pytest.raises(RuntimeError):
        await grants.put("g", "u", source="stripe", tier="premium", starts_at=START)
    grants._hearers.clear()
    assert await grants.move_on() == 0
    rig.clock.turn(61)
    assert await grants.move_on() == 1
    assert await grants.move_on() == 0
    # A grant that was written and nothing else.
    await rig.store.grants.update({"_id": "g"}, {"$set": {"tier": "family", "is_settled": False}, "$inc": {"rev": 1}})
    assert await grants.prove() == 1
    user = await rig.store.users.get("u")
    assert user is not None and user.subscription_type == "family"
    assert [event.tier for event in events if isinstance(event, SubscriptionChanged)] == ["premium", "family"]


async def test_steps_are_told_once_and_renewals_are_no_news(rig: Rig) -> None:
    grants, told = rig.house.accounts.grants, list[Event]()
    rig.house.bus.hear(SubscriptionChanged, told.append)
    await rig.store.users.insert(_user())
    now = rig.clock.now()
    month = now + days(30)
    await grants.put("g", "u", source="stripe", tier="premium", starts_at=now, ends_at=month)
    changes: list[Event] = []
    rig.house.bus.hear(UserChanged, changes.append)
    await grants.put("g", "u", source="stripe", tier="premium", starts_at=now, ends_at=month)
    assert changes == []
    await grants.put("g", "u", source="stripe", tier="premium", starts_at=now, ends_at=month + days(30))
    assert changes == [UserChanged("u")]
    await grants.put("h", "u", source="student", tier="student", starts_at=now, ends_at=month + days(60))
    rig.clock.turn(61 * 86_400)
    assert await grants.move_on() == 1
    rig.clock.turn(30 * 86_400)
    assert await grants.move_on() == 1
    assert await grants.move_on() == 0
    steps = [(event.step, event.tier, event.at) for event in told if isinstance(event, SubscriptionChanged)]
    assert steps == [
        (SubscriptionStep.BEGAN, "premium", now),
        (SubscriptionStep.BEGAN, "student", now + days(60)),
        (SubscriptionStep.ENDED, "student", now + days(90)),
    ]


async def test_two_processes_that_project_at_once_end_with_what_was_written_last(rig: Rig) -> None:
    here, there = rig.house.accounts.grants, Grants(rig.store, rig.clock, Bus())
    await rig.store.users.insert(_user())
    now = rig.clock.now()
    for turn in range(4):
        tier = ("premium", "student")[turn % 2]
        await asyncio.gather(
            here.put("a", "u", source="stripe", tier=tier, starts_at=now),
            there.put("b", "u", source="house", tier="family", starts_at=now),
            there.withdraw("b"),
        )
        assert await here.prove() == 0


async def test_a_grant_is_checked_before_anything_is_written(rig: Rig) -> None:
    grants, now = rig.house.accounts.grants, rig.clock.now()
    await rig.store.users.insert(_user())
    await rig.store.users.insert(_user("v"))
    for bad in (
        {"source": "bank"}, {"tier": "gold"}, {"tier": "free"}, {"ends_at": now - timedelta(days=1)},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await grants.put("g", "u", **({"source": "stripe", "tier": "premium", "starts_at": now} | bad))
    with pytest.raises(NotFound):
        await grants.put("g", "nobody", source="stripe", tier="premium", starts_at=now)
    await grants.put("g", "u", source="stripe", tier="premium", starts_at=now)
    with pytest.raises(Conflict):
        await grants.put("g", "v", source="stripe", tier="premium", starts_at=now)
    assert await grants.withdraw("unheard of") is None
    assert [grant.id for grant in await grants.of_user("v")] == []


async def test_what_accounts_had_before_there_were_grants_becomes_the_houses_gift(rig: Rig) -> None:
    until = START + days(9)
    old = _user()
    old.subscription_type, old.subscription_start, old.subscription_end = "student", START, until
    await rig.store.users.insert(old)
    await rig.store.users.insert(_user("v"))
    for _ in range(2):
        await m0004_grants_of_the_house.apply(rig.store.engine)
    rig.clock.turn(120)
    assert await rig.house.accounts.grants.move_on() == 1
    (grant,) = await rig.house.accounts.grants.of_user("u")
    assert (grant.id, grant.tier, grant.ends_at, grant.is_settled) == ("house:u", "student", until, True)
    user = await rig.store.users.get("u")
    assert user is not None and (user.subscription_type, user.subscription_turn_at) == ("student", until)
