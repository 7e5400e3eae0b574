"""The second step of signing in, through the services that every door calls."""

from __future__ import annotations

import asyncio

import pytest

from services.errors import Conflict, Denied, NotFound, TooMany, Unauthenticated
from services.factors.second_factors import SecondFactors
from services.sealing import CannotOpen, Seals
from services.viewer import SYSTEM, Role
from tests.catalogue_rig import PASSWORD, SECRET


async def test_an_account_without_one_signs_in_as_ever_and_one_with_it_is_asked(ann):
    assert (await ann.log_in()).token
    await ann.protect()
    challenge = await ann.challenge()
    signed_in = await ann.rig.house.accounts.signing_in.complete(challenge, ann.code())
    assert (await ann.rig.house.accounts.viewer_for(signed_in.token)).user_id == ann.id


async def test_a_code_is_good_once_in_its_step_and_a_challenge_for_one_session(ann):
    await ann.protect()
    complete, code = ann.rig.house.accounts.signing_in.complete, ann.code()
    first, second = await ann.challenge(), await ann.challenge()
    await complete(first, code)
    with pytest.raises(Unauthenticated) as again:
        await complete(second, code)
    assert again.value.reason == "WRONG_CODE"
    with pytest.raises(Unauthenticated) as spent:
        await complete(first, ann.fresh_code())
    assert spent.value.reason == "CHALLENGE_INVALID"


async def test_of_one_code_shown_many_times_at_once_one_wins(ann):
    await ann.protect()
    challenges, code = [await ann.challenge() for _ in range(4)], ann.code()
    complete = ann.rig.house.accounts.signing_in.complete
    answers = await asyncio.gather(*(complete(each, code) for each in challenges), return_exceptions=True)
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1


async def test_a_challenge_has_five_tries_and_five_minutes(ann):
    await ann.protect()
    complete, challenge = ann.rig.house.accounts.signing_in.complete, await ann.challenge()
    for expected in ["WRONG_CODE"] * 4 + ["CHALLENGE_INVALID"] * 2:
        with pytest.raises(Unauthenticated) as refused:
            await complete(challenge, "not a code at all")
        assert refused.value.reason == expected
    late = await ann.challenge()
    ann.rig.clock.turn(301)
    with pytest.raises(Unauthenticated) as over:
        await complete(late, ann.code())
    assert over.value.reason == "CHALLENGE_INVALID"
    assert await ann.rig.house.accounts.challenges.sweep() == 2


async def test_a_right_password_makes_no_more_challenges_than_a_wrong_one_makes_tries(ann):
    await ann.protect()
    for _ in range(10):
        await ann.challenge()
    with pytest.raises(TooMany):
        await ann.log_in()
    assert await ann.rig.store.sign_in_challenges.count({}) == 10


async def test_a_password_changed_meanwhile_ends_the_challenge(ann):
    await ann.protect()
    challenge = await ann.challenge()
    await ann.rig.store.users.update({"_id": ann.id}, {"$set": {"password_hash": "another"}})
    with pytest.raises(Unauthenticated) as refused:
        await ann.rig.house.accounts.signing_in.complete(challenge, ann.code())
    assert refused.value.reason == "CHALLENGE_INVALID"


async def test_somebody_suspended_meanwhile_is_not_let_in(ann):
    await ann.protect()
    challenge = await ann.challenge()
    await ann.rig.store.users.update({"_id": ann.id}, {"$set": {"is_suspended": True}})
    with pytest.raises(Unauthenticated):
        await ann.rig.house.accounts.signing_in.complete(challenge, ann.code())
    assert await ann.rig.store.sessions.count({"user_id": ann.id}) == 1


async def test_wrong_codes_come_ever_more_slowly_and_a_recovery_code_never_waits(ann):
    await ann.protect()
    complete = ann.rig.house.accounts.signing_in.complete
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await complete(await ann.challenge(), ann.wrong_code())
    challenge = await ann.challenge()
    with pytest.raises(TooMany) as slowed:
        await complete(challenge, ann.code())
    assert slowed.value.retry_after == 15.0
    assert "Wrong codes for your account" in await ann.mails()
    assert (await complete(challenge, ann.recovery[0])).token


async def test_a_recovery_code_is_good_once_and_its_owner_is_told(ann):
    await ann.protect()
    complete = ann.rig.house.accounts.signing_in.complete
    typed = ann.recovery[3].upper().replace("-", " ")
    await complete(await ann.challenge(), typed)
    with pytest.raises(Unauthenticated):
        await complete(await ann.challenge(), typed)
    assert (await ann.rig.house.second_factor_setup.state(ann.viewer)).recovery_codes_left == 9
    assert "A recovery code was used" in await ann.mails()


async def test_it_is_turned_off_by_password_and_code_together(ann):
    await ann.protect()
    setup = ann.rig.house.second_factor_setup
    with pytest.raises(Denied) as unasked:
        await setup.turn_off(ann.viewer, code=ann.code())
    assert unasked.value.reason == "REPROOF_NEEDED"
    with pytest.raises(Unauthenticated) as wrong:
        await setup.turn_off(ann.viewer, code=ann.wrong_code(), password=PASSWORD)
    assert wrong.value.reason == "WRONG_CODE"
    await setup.turn_off(ann.viewer, code=ann.fresh_code(), password=PASSWORD)
    assert (await ann.log_in()).token
    assert await ann.mails() == ["Two-step sign-in is on", "Two-step sign-in is off"]


async def test_it_begins_anew_until_it_is_confirmed_and_not_after(ann):
    setup = ann.rig.house.second_factor_setup
    first = await setup.begin(ann.viewer, password=PASSWORD)
    second = await setup.begin(ann.viewer, password=PASSWORD)
    assert first.secret != second.secret
    assert second.qr_svg.startswith("<svg")
    ann.rig.clock.turn(3600)
    with pytest.raises(Conflict) as late:
        await setup.confirm(ann.viewer, "123456")
    assert late.value.reason == "SECOND_FACTOR_NOT_BEGUN"
    await ann.protect()
    with pytest.raises(Conflict) as on:
        await setup.begin(ann.viewer, password=PASSWORD)
    assert on.value.reason == "SECOND_FACTOR_ON"


async def test_new_recovery_codes_end_the_old_ones(ann):
    await ann.protect()
    setup = ann.rig.house.second_factor_setup
    fresh = await setup.renew_recovery_codes(ann.viewer, code=ann.code(), password=PASSWORD)
    complete = ann.rig.house.accounts.signing_in.complete
    with pytest.raises(Unauthenticated):
        await complete(await ann.challenge(), ann.recovery[0])
    assert (await complete(await ann.challenge(), fresh.recovery_codes[0])).token


async def test_an_admin_takes_it_off_for_somebody_and_both_can_be_seen(ann):
    await ann.protect()
    setup, admin = ann.rig.house.second_factor_setup, await ann.rig.sign_up("boss", Role.ADMIN)
    with pytest.raises(Denied):
        await setup.reset(ann.viewer, ann.id, reason="me")
    await setup.reset(admin, ann.id, reason="Lost their telephone.")
    with pytest.raises(NotFound):
        await setup.reset(admin, ann.id, reason="again")
    assert (await ann.log_in()).token
    assert "Two-step sign-in was taken off" in await ann.mails()
    [line] = await ann.rig.store.audit_entries.find({"action": "second_factor.reset"})
    assert (line.actor_id, line.target_id) == (admin.user_id, ann.id)


async def test_nothing_at_rest_shows_a_secret_or_a_code(ann):
    await ann.protect()
    await ann.challenge()
    stored = ""
    for name in ("second_factors", "sign_in_challenges", "outbox", "notifications", "audit_entries"):
        stored += repr(await ann.rig.store.engine.find(name, {}))
    assert ann.secret.hex() not in stored
    assert all(code not in stored and code.replace("-", "") not in stored for code in ann.recovery)


async def test_a_new_key_seals_anew_and_the_old_one_may_go(ann):
    await ann.protect()
    store, clock, bus = ann.rig.store, ann.rig.clock, ann.rig.house.bus
    old = ann.rig.house.accounts.second_factors
    factor = await old.of(ann.id)
    moved = SecondFactors(store, clock, bus, Seals(["new secret", SECRET], "second factors"))
    assert (await moved.reseal(), await moved.reseal()) == (1, 0)
    alone = SecondFactors(store, clock, bus, Seals(["new secret"], "second factors"))
    assert alone.secret_of(await alone.of(ann.id)) == old.secret_of(factor)


def test_a_sealed_text_opens_for_its_owner_and_purpose_alone():
    seals = Seals(["one"], "a")
    sealed = seals.seal(b"hush", "ann")
    assert seals.open(sealed, "ann") == b"hush"
    assert seals.seal(b"hush", "ann") != sealed
    wrong = [
        (seals, sealed, "bob"),
        (Seals(["one"], "b"), sealed, "ann"),
        (Seals(["two"], "a"), sealed, "ann"),
        (seals, sealed[:-4] + "AAAA", "ann"),
        (seals, sealed.partition(".")[0] + ".", "ann"),
        (seals, "", "ann"),
    ]
    for opened_by, text, owner in wrong:
        with pytest.raises(CannotOpen):
            opened_by.open(text, owner)


async def test_the_house_itself_cannot_set_one_up(ann):
    with pytest.raises(NotFound):
        await ann.rig.house.second_factor_setup.reset(SYSTEM, "nobody", reason="")


async def test_the_machines_owner_finds_an_account_by_what_it_signs_in_with(ann):
    for login in ("ann", "ANN@example.com"):
        assert (await ann.rig.house.accounts.by_login(SYSTEM, login)).id == ann.id
    with pytest.raises(Denied):
        await ann.rig.house.accounts.by_login(ann.viewer, "ann")
