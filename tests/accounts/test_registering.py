from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from services.accounts.gate import GateLimits
from services.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unauthenticated
from services.viewer import NOBODY, SYSTEM, Role, Viewer
from tests.accounts.account_rig import PASSWORD


async def test_a_newcomer_is_registered_and_signed_in(rig):
    signed_in = await rig.accounts.register(
        NOBODY,
        email=" Music.Lover@Example.com ",
        username="MusicLover",
        password="SecurePass123!",
        first_name="Zoë",
        last_name=" Ångström ",
        user_agent="Test/1",
        address="192.0.2.7",
    )
    stored = await rig.store.users.get(signed_in.user.id)
    assert (stored.email, stored.email_key) == ("Music.Lover@Example.com", "music.lover@example.com")
    assert (stored.username, stored.username_key) == ("MusicLover", "musiciover")
    assert (stored.first_name, stored.last_name) == ("Zoë", "Ångström")
    assert (stored.roles, stored.is_verified, stored.is_demo) == ([], False, False)
    assert stored.created_at == stored.updated_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert stored.password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    viewer = await rig.accounts.viewer_for(signed_in.token)
    assert viewer == Viewer(
        user_id=stored.id, session_id=viewer.session_id, expires_at=datetime(2026, 3, 1, 12, 15, tzinfo=UTC)
    )
    session = await rig.store.sessions.get(viewer.session_id)
    assert (session.user_id, session.user_agent, session.address) == (stored.id, "Test/1", "192.0.2.7")
    assert session.expires_at == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


async def test_what_comes_back_holds_no_hash_and_no_key(rig):
    user = (await rig.register()).user
    assert (user.password_hash, user.email_key, user.username_key) == ("", "", "")
    assert user.email == "musiclover@example.com"


@pytest.mark.parametrize(
    "taken",
    [
        {"email": "musiclover@example.com", "username": "other"},
        {"email": "MUSICLOVER@example.COM", "username": "other"},
        {"email": "ｍusiclover@example.com", "username": "other"},
        {"email": "other@example.com", "username": "MusicLover"},
        {"email": "other@example.com", "username": "musicIover"},
        {"email": "other@example.com", "username": "Mus1cL0ver"},
        {"email": "musiclover@example.com", "username": "musiclover"},
    ],
)
async def test_a_taken_email_and_a_taken_username_get_the_same_answer_at_the_same_price(rig, taken):
    await rig.register()
    hashed = rig.passwords.hashed
    with pytest.raises(Conflict) as refused:
        await rig.register(**taken)
    assert refused.value.message == "That e-mail or username cannot be used."
    assert refused.value.extensions == {"code": "CONFLICT"}
    assert rig.passwords.hashed == hashed + 1
    assert await rig.store.users.count({}) == 1
    assert await rig.store.sessions.count({}) == 1


async def test_of_eight_who_register_one_name_at_once_one_gets_it(rig):
    tries = [rig.register(email=f"n{number}@example.com", username="same") for number in range(8)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7
    assert await rig.store.users.count({}) == 1


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"email": "nobody"}, "email", "INVALID"),
        ({"username": "no"}, "username", "INVALID"),
        ({"username": "admin"}, "username", "INVALID"),
        ({"first_name": "x" * 101}, "firstName", "INVALID"),
        ({"last_name": "nul\0"}, "lastName", "INVALID"),
        ({"last_name": "\ud800"}, "lastName", "INVALID"),
        ({"password": "short"}, "password", "PASSWORD_TOO_SHORT"),
        ({"password": "x y" * 100}, "password", "PASSWORD_TOO_LONG"),
        ({"password": "MusicLover@Example.com"}, "password", "PASSWORD_TOO_WEAK"),
        ({"password": "MUSICLOVER"}, "password", "PASSWORD_TOO_WEAK"),
    ],
)
async def test_each_refusal_names_its_field_and_leaves_nothing(rig, wrong, field, code):
    with pytest.raises(Invalid) as refused:
        await rig.register(**wrong)
    assert refused.value.extensions == {"code": code, "field": field}
    assert await rig.store.users.count({}) == 0
    assert rig.passwords.hashed == 0


async def test_a_closed_house_takes_nobody_but_from_its_admins(build):
    rig = build(registration_open=False)
    with pytest.raises(Denied) as refused:
        await rig.register()
    assert refused.value.reason == "REGISTRATION_CLOSED"
    assert await rig.store.users.count({}) == 0
    await rig.accounts.register(SYSTEM, email="a@example.com", username="invited", password=PASSWORD)
    assert await rig.store.users.count({}) == 1


async def test_one_address_cannot_register_without_end(build):
    rig = build(limits=GateLimits(register_tries=2, register_seconds=60))
    await rig.register("one", address="192.0.2.1")
    with pytest.raises(Conflict):
        await rig.register("one", address="192.0.2.1")
    with pytest.raises(TooMany) as refused:
        await rig.register("two", address="192.0.2.1")
    assert refused.value.retry_after == 60.0
    await rig.register("three", address="192.0.2.2")
    rig.clock.turn(60)
    await rig.register("two", address="192.0.2.1")
    assert await rig.store.users.count({}) == 3


async def test_the_house_makes_admins_and_nobody_else_does(rig):
    admin = await rig.accounts.create_admin(email="boss@example.com", username="admin", password=PASSWORD)
    assert (admin.roles, admin.is_verified) == (["admin"], True)
    listener = await rig.accounts.viewer_for((await rig.register()).token)
    for viewer, refusal in ((NOBODY, Unauthenticated), (listener, Denied)):
        with pytest.raises(refusal):
            await rig.accounts.create_admin(viewer, email="me@example.com", username="mine", password=PASSWORD)
    viewer = await rig.accounts.viewer_for((await rig.log_in(email="admin")).token)
    assert viewer.has(Role.ADMIN)
    assert await rig.store.users.count({}) == 2


async def test_demo_accounts_are_made_once_and_open_the_door(rig):
    made = await rig.accounts.create_demo_accounts()
    assert [(user.email, user.username, user.roles, user.is_demo) for user in made] == [
        ("listener@demo.tutti", "demo-listener", [], True),
        ("artist@demo.tutti", "demo-artist", ["artist"], True),
        ("admin@demo.tutti", "demo-admin", ["admin"], True),
    ]
    assert [user.id for user in await rig.accounts.create_demo_accounts()] == [user.id for user in made]
    assert await rig.store.users.count({}) == 3
    signed_in = await rig.log_in(email="artist@demo.tutti", password="tutti-demo-2026")
    assert signed_in.user.is_artist


async def test_in_production_demo_accounts_do_not_exist_even_when_left_over(build):
    before = build()
    demo = (await before.accounts.create_demo_accounts())[0]
    signed_in = await before.log_in(email="listener@demo.tutti", password="tutti-demo-2026")
    rig = build(production=True)
    with pytest.raises(Denied):
        await rig.accounts.create_demo_accounts()
    with pytest.raises(Unauthenticated) as refused:
        await rig.log_in(email="listener@demo.tutti", password="tutti-demo-2026")
    assert refused.value.reason == "WRONG_CREDENTIALS"
    with pytest.raises(Unauthenticated):
        await rig.accounts.viewer_for(signed_in.token)
    with pytest.raises(NotFound):
        await rig.accounts.user(NOBODY, demo.id)
    with pytest.raises(Unauthenticated):
        await rig.accounts.signing_in.refresh(signed_in.refresh_token)


async def test_a_stranger_sees_the_public_profile_alone(rig):
    owner = await rig.register(first_name="Zoë")
    seen = await rig.accounts.by_username(NOBODY, "MUSICLOVER")
    assert (seen.id, seen.username, seen.first_name) == (owner.user.id, "musiclover", "Zoë")
    assert (seen.email, seen.email_key, seen.password_hash, seen.birth_date) == ("", "", "", None)
    assert (await rig.accounts.user(SYSTEM, owner.user.id)).email == "musiclover@example.com"
    assert (await rig.accounts.user(Viewer(user_id=owner.user.id), owner.user.id)).email == "musiclover@example.com"


async def test_the_preferred_quality_is_the_viewers_own(rig):
    owner = Viewer(user_id=(await rig.register()).user.id)
    assert await rig.accounts.audio_quality(owner) == "high"
    await rig.store.users.update({"_id": owner.user_id}, {"$set": {"preferences.audio_quality": "low"}})
    assert await rig.accounts.audio_quality(owner) == "low"
    assert [await rig.accounts.audio_quality(viewer) for viewer in (NOBODY, SYSTEM)] == ["high", "high"]


async def test_an_absent_and_a_suspended_user_are_the_same_answer(rig):
    owner = await rig.register()
    await rig.suspend(owner.user.id)
    answers = []
    for id in (owner.user.id, "absent"):
        with pytest.raises(NotFound) as refused:
            await rig.accounts.user(NOBODY, id)
        answers.append((refused.value.message, refused.value.extensions))
    assert answers[0] == answers[1]
    for id in ("\ud800", "x" * 100 + "\ud800", "nul\0", ""):
        with pytest.raises(NotFound):
            await rig.accounts.user(NOBODY, id)
    for name in ("musiclover", "absent", "\ud800", "x" * 5000, ""):
        with pytest.raises(NotFound):
            await rig.accounts.by_username(NOBODY, name)
    moderator = Viewer(user_id="m", roles=frozenset({Role.MODERATOR}))
    assert (await rig.accounts.by_username(moderator, "musiclover")).is_suspended


async def test_a_look_alike_name_does_not_lead_to_somebody_else(rig):
    await rig.register("paul")
    with pytest.raises(NotFound):
        await rig.accounts.by_username(NOBODY, "pau1")
    with pytest.raises(Unauthenticated):
        await rig.log_in(email="pau1")
