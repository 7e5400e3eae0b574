"""Students: proven by mail or document, for a year at a time, one address for one account."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.errors import Conflict, Denied, Invalid, NotFound, TooMany
from services.paging import Slice
from services.students.rules import YEAR, StudentRules
from services.students.schools import read_domains, school_of
from services.viewer import Role, Viewer
from tests.catalogue_rig import Rig, days, small_house

DOMAINS = read_domains(["uni.example", "*.ac.uk", "müller-schule.example"])


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A house that takes academic addresses."""
    async with small_house(tmp_path, student_rules=StudentRules(DOMAINS)) as made:
        yield made


async def code_to(rig: Rig, email: str) -> str:
    mails = await rig.store.outbox.find({"receiver": email}, sort=[("created_at", -1)], limit=1)
    rig.clock.turn(1)
    found = re.search(r"Your code: (\d{8})", mails[0].text)
    assert found is not None
    return found[1]


async def prove(rig: Rig, viewer: Viewer, email: str) -> None:
    await rig.house.student_codes.send(viewer, email)
    await rig.house.student_codes.confirm(viewer, await code_to(rig, email))


async def tier(rig: Rig, viewer: Viewer) -> str:
    user = await rig.store.users.get(str(viewer.user_id))
    assert user is not None
    return user.subscription_type


def test_a_school_is_known_by_whole_labels_from_the_right() -> None:
    for email, school in (
        ("A@UNI.example", "uni.example"), ("a@cs.uni.example", "cs.uni.example"), ("a@ox.ac.uk", "ox.ac.uk"),
        ("a@Müller-Schule.example", "xn--mller-schule-dlb.example"),
        ("a@xn--mller-schule-dlb.example", "xn--mller-schule-dlb.example"),
    ):  # fmt: skip
        assert school_of(email, DOMAINS)[1] == school
    assert school_of("ann+x@uni.example", DOMAINS)[0] == "ann@uni.example"
    for email in (
        "a@eviluni.example", "a@uni.example.evil.example", "a@ac.uk", "a@evil-ac.uk", "a@example", "a@uni.example.",
        "a@unі.example", "a@uni。example", "a@evil.example\0@uni.example", "a@uni.example@evil.example", "uni.example",
        "a@muller-schule.example", "a@[uni.example]", "a@uni.example>b@evil.example",
    ):  # fmt: skip
        with pytest.raises(Invalid):
            school_of(email, DOMAINS)
    for domain in ("edu", "a..b", "uni.example.", "*", "*.*.uk", "-a.example", "a b.example", ""):
        with pytest.raises(ValueError, match=r"domain|school"):
            read_domains([domain])


async def test_a_code_that_comes_back_makes_a_student_for_a_year_and_its_grace(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    await prove(rig, ann, "ann@cs.uni.example")
    assert await tier(rig, ann) == "student" and await rig.house.students.stands(str(ann.user_id))
    proof = await rig.house.students.mine(ann)
    assert proof is not None and (proof.school, proof.ends_at) == ("cs.uni.example", rig.clock.now() + YEAR)
    stored = str(await rig.store.engine.find("student_proofs", {})) + str(await rig.store.engine.find("grants", {}))
    assert "ann@" not in stored
    assert await rig.house.students.look_after() == 0
    with pytest.raises(Conflict, match="long while"):
        await rig.house.student_codes.send(ann, "ann@uni.example")
    rig.clock.turn(336 * 86_400)
    assert await rig.house.students.look_after() == 1
    assert await rig.house.students.look_after() == 0
    rig.clock.turn(30 * 86_400)
    await rig.house.grants.move_on()
    assert await tier(rig, ann) == "student"
    assert await rig.house.students.look_after() == 1
    rig.clock.turn(14 * 86_400)
    await rig.house.grants.move_on()
    assert await tier(rig, ann) == "free" and not await rig.house.students.stands(str(ann.user_id))


async def test_a_year_is_added_before_the_end_and_four_are_enough(rig: Rig) -> None:
    ann = await rig.sign_up("ann")
    begun = rig.clock.now() + timedelta(seconds=1)
    for year in range(1, 5):
        await prove(rig, ann, "ann@uni.example")
        proof = await rig.house.students.mine(ann)
        assert proof is not None and (proof.years, proof.ends_at) == (year, begun + year * YEAR)
        rig.clock.turn((proof.ends_at - rig.clock.now() - days(20)).total_seconds())
    with pytest.raises(Conflict) as spent:
        await rig.house.student_codes.send(ann, "ann@uni.example")
    assert spent.value.reason == "STUDENT_YEARS_SPENT"
    assert await rig.house.students.look_after() == 0


async def test_an_address_is_one_accounts_until_its_time_is_over(rig: Rig) -> None:
    ann, bert = await rig.sign_up("ann"), await rig.sign_up("bert")
    codes = rig.house.student_codes
    await prove(rig, ann, "shared@uni.example")
    # Asking tells nothing of others; only who reads that mail learns it.
    await codes.send(bert, "Shared+b@uni.example")
    with pytest.raises(Conflict) as used:
        await codes.confirm(bert, await code_to(rig, "Shared+b@uni.example"))
    assert used.value.reason == "ADDRESS_USED" and await tier(rig, bert) == "free"
    rig.clock.turn((YEAR + days(14)).total_seconds())
    await prove(rig, bert, "shared@uni.example")
    assert await tier(rig, bert) == "student"
    with pytest.raises(Conflict):
        await prove(rig, ann, "shared@uni.example")


async def test_codes_are_for_one_account_five_tries_and_half_an_hour(rig: Rig) -> None:
    ann, eve = await rig.sign_up("ann"), await rig.sign_up("eve")
    codes = rig.house.student_codes
    await codes.send(ann, "ann@uni.example")
    code = await code_to(rig, "ann@uni.example")
    with pytest.raises(Invalid):
        await codes.confirm(eve, code)
    answers = await asyncio.gather(*(codes.confirm(ann, f"{n:08d}") for n in range(6)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {Invalid}
    with pytest.raises(Invalid) as spent:
        await codes.confirm(ann, code)
    assert spent.value.reason == "WRONG_CODE"
    await codes.send(ann, "ann@uni.example")
    late = await code_to(rig, "ann@uni.example")
    rig.clock.turn(1800)
    with pytest.raises(Invalid):
        await codes.confirm(ann, late)
    assert await codes.sweep() == 1
    await codes.send(ann, "ann@uni.example")
    code = await code_to(rig, "ann@uni.example")
    answers = await asyncio.gather(*(codes.confirm(ann, code) for _ in range(3)), return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    for _ in range(5):
        await codes.send(eve, "ann@uni.example") if _ < 2 else None
    with pytest.raises(TooMany):
        await codes.send(eve, "ann@uni.example")
    with pytest.raises(Invalid) as outside:
        await codes.send(eve, "eve@example.com")
    assert outside.value.reason == "NO_SCHOOL"


async def test_a_document_waits_for_a_moderator_who_is_somebody_else(rig: Rig) -> None:
    ann, mod = await rig.sign_up("ann"), await rig.sign_up("mod", Role.MODERATOR)
    documents = rig.house.student_documents
    with pytest.raises(Invalid):
        await documents.apply(ann, "School", " ")
    made = await documents.apply(ann, "Conservatoire", "https://files.example/1")
    with pytest.raises(Conflict):
        await documents.apply(ann, "Conservatoire", "https://files.example/2")
    with pytest.raises(Denied):
        await documents.waiting(ann, Slice())
    assert [each.id for each in (await documents.waiting(mod, Slice())).items] == [made.id]
    await documents.decide(mod, made.id, approve=False, reason="It cannot be read.")
    assert await tier(rig, ann) == "free"
    again = await documents.apply(ann, "Conservatoire", "https://files.example/3")
    own = await documents.apply(mod, "Conservatoire", "https://files.example/4")
    with pytest.raises(Denied):
        await documents.decide(mod, own.id, approve=True)
    with pytest.raises(NotFound):
        await documents.decide(mod, made.id, approve=True)
    await documents.decide(mod, again.id, approve=True)
    assert await tier(rig, ann) == "student"
    actions = [entry["action"] for entry in await rig.store.engine.find("audit_entries", {})]
    assert actions == ["student.denied", "student.approved"]
    # Approved, and the process ended there.
    await rig.store.student_applications.update(
        {"_id": own.id}, {"$set": {"state": "approved", "is_proven": False, "decided_at": rig.clock.now() - days(1)}}
    )
    assert (await documents.finish(), await documents.finish()) == (1, 0)
    assert await tier(rig, mod) == "student"


async def test_where_the_tier_is_sold_a_proof_is_the_right_to_buy_it(tmp_path: Path) -> None:
    async with small_house(tmp_path, student_rules=StudentRules(DOMAINS, gives_tier=False)) as rig:
        ann = await rig.sign_up("ann")
        await prove(rig, ann, "ann@uni.example")
        assert await rig.house.students.stands(str(ann.user_id)) and await tier(rig, ann) == "free"
