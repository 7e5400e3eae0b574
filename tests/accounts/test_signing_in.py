from __future__ import annotations

import asyncio

import pytest

from services.accounts.gate import Gate, GateLimits
from services.errors import TooMany, Unauthenticated
from services.viewer import NOBODY
from tests.accounts.account_rig import PASSWORD, CountingPasswords


async def refusal(attempt) -> tuple[str, dict]:
    with pytest.raises(Unauthenticated) as refused:
        await attempt
    return refused.value.message, refused.value.extensions


@pytest.mark.parametrize("login", ["musiclover@example.com", " MusicLover@EXAMPLE.com ", "musiclover", "MUSICLOVER"])
async def test_email_and_username_both_open_the_door(rig, login):
    user_id = (await rig.register()).user.id
    signed_in = await rig.log_in(email=login)
    assert signed_in.user.id == user_id
    assert (await rig.accounts.viewer_for(signed_in.token)).user_id == user_id


async def test_absent_wrong_and_suspended_answer_alike_and_cost_one_verify_each(rig):
    await rig.register()
    await rig.suspend((await rig.register("suspended")).user.id)
    answers, costs = [], []
    for details in (
        {"email": "musiclover@example.com", "password": "not the password"},
        {"email": "absent@example.com"},
        {"email": "suspended@example.com"},
        {"email": "absent"},
        {"email": ""},
        {"email": "\ud800@example.com"},
        {"email": "nul\0@example.com"},
        {"email": "x" * 100_000},
        {"password": ""},
        {"password": "x" * 100_000},
        {"password": "\udfff" * 12},
    ):
        before = rig.passwords.verified
        answers.append(await refusal(rig.log_in(**details)))
        costs.append(rig.passwords.verified - before)
    assert set(map(repr, answers)) == {repr(("These credentials are not right.", {"code": "WRONG_CREDENTIALS"}))}
    assert costs == [1] * 11
    assert await rig.store.sessions.count({}) == 2


async def test_the_tenth_wrong_guess_is_the_last_for_a_while_and_others_are_not_kept_out(build):
    rig = build(limits=GateLimits(pair_tries=10, pair_seconds=30))
    await rig.register()
    for _ in range(10):
        await refusal(rig.log_in(password="not the password"))
    verified = rig.passwords.verified
    with pytest.raises(TooMany) as refused:
        await rig.log_in()
    assert refused.value.retry_after == 30.0
    assert rig.passwords.verified == verified
    # The owner, from home, does not notice.
    await rig.log_in(address="198.51.100.4")
    rig.clock.turn(29.5)
    with pytest.raises(TooMany) as refused:
        await rig.log_in()
    assert refused.value.retry_after == 0.5
    rig.clock.turn(0.5)
    await rig.log_in()


async def test_an_absent_account_is_throttled_like_one_that_exists(build):
    rig = build(limits=GateLimits(pair_tries=2))
    for _ in range(2):
        await refusal(rig.log_in("absent"))
    with pytest.raises(TooMany):
        await rig.log_in("Absent")


async def test_one_address_cannot_go_through_many_accounts(build):
    rig = build(limits=GateLimits(address_tries=3, address_seconds=5))
    for number in range(3):
        await refusal(rig.log_in(f"n{number}", address="2001:db8:1:2::1"))
    with pytest.raises(TooMany):
        await rig.log_in("n4", address="2001:db8:1:2:ffff::9")
    await refusal(rig.log_in("n4", address="2001:db8:1:3::1"))


async def test_success_gives_the_tries_back(build):
    rig = build(limits=GateLimits(pair_tries=2, address_tries=2))
    await rig.register()
    for _ in range(20):
        await rig.log_in()


async def test_guesses_made_at_once_do_not_slip_under_the_limit(build):
    rig = build(limits=GateLimits(pair_tries=3))
    await rig.register()
    guesses = [rig.log_in(password="not the password") for _ in range(8)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(answer) for answer in answers].count(TooMany) == 5
    assert rig.passwords.verified == 3


async def test_a_try_that_found_the_line_full_is_not_counted(build):
    rig = build(limits=GateLimits(pair_tries=1))
    await rig.register()
    real = rig.passwords.verify

    async def full(hash, password):
        raise TooMany("full", retry_after=1)

    rig.passwords.verify = full
    for _ in range(3):
        with pytest.raises(TooMany, match="full"):
            await rig.log_in()
    rig.passwords.verify = real
    await rig.log_in()


async def test_a_try_refused_for_its_address_does_not_count_against_the_account(clock):
    gate = Gate(clock, GateLimits(pair_tries=2, pair_seconds=1000, address_tries=1, address_seconds=1))
    gate.try_log_in("musiclover", "192.0.2.1")
    for _ in range(5):
        with pytest.raises(TooMany):
            gate.try_log_in("musiclover", "192.0.2.1")
    clock.turn(1)
    gate.try_log_in("musiclover", "192.0.2.1")


async def test_a_hash_of_older_parameters_is_renewed_at_the_next_log_in(rig):
    user_id = (await rig.register()).user.id
    older = CountingPasswords(time_cost=2)
    await rig.store.users.update({"_id": user_id}, {"$set": {"password_hash": await older.hash(PASSWORD)}})
    older.stop()
    await refusal(rig.log_in(password="not the password"))
    assert "t=2" in (await rig.store.users.get(user_id)).password_hash
    await rig.log_in()
    renewed = (await rig.store.users.get(user_id)).password_hash
    assert "t=1" in renewed
    await rig.log_in()
    assert (await rig.store.users.get(user_id)).password_hash == renewed


async def test_me_is_the_viewers_own_account(rig):
    signed_in = await rig.register()
    viewer = await rig.accounts.viewer_for(signed_in.token)
    assert (await rig.accounts.me(viewer)).email == "musiclover@example.com"
    with pytest.raises(Unauthenticated) as refused:
        await rig.accounts.me(NOBODY)
    assert refused.value.reason == "UNAUTHENTICATED"
    await rig.suspend(signed_in.user.id)
    assert (await refusal(rig.accounts.me(viewer)))[1] == {"code": "TOKEN_INVALID"}


async def test_no_log_line_and_no_repr_holds_a_password_a_token_or_an_email(rig, every_line, log_watch):
    log_watch.expect("a spent refresh token was shown again")
    first = await rig.register(address="192.0.2.9")
    await refusal(rig.log_in(password="a wrong password"))
    await refusal(rig.log_in(email="typed-by-mistake-as-login", password="x"))
    second = await rig.log_in()
    third = await rig.accounts.signing_in.refresh(second.refresh_token)
    await refusal(rig.accounts.signing_in.refresh(second.refresh_token))
    await refusal(rig.accounts.viewer_for(third.token + "x"))
    await rig.accounts.signing_in.log_out(await rig.accounts.viewer_for(first.token))
    await rig.accounts.create_demo_accounts()
    logged = "\n".join(every_line)
    assert "'user_id'" in logged and "signed in" in logged and "log-in refused" in logged
    shown = logged + repr(first) + repr(second)
    stored = await rig.store.users.get(first.user.id)
    sessions = await rig.store.sessions.find({})
    secret = [PASSWORD, "a wrong password", "typed-by-mistake", "tutti-demo-2026", "@example.com", "@demo.tutti"]
    secret += [first.token, first.refresh_token, second.refresh_token, third.token, stored.password_hash, "eyJ"]
    secret += [session.token_hash for session in sessions]
    assert [word for word in secret if word in shown] == []
