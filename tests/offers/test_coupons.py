"""Coupons and trials: bounded, once for each account, whole after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.errors import Conflict, Denied, Invalid, NotFound, TooMany
from services.offers.rules import OfferRules
from services.paging import Slice
from services.viewer import SYSTEM, Viewer
from tests.catalogue_rig import Rig, days, small_house


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A house with a trial of two weeks."""
    async with small_house(tmp_path, offer_rules=OfferRules(14)) as made:
        yield made


async def standing(rig: Rig, viewer: Viewer) -> tuple[str, object]:
    user = await rig.store.users.get(str(viewer.user_id))
    assert user is not None
    return user.subscription_type, user.subscription_end


async def test_a_code_is_good_for_so_many_accounts_and_once_for_each(rig: Rig) -> None:
    people = [await rig.sign_up(name) for name in ("ann", "bert", "cleo")]
    made = await rig.house.coupons.make(SYSTEM, name="Launch", tier="premium", days=30, uses=2)
    assert made.code not in repr(made) and made.coupon.hint == made.code[-4:]
    redeem = rig.house.coupons.redeem
    answers = await asyncio.gather(
        *(redeem(viewer, f" {made.code.lower()} ") for viewer in people * 2), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 2
    assert {type(answer) for answer in answers if isinstance(answer, BaseException)} <= {NotFound, Conflict}
    until = rig.clock.now() + days(30)
    assert sorted([await standing(rig, each) for each in people], key=str) == [
        ("free", None),
        *[("premium", until)] * 2,
    ]
    coupon = await rig.store.coupons.get(made.coupon.id)
    assert coupon is not None and (coupon.left, len(coupon.user_ids)) == (0, 2)


async def test_days_follow_on_days_and_never_on_what_has_no_end(rig: Rig) -> None:
    ann, now = await rig.sign_up("ann"), rig.clock.now()
    codes = [(await rig.house.coupons.make(SYSTEM, name="", tier="premium", days=10)).code for _ in range(3)]
    for code in codes[:2]:
        await rig.house.coupons.redeem(ann, code)
    assert await standing(rig, ann) == ("premium", now + days(20))
    await rig.house.accounts.set_tier(SYSTEM, "ann", "family")
    with pytest.raises(Conflict) as have:
        await rig.house.coupons.redeem(ann, codes[2])
    assert have.value.reason == "HAVE_IT_ALREADY"
    left = await rig.store.coupons.find({"left": 1})
    assert len(left) == 1


async def test_codes_that_are_not_good_are_one_answer_and_cannot_be_guessed(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    coupons = rig.house.coupons
    gone = await coupons.make(SYSTEM, name="gone", tier="premium", days=1)
    await coupons.withdraw(SYSTEM, gone.coupon.id)
    late = await coupons.make(SYSTEM, name="late", tier="premium", days=1, expires_at=rig.clock.now() + days(1))
    rig.clock.turn(86_400)
    refusals = set()
    for code in (gone.code, late.code, "NEVER-WAS", "", "x" * 10_000, "\ud800"):
        with pytest.raises(NotFound) as refused:
            await coupons.redeem(ann, code)
        refusals.add((refused.value.message, refused.value.reason))
    assert len(refusals) == 1
    good = await coupons.make(SYSTEM, name="good", tier="premium", days=1)
    with pytest.raises(TooMany):
        for number in range(10):
            with pytest.raises(NotFound):
                await coupons.redeem(ann, f"WRONG{number}")
    with pytest.raises(TooMany):
        await coupons.redeem(ann, good.code)
    assert (await standing(rig, ann))[0] == "free"


async def test_admins_alone_make_codes_within_bounds(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    make = rig.house.coupons.make
    for call in (make(ann, name="", tier="premium", days=1), rig.house.coupons.listing(ann, Slice())):
        with pytest.raises(Denied):
            await call
    with pytest.raises(Denied):
        await rig.house.coupons.withdraw(ann, "x")
    for bad in (
        {"tier": "free"}, {"tier": "gold"}, {"days": 0}, {"days": 3_661}, {"uses": 0}, {"uses": 1_001},
        {"expires_at": rig.clock.now()}, {"name": "x" * 101},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await make(SYSTEM, **({"name": "", "tier": "premium", "days": 1} | bad))
    with pytest.raises(NotFound):
        await rig.house.coupons.withdraw(SYSTEM, "x")
    assert await rig.store.coupons.count({}) == 0


async def test_what_was_redeemed_when_a_process_ended_is_given(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    made = await rig.house.coupons.make(SYSTEM, name="", tier="student", days=5)
    await rig.store.coupons.update({"_id": made.coupon.id}, {"$inc": {"left": -1}, "$push": {"user_ids": ann.user_id}})
    assert (await rig.house.coupons.finish(), await rig.house.coupons.finish()) == (1, 0)
    assert await standing(rig, ann) == ("student", rig.clock.now() + days(5))


async def test_a_trial_is_had_once_whoever_gives_it(rig: Rig) -> None:
    ann, bert = await rig.sign_up("ann"), await rig.sign_up("bert")
    trials = rig.house.trials
    answers = await asyncio.gather(*(trials.begin(ann) for _ in range(3)), return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert await standing(rig, ann) == ("premium", rig.clock.now() + days(14))
    assert not await trials.may_begin(str(ann.user_id)) and await trials.may_begin(str(bert.user_id))
    assert await trials.note(str(bert.user_id), source="stripe", at=rig.clock.now())
    assert not await trials.note(str(bert.user_id), source="stripe", at=rig.clock.now())
    with pytest.raises(Conflict) as used:
        await trials.begin(bert)
    assert used.value.reason == "TRIAL_USED"
    # The same person again, under a new account of the same e-mail.
    await rig.store.users.update({"_id": ann.user_id}, {"$set": {"email_key": "old", "username_key": "old"}})
    again = await rig.sign_up("ann")
    assert not await trials.may_begin(str(again.user_id))


async def test_a_trial_that_was_promised_is_given_after_a_crash(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    await rig.house.trials.begin(ann)
    await rig.store.grants.delete({"_id": f"trial:{ann.user_id}"})
    await rig.store.trials.update({"_id": ann.user_id}, {"$set": {"is_given": False}})
    assert await rig.house.trials.finish() == 0
    rig.clock.turn(61)
    assert (await rig.house.trials.finish(), await rig.house.trials.finish()) == (1, 0)
    assert (await standing(rig, ann))[0] == "premium"
