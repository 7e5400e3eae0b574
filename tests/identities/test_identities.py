"""Who gets which account: a small house, and what providers prove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.errors import Conflict, Denied, NotFound, Unauthenticated
from services.identities.code_flow import Proven
from services.identities.identities import Identities
from services.identities.providers import Provider
from services.identities.usernames import suggested_usernames
from services.reproving import Reproof
from services.viewer import Role, Viewer

ANN = Proven("work", "s1", "ann.b@work.test", True, "Änn B")


class Willing(Reproof):
    async def require(self, viewer, *, password=None):
        if password == "wrong":
            raise Unauthenticated("no")


class Lines:
    def __init__(self):
        self.lines = []

    async def note(self, viewer, action, kind, id, **details):
        self.lines.append((action, id, details))


def desk(rig, **options):
    accounts = rig.house.accounts
    mapped = Provider("work", "Work", roles={"crew": Role.MODERATOR})
    neighbours = (accounts.sessions, accounts.signing_in, Willing(), Lines())
    made = Identities(rig.store, rig.clock, rig.house.bus, *neighbours, {"work": mapped}, **options)
    made.lines = made._audit.lines
    return made


def viewer_of(signed_in):
    return Viewer(user_id=signed_in.user.id, session_id="s", roles=frozenset({Role.LISTENER}))


async def test_the_first_sign_in_makes_an_account_and_the_next_finds_it(rig):
    identities = desk(rig)
    first = await identities.enter(ANN)
    assert (first.user.username, first.user.email, first.user.is_verified) == ("Ann-B", "ann.b@work.test", True)
    again = await identities.enter(replace(ANN, email="new@work.test", email_verified=False))
    assert (again.user.id, again.user.email) == (first.user.id, "ann.b@work.test")
    other = await identities.enter(replace(ANN, provider="home", email="x@home.test"))
    assert other.user.id != first.user.id and other.user.username.startswith("Ann-B-")
    assert await rig.store.identities.count({}) == 2


async def test_an_account_is_joined_by_its_address_only_where_both_sides_vouch_for_it(rig):
    identities, there = desk(rig), await rig.sign_in("ann")
    await rig.store.users.update({"_id": there.user.id}, {"$set": {"is_verified": False}})
    proven = replace(ANN, email=there.user.email)
    for ours, theirs in ((False, True), (True, False), (False, False)):
        await rig.store.users.update({"_id": there.user.id}, {"$set": {"is_verified": ours}})
        with pytest.raises(Denied) as refused:
            await identities.enter(replace(proven, email_verified=theirs))
        assert refused.value.reason == "SIGN_IN_FIRST"
    assert (await rig.store.identities.count({}), await rig.store.users.count({})) == (0, 1)
    await rig.store.users.update({"_id": there.user.id}, {"$set": {"is_verified": True}})
    assert (await identities.enter(proven)).user.id == there.user.id
    assert [line[0] for line in identities.lines] == ["identity.joined"]


async def test_nobody_is_let_in_who_may_not_enter_and_nobody_new_where_the_house_is_closed(rig):
    identities = desk(rig)
    ann = await identities.enter(ANN)
    await rig.store.users.update({"_id": ann.user.id}, {"$set": {"is_suspended": True}})
    with pytest.raises(Unauthenticated) as refused:
        await identities.enter(ANN)
    assert (refused.value.reason, refused.value.message) == ("WRONG_CREDENTIALS", "These credentials are not right.")
    with pytest.raises(Unauthenticated):
        await identities.enter(replace(ANN, provider="home"))
    closed = desk(rig, registration_open=False)
    for proven, code in (
        (replace(ANN, subject="s2", email="b@work.test"), "REGISTRATION_CLOSED"),
        (replace(ANN, subject="s2", email=""), "EMAIL_NEEDED"),
        (replace(ANN, subject="s2", email="no address"), "EMAIL_NEEDED"),
    ):
        with pytest.raises(Denied) as denied:
            await closed.enter(proven)
        assert denied.value.reason == code
    assert (await rig.store.identities.count({}), await rig.store.users.count({})) == (1, 1)


async def test_a_sign_in_is_linked_and_unlinked_by_its_owner_and_never_the_last_one(rig):
    identities = desk(rig)
    ann, bob = await identities.enter(ANN), await rig.sign_up("bob")
    with pytest.raises(Conflict):
        await identities.link(bob, ANN)
    with pytest.raises(Unauthenticated):
        await identities.link(bob, replace(ANN, subject="b"), password="wrong")
    linked = await identities.link(bob, replace(ANN, subject="b"))
    assert [each.id for each in await identities.mine(bob)] == [linked.id]
    with pytest.raises(NotFound):
        await identities.unlink(viewer_of(ann), linked.id)
    [only] = await identities.mine(viewer_of(ann))
    with pytest.raises(Denied) as refused:
        await identities.unlink(viewer_of(ann), only.id)
    assert refused.value.reason == "LAST_WAY_IN"
    assert (await identities.enter(ANN)).user.id == ann.user.id
    await identities.unlink(bob, linked.id)
    assert await identities.mine(bob) == []


async def test_roles_follow_the_provider_where_it_has_a_say_and_nowhere_else(rig):
    identities = desk(rig)
    ann = await identities.enter(replace(ANN, roles=frozenset({Role.MODERATOR})))
    assert ann.user.roles == [Role.MODERATOR.value]
    await rig.store.users.update({"_id": ann.user.id}, {"$set": {"roles": [Role.ARTIST.value, Role.MODERATOR.value]}})
    assert (await identities.enter(ANN)).user.roles == [Role.ARTIST.value, Role.MODERATOR.value]
    assert (await identities.enter(replace(ANN, roles=frozenset()))).user.roles == [Role.ARTIST.value]
    assert [line[0] for line in identities.lines] == ["roles.followed", "roles.followed"]


def test_usernames_are_made_from_what_is_told_and_never_the_houses_own():
    assert next(suggested_usernames("Änn  B.")) == "Ann-B"
    assert next(suggested_usernames("admin", "ann.b@work.test")) == "ann-b"
    assert next(suggested_usernames("日本", "")) == "listener"
    assert all(len(name) <= 30 for name in suggested_usernames("x" * 500))
