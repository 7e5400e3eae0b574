"""Families: invited, together at one address, for as long as the owner's plan stands."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from services.accounts.accounts import Accounts
from services.errors import Conflict, Denied, Invalid, NotFound, PaymentRequired, TooMany
from services.families.addresses import Address, essence
from services.viewer import SYSTEM, Viewer
from tests.catalogue_rig import Rig, days, rig

__all__ = ["rig"]

HOME = Address("Hauptstraße 5b", "Köln", "DE", "50667")
SAME = Address("hauptstr.  5 B", "KOLN", "de", "50 667")
ELSEWHERE = Address("Hauptstraße 7", "Köln", "DE", "50667")


async def owner(rig: Rig, days: int | None = None) -> Viewer:
    ann = await rig.sign_up("ann")
    await rig.house.accounts.set_tier(SYSTEM, "ann", "family", days=days)
    await rig.house.families.declare_address(ann, HOME)
    return ann


async def join(rig: Rig, ann: Viewer, name: str) -> Viewer:
    viewer = await rig.sign_up(name)
    asked = await rig.house.family_invitations.invite(ann, username=name)
    await rig.house.family_invitations.accept(viewer, id=asked.id, address=SAME)
    return viewer


async def tier(rig: Rig, viewer: Viewer) -> str:
    user = await rig.store.users.get(str(viewer.user_id))
    assert user is not None
    return user.subscription_type


async def token_of(rig: Rig) -> str:
    mail = (await rig.store.outbox.find({}, sort=[("created_at", -1)], limit=1))[0]
    found = re.search(r"#/family/(\S+)", mail.text)
    assert found is not None
    return found[1]


async def test_members_have_what_the_owner_pays_for_as_long_as_that_stands(rig: Rig) -> None:
    ann = await owner(rig, days=30)
    bert = await join(rig, ann, "bert")
    assert await tier(rig, bert) == "family"
    (grant,) = await rig.house.grants.of_user(str(bert.user_id))
    assert (grant.source, grant.ends_at) == ("family", rig.clock.now() + days(30))
    # A renewal of the owner's is the members' too.
    await rig.house.accounts.set_tier(SYSTEM, "ann", "family", days=60)
    (grant,) = await rig.house.grants.of_user(str(bert.user_id))
    assert grant.ends_at == rig.clock.now() + days(60)
    rig.clock.turn(60 * 86_400)
    await rig.house.grants.move_on()
    assert (await tier(rig, ann), await tier(rig, bert)) == ("free", "free")
    await rig.house.accounts.set_tier(SYSTEM, "ann", "family")
    assert await tier(rig, bert) == "family"
    await rig.house.accounts.set_tier(SYSTEM, "ann", "free")
    assert await tier(rig, bert) == "free"
    seen = await rig.house.families.mine(ann)
    assert seen is not None and not seen.plan.stands and [each.id for each in seen.members] == [bert.user_id]


async def test_a_link_lets_one_person_in_once_however_many_have_it(rig: Rig) -> None:
    ann = await owner(rig)
    made = await rig.house.family_invitations.invite(ann, email="somebody@example.com")
    assert (made.shown, made.receiver_id) == ("s…@example.com", None)
    token = await token_of(rig)
    assert token not in repr(made) and await rig.store.family_invitations.count({"token_hash": token}) == 0
    people = [await rig.sign_up(name) for name in ("bert", "cleo", "dora")]
    accept = rig.house.family_invitations.accept
    with pytest.raises(Invalid, match="This is not where the family lives"):
        await accept(people[0], token=token, address=ELSEWHERE)
    answers = await asyncio.gather(
        *(accept(each, token=token, address=SAME) for each in people), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, NotFound) for answer in answers) == 2
    assert sorted([await tier(rig, each) for each in people]) == ["family", "free", "free"]
    for wrong in (token, "", "x" * 1000, "unheard-of"):
        with pytest.raises(NotFound):
            await accept(people[2], token=wrong, address=SAME)


async def test_invitations_end_by_their_time_by_either_side_and_are_their_receivers_alone(rig: Rig) -> None:
    ann, bert, eve = await owner(rig), await rig.sign_up("bert"), await rig.sign_up("eve")
    invitations = rig.house.family_invitations
    asked = await invitations.invite(ann, username="bert")
    for viewer, how in ((eve, {"id": asked.id}), (bert, {"id": "never"}), (bert, {"token": asked.token_hash})):
        with pytest.raises(NotFound):
            await invitations.accept(viewer, address=SAME, **how)
    with pytest.raises(NotFound):
        await invitations.withdraw(eve, asked.id)
    assert [each.family_id for each in await invitations.waiting(bert)] == [ann.user_id]
    await invitations.decline(bert, id=asked.id)
    with pytest.raises(NotFound):
        await invitations.accept(bert, id=asked.id, address=SAME)
    second = await invitations.invite(ann, username="bert")
    await invitations.withdraw(ann, second.id)
    third = await invitations.invite(ann, username="bert")
    rig.clock.turn(7 * 86_400)
    assert await invitations.waiting(bert) == await invitations.open_of(ann) == []
    for each in (second, third):
        with pytest.raises(NotFound):
            await invitations.accept(bert, id=each.id, address=SAME)
    assert await tier(rig, bert) == "free"
    rig.clock.turn(29 * 86_400)
    assert await invitations.sweep() == 3


async def test_six_share_a_plan_and_the_last_place_is_taken_once(rig: Rig) -> None:
    ann = await owner(rig)
    for number in range(4):
        await join(rig, ann, f"kid{number}")
    late = [await rig.sign_up(name) for name in ("bert", "cleo")]
    asked = [await rig.house.family_invitations.invite(ann, username=name) for name in ("bert", "cleo")]
    accept = rig.house.family_invitations.accept
    answers = await asyncio.gather(
        *(accept(viewer, id=each.id, address=SAME) for viewer, each in zip(late, asked, strict=True)),
        return_exceptions=True,
    )
    (refused,) = [answer for answer in answers if isinstance(answer, Conflict)]
    assert refused.reason == "FAMILY_FULL"
    assert await rig.store.family_members.count({"family_id": ann.user_id}) == 5
    with pytest.raises(Conflict):
        await rig.house.family_invitations.invite(ann, username="eve")
    # Who was refused may come when somebody goes.
    await rig.house.families.remove(ann, (await rig.store.family_members.find({}, limit=1))[0].id)
    again = [(viewer, each) for viewer, each in zip(late, asked, strict=True) if await tier(rig, viewer) == "free"]
    await accept(again[0][0], id=again[0][1].id, address=SAME)


async def test_nobody_is_in_two_families_or_changes_them_like_shirts(rig: Rig) -> None:
    ann, eve = await owner(rig), await rig.sign_up("eve")
    await rig.house.accounts.set_tier(SYSTEM, "eve", "family")
    await rig.house.families.declare_address(eve, HOME)
    bert = await join(rig, ann, "bert")
    invite, accept = rig.house.family_invitations.invite, rig.house.family_invitations.accept
    with pytest.raises(Conflict) as there:
        await accept(bert, id=(await invite(eve, username="bert")).id, address=SAME)
    assert there.value.reason in ("IN_A_FAMILY", "FAMILY_TOO_SOON")
    with pytest.raises(PaymentRequired):
        await invite(bert, username="eve")
    await rig.house.families.leave(bert)
    assert await tier(rig, bert) == "free"
    asked = await invite(eve, username="bert")
    with pytest.raises(Conflict) as soon:
        await accept(bert, id=asked.id, address=SAME)
    assert (soon.value.reason, soon.value.retry_after) == ("FAMILY_TOO_SOON", 365 * 86_400)
    await accept(bert, id=(await invite(ann, username="bert")).id, address=SAME)
    await rig.house.families.leave(bert)
    rig.clock.turn(365 * 86_400)
    await accept(bert, id=(await invite(eve, username="bert")).id, address=SAME)
    with pytest.raises(Conflict) as own:
        await accept(eve, id=(await invite(ann, username="eve")).id, address=SAME)
    assert own.value.reason == "OWNS_A_PLAN"
    with pytest.raises(NotFound):
        await rig.house.families.remove(ann, str(bert.user_id))


async def test_who_moves_asks_everybody_again(rig: Rig) -> None:
    ann = await owner(rig)
    bert = await join(rig, ann, "bert")
    await rig.house.families.declare_address(ann, SAME)
    assert (await rig.house.grants.of_user(str(bert.user_id)))[0].ends_at is None
    await rig.house.families.declare_address(ann, ELSEWHERE)
    until = rig.clock.now() + days(14)
    assert (await rig.house.grants.of_user(str(bert.user_id)))[0].ends_at == until
    with pytest.raises(Invalid):
        await rig.house.families.declare_address(bert, HOME)
    rig.clock.turn(14 * 86_400)
    await rig.house.grants.move_on()
    assert await tier(rig, bert) == "free"
    seen = await rig.house.families.declare_address(bert, replace(ELSEWHERE, street="Haupt-Straße 7"))
    assert (await tier(rig, bert), seen.members[0].address_due_at, seen.is_owner) == ("family", None, False)
    for _ in range(5):
        with pytest.raises(Invalid):
            await rig.house.families.declare_address(bert, HOME)
    with pytest.raises(TooMany):
        await rig.house.families.declare_address(bert, ELSEWHERE)


async def test_an_address_is_recognised_by_what_people_write_alike() -> None:
    assert essence(HOME) == essence(SAME) != essence(ELSEWHERE)
    assert essence(HOME) != essence(replace(HOME, postal_code="50668"))
    assert essence(HOME) != essence(replace(HOME, country="AT"))
    nowhere = Address("12 Nathan Road", "Hong Kong", "HK")
    assert essence(nowhere) != essence(replace(nowhere, city="Kowloon"))
    assert "Haupt" not in repr(HOME)
    for bad, field in (
        (replace(HOME, street="5"), "street"), (replace(HOME, city=" "), "city"),
        (replace(HOME, country="Oz"), "country"),
        (replace(HOME, street="x" * 201), "street"), (replace(HOME, postal_code="1\n2"), "postalCode"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as fault:
            essence(bad)
        assert fault.value.field == field


async def test_what_is_kept_of_an_address_tells_nothing(rig: Rig) -> None:
    ann = await owner(rig)
    kept = await rig.store.engine.get("families", str(ann.user_id))
    assert kept is not None and re.fullmatch(r"[0-9a-f]{64}", kept["address"])
    eve = await rig.sign_up("eve")
    await rig.house.accounts.set_tier(SYSTEM, "eve", "family")
    await rig.house.families.declare_address(eve, HOME)
    other = await rig.store.families.get(str(eve.user_id))
    assert other is not None and other.address != kept["address"]


async def test_what_a_crash_left_of_a_family_is_put_right(rig: Rig) -> None:
    ann = await owner(rig)
    bert, cleo = await join(rig, ann, "bert"), await join(rig, ann, "cleo")
    await rig.store.grants.delete({"_id": f"family:{bert.user_id}"})
    await rig.store.family_members.delete({"_id": cleo.user_id})
    assert await rig.house.families.prove() == 1
    assert (await tier(rig, bert), await tier(rig, cleo)) == ("family", "free")
    await rig.house.families.forget(str(ann.user_id))
    assert await tier(rig, bert) == "free" and await rig.store.families.count({}) == 0


async def test_a_family_is_not_for_those_without_the_plan_or_an_address(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    families: Any = rig.house.families
    assert await families.mine(ann) is None
    with pytest.raises(PaymentRequired):
        await families.declare_address(ann, HOME)
    with pytest.raises(NotFound):
        await families.leave(ann)
    await rig.house.accounts.set_tier(SYSTEM, "ann", "family")
    with pytest.raises(Conflict) as early:
        await rig.house.family_invitations.invite(ann, email="b@example.com")
    assert early.value.reason == "NO_ADDRESS"
    await families.declare_address(ann, HOME)
    for how in ({}, {"email": "b@example.com", "username": "bert"}, {"email": "nonsense"}, {"username": "ann"}):
        with pytest.raises(Invalid):
            await rig.house.family_invitations.invite(ann, **how)
    with pytest.raises(NotFound):
        await rig.house.family_invitations.invite(ann, username="nobody-here")
    with pytest.raises(Denied):
        await families.declare_address(replace(ann, scopes=frozenset({"read"})), HOME)
    assert isinstance(rig.house.accounts, Accounts) and await rig.store.outbox.count({}) == 0


async def test_who_comes_and_goes_while_the_plan_ends_keeps_nothing(rig: Rig) -> None:
    ann = await owner(rig)
    families, give = rig.house.families, rig.house.accounts.set_tier
    people = [await rig.sign_up(name) for name in ("bert", "cleo", "dora")]
    asked = [await rig.house.family_invitations.invite(ann, username=name) for name in ("bert", "cleo", "dora")]
    accept = rig.house.family_invitations.accept
    await accept(people[0], id=asked[0].id, address=SAME)
    for tiers in (("free", "family"), ("family", "free")):
        await asyncio.gather(
            *(give(SYSTEM, "ann", each) for each in tiers),
            accept(people[1], id=asked[1].id, address=SAME),
            families.remove(ann, str(people[0].user_id)),
            families.follow(str(ann.user_id)),
            return_exceptions=True,
        )
        stands = (await families.plan_of(str(ann.user_id))).stands
        members = {each.id for each in await rig.store.family_members.find({})}
        for viewer in people:
            assert await tier(rig, viewer) == ("family" if stands and viewer.user_id in members else "free")
        await rig.house.grants.prove()
