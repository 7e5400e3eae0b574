from __future__ import annotations

import asyncio
import hashlib

import jwt
import pytest

from services.accounts.sessions import Sessions
from services.accounts.tokens import Tokens
from services.accounts.viewers import Viewers
from services.errors import Unauthenticated
from services.events import SessionEnded
from services.viewer import NOBODY
from tests.accounts.account_rig import SECRET

SPENT = "a spent refresh token was shown again"


async def code_of(attempt) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await attempt
    assert refused.value.message == "Sign in again."
    return refused.value.reason


def inside(token: str) -> dict:
    return jwt.decode(token, SECRET, algorithms=["HS256"], audience="tutti", options={"verify_exp": False})


async def test_a_refresh_gives_a_new_pair_in_the_same_session(rig):
    first = await rig.register()
    rig.clock.turn(600)
    second = await rig.accounts.signing_in.refresh(first.refresh_token, user_agent="Newer/2", address="192.0.2.8")
    assert second.user.id == first.user.id
    assert second.refresh_token != first.refresh_token
    viewer = await rig.accounts.viewer_for(second.token)
    session = await rig.store.sessions.get(viewer.session_id)
    assert inside(first.refresh_token)["sid"] == viewer.session_id
    assert (session.refreshed_at - session.created_at).total_seconds() == 600
    assert (session.expires_at - session.refreshed_at).total_seconds() == 7 * 24 * 3600
    assert (session.user_agent, session.address) == ("Newer/2", "192.0.2.8")
    # The older access token lives out its quarter of an hour: the session still stands.
    assert (await rig.accounts.viewer_for(first.token)).session_id == viewer.session_id
    assert await rig.store.sessions.count({}) == 1


async def test_the_store_holds_hashes_and_no_token(rig):
    signed_in = await rig.register()
    session = (await rig.store.sessions.find({}))[0]
    token_id = inside(signed_in.refresh_token)["jti"]
    assert session.token_hash == hashlib.sha256(token_id.encode()).hexdigest()
    assert token_id not in repr(session) and signed_in.refresh_token not in repr(session)


async def test_rotating_the_keys_signs_nobody_out_within_the_week(rig):
    def refresher(*secrets):
        return Sessions(rig.store, rig.clock, rig.bus, Tokens(secrets, rig.clock))

    newer = "the secret that comes after, long enough 0002"
    signed_in, idle = await rig.register(), await rig.register("idle")
    rig.clock.turn(3 * 24 * 3600)
    during = refresher(newer, SECRET)
    renewed = await during.refresh(signed_in.refresh_token)
    rig.clock.turn(4 * 24 * 3600 - 1)
    # Somebody who was away for all but a second of the week is still known by the old key, and goes on by the new one.
    idle_again = await during.refresh(idle.refresh_token)
    after = refresher(newer)
    for token in (renewed.refresh_token, idle_again.refresh_token):
        assert (await after.refresh(token)).token
    assert await code_of(after.refresh(signed_in.refresh_token)) == "TOKEN_INVALID"


async def test_a_session_lives_as_long_as_it_is_renewed_and_seven_days_more(rig):
    signed_in = await rig.register()
    for _ in range(5):
        rig.clock.turn(6 * 24 * 3600)
        signed_in = await rig.accounts.signing_in.refresh(signed_in.refresh_token)
    rig.clock.turn(7 * 24 * 3600)
    assert await code_of(rig.accounts.signing_in.refresh(signed_in.refresh_token)) == "TOKEN_EXPIRED"
    assert rig.ended == []


async def test_a_replayed_token_ends_the_family_the_thief_and_the_owner_alike(rig, log_watch):
    log_watch.expect(SPENT)
    first = await rig.register()
    other = await rig.log_in()
    second = await rig.accounts.signing_in.refresh(first.refresh_token)
    viewer = await rig.accounts.viewer_for(second.token)
    assert await code_of(rig.accounts.signing_in.refresh(first.refresh_token)) == "TOKEN_INVALID"
    assert rig.ended == [SessionEnded(viewer.user_id, viewer.session_id)]
    assert await code_of(rig.accounts.signing_in.refresh(second.refresh_token)) == "TOKEN_INVALID"
    assert await code_of(rig.accounts.viewer_for(first.token)) == "TOKEN_INVALID"
    assert await code_of(rig.accounts.viewer_for(second.token)) == "TOKEN_INVALID"
    session = await rig.store.sessions.get(viewer.session_id)
    assert (session.end_reason, session.ended_at) == ("replayed", rig.clock.now())
    # Another device's sign-in is another family.
    await rig.accounts.signing_in.refresh(other.refresh_token)
    assert len(rig.ended) == 1


async def test_of_eight_uses_at_once_one_wins_and_the_replays_end_the_session(rig, log_watch):
    log_watch.expect(SPENT)
    signed_in = await rig.register()
    uses = [rig.accounts.signing_in.refresh(signed_in.refresh_token) for _ in range(8)]
    answers = await asyncio.gather(*uses, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unauthenticated)]
    assert len(refused) == 7
    assert {answer.reason for answer in refused} == {"TOKEN_INVALID"}
    (winner,) = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert await code_of(rig.accounts.signing_in.refresh(winner.refresh_token)) == "TOKEN_INVALID"
    assert await code_of(rig.accounts.viewer_for(winner.token)) == "TOKEN_INVALID"
    assert len(rig.ended) == 1


async def test_logging_out_ends_access_at_once_in_this_session_alone(rig):
    first, other = await rig.register(), await rig.log_in()
    viewer = await rig.accounts.viewer_for(first.token)
    await rig.accounts.viewer_for(first.token)
    await rig.accounts.signing_in.log_out(viewer)
    assert await code_of(rig.accounts.viewer_for(first.token)) == "TOKEN_INVALID"
    assert await code_of(rig.accounts.signing_in.refresh(first.refresh_token)) == "TOKEN_INVALID"
    assert rig.ended == [SessionEnded(viewer.user_id, viewer.session_id)]
    await rig.accounts.signing_in.log_out(viewer)
    assert len(rig.ended) == 1
    await rig.accounts.viewer_for(other.token)
    with pytest.raises(Unauthenticated):
        await rig.accounts.signing_in.log_out(NOBODY)


async def test_an_ending_during_the_look_up_is_not_papered_over_by_the_memory(rig):
    signed_in = await rig.register()
    viewer = await rig.accounts.viewer_for((await rig.log_in()).token)
    session_id = inside(signed_in.token)["sid"]
    read = rig.store.users.get

    async def end_meanwhile(id):
        found = await read(id)
        await rig.store.sessions.end(session_id, id, at=rig.clock.now(), reason="logged_out")
        rig.bus.publish(SessionEnded(id, session_id))
        return found

    rig.store.users.get = end_meanwhile
    await rig.accounts.viewer_for(signed_in.token)
    rig.store.users.get = read
    assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_INVALID"
    assert viewer.session_id != session_id


async def test_logging_out_everywhere_ends_every_session_of_this_user_alone(rig):
    mine = [await rig.register()] + [await rig.log_in() for _ in range(3)]
    theirs = await rig.register("somebody")
    viewer = await rig.accounts.viewer_for(mine[0].token)
    assert await rig.accounts.signing_in.log_out_everywhere(viewer) == 4
    assert len(rig.ended) == 4
    for signed_in in mine:
        assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_INVALID"
    await rig.accounts.viewer_for(theirs.token)


async def test_nobody_logs_out_somebody_elses_session(rig):
    mine, theirs = await rig.register(), await rig.register("somebody")
    viewer = await rig.accounts.viewer_for(mine.token)
    victim = await rig.accounts.viewer_for(theirs.token)
    forged = type(viewer)(user_id=viewer.user_id, session_id=victim.session_id)
    await rig.accounts.signing_in.log_out(forged)
    assert rig.ended == []
    await rig.accounts.viewer_for(theirs.token)


async def test_a_suspended_user_cannot_refresh_and_loses_access_within_seconds(rig):
    signed_in = await rig.register()
    await rig.accounts.viewer_for(signed_in.token)
    await rig.suspend(signed_in.user.id)
    rig.clock.turn(5)
    assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_INVALID"
    assert await code_of(rig.accounts.signing_in.refresh(signed_in.refresh_token)) == "TOKEN_INVALID"
    assert [session.end_reason for session in await rig.store.sessions.find({})] == ["not_admitted"]
    assert len(rig.ended) == 1


async def test_ending_a_suspended_users_sessions_takes_effect_at_once(rig):
    signed_in = await rig.register()
    await rig.accounts.viewer_for(signed_in.token)
    await rig.suspend(signed_in.user.id)
    assert await rig.sessions.end_all(signed_in.user.id, reason="suspended") == 1
    assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_INVALID"


async def test_another_process_hears_of_an_ending_within_five_seconds(build):
    here, there = build(), build()
    signed_in = await here.register()
    await there.accounts.viewer_for(signed_in.token)
    await here.accounts.signing_in.log_out(await here.accounts.viewer_for(signed_in.token))
    there.clock.turn(4.9)
    await there.accounts.viewer_for(signed_in.token)
    there.clock.turn(0.1)
    assert await code_of(there.accounts.viewer_for(signed_in.token)) == "TOKEN_INVALID"


async def test_a_stream_of_ranges_reads_the_store_once(rig):
    signed_in = await rig.register()
    reads = 0
    read = rig.store.sessions.get

    async def counted(id):
        nonlocal reads
        reads += 1
        return await read(id)

    rig.store.sessions.get = counted
    for _ in range(100):
        await rig.accounts.viewer_for(signed_in.token)
    assert reads == 1
    rig.clock.turn(5)
    await rig.accounts.viewer_for(signed_in.token)
    assert reads == 2
    with pytest.raises(Unauthenticated):
        await rig.accounts.viewer_for(signed_in.token[:-1])


async def test_a_token_that_was_good_expires_on_time_all_the_same(rig):
    signed_in = await rig.register()
    rig.clock.turn(899.999)
    await rig.accounts.viewer_for(signed_in.token)
    await rig.accounts.viewer_for(signed_in.token)
    rig.clock.turn(0.001)
    assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_EXPIRED"
    assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_EXPIRED"


async def test_the_memories_are_bounded(rig):
    viewers = Viewers(rig.store, rig.clock, rig.bus, rig.tokens, rig.sessions, limit=3)
    tokens = [(await rig.register()).token] + [(await rig.log_in()).token for _ in range(5)]
    for token in tokens + tokens:
        await viewers.for_token(token)
    assert (len(viewers._seen), len(viewers._read)) == (3, 3)
    viewers.stop()


async def test_the_oldest_session_makes_room_for_one_too_many(build):
    rig = build(limit_per_user=3)
    signed_in = [await rig.register()]
    for _ in range(4):
        rig.clock.turn(1)
        signed_in.append(await rig.log_in())
    assert [event.session_id for event in rig.ended] == [inside(one.token)["sid"] for one in signed_in[:2]]
    for gone in signed_in[:2]:
        assert await code_of(rig.accounts.viewer_for(gone.token)) == "TOKEN_INVALID"
    for kept in signed_in[2:]:
        await rig.accounts.viewer_for(kept.token)


async def test_the_sweep_takes_sessions_that_ran_out_and_no_other(rig):
    await rig.register()
    rig.clock.turn(24 * 3600)
    kept = await rig.log_in()
    rig.clock.turn(6 * 24 * 3600 - 0.001)
    assert await rig.sessions.sweep() == 0
    rig.clock.turn(0.001)
    assert await rig.sessions.sweep() == 1
    assert await rig.sessions.sweep() == 0
    await rig.accounts.signing_in.refresh(kept.refresh_token)


async def test_a_refresh_token_of_a_swept_session_is_refused(rig):
    signed_in = await rig.register()
    await rig.store.sessions.delete({}, many=True)
    assert await code_of(rig.accounts.signing_in.refresh(signed_in.refresh_token)) == "TOKEN_INVALID"
    assert await code_of(rig.accounts.viewer_for(signed_in.token)) == "TOKEN_INVALID"
    assert rig.ended == []


async def test_what_a_device_says_of_itself_is_cut_and_cleaned(rig):
    signed_in = await rig.register(user_agent="Evil\r\n\0" + "x" * 1000, address="\ud800" + "1" * 100)
    session = await rig.store.sessions.get(inside(signed_in.token)["sid"])
    assert session.user_agent == "Evil" + "x" * 293
    assert session.address == "1" * 63
