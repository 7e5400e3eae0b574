"""API keys and app passwords: what they open, what they never do, and how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from graph.build import build_schema
from graph.reach import MUTATIONS, ONESELF, OPEN, OWN_QUERIES, needed_scope
from services.errors import Conflict, Denied, Invalid, NotFound, Unauthenticated
from services.events import SessionEnded
from services.keys.access_keys import LIMIT
from services.keys.key_ring import KeyKind
from services.viewer import Role
from tests.catalogue_rig import PASSWORD


async def _key(ann, *scopes, kind=KeyKind.API, **more):
    create = ann.rig.house.access_keys.create
    return await create(ann.viewer, kind, name="Program", scopes=scopes or ["read"], password=PASSWORD, **more)


async def _viewer(ann, secret):
    return await ann.rig.house.accounts.viewer_for(secret)


async def test_a_key_stands_for_its_owner_within_its_scopes(ann):
    viewer = await _viewer(ann, (await _key(ann, "read")).secret)
    assert (viewer.user_id, viewer.scopes, viewer.expires_at) == (ann.id, frozenset({"read"}), None)
    assert (await ann.rig.data("{ me { username } }", viewer))["me"]["username"] == "ann"
    [refused] = await ann.rig.errors('mutation { createPlaylist(name: "x") { playlist { id } } }', viewer)
    assert refused["code"] == "SCOPE_NEEDED"
    assert await ann.rig.store.playlists.count({}) == 0
    writer = await _viewer(ann, (await _key(ann, "write")).secret)
    await ann.rig.data('mutation { createPlaylist(name: "x") { playlist { id } } }', writer)
    [refused] = await ann.rig.errors("{ me { username } }", writer)
    assert refused["code"] == "SCOPE_NEEDED"


@pytest.mark.parametrize(
    "text",
    [
        "{ myApiKeys { id } }",
        "{ mySessions { id } }",
        "{ secondFactor { enabled } }",
        f'mutation {{ createApiKey(name: "n", scopes: [READ], password: "{PASSWORD}") {{ secret }} }}',
        f'mutation {{ beginSecondFactor(password: "{PASSWORD}") {{ secret }} }}',
        "mutation { logoutEverywhere { ended } }",
        'mutation { updateProfile(bio: "mine now") { user { id } } }',
    ],
)
async def test_no_key_touches_the_account_whatever_its_scopes(ann, text):
    viewer = await _viewer(ann, (await _key(ann, "read", "write", "stream", "upload", "manage")).secret)
    [refused] = await ann.rig.errors(text, viewer)
    assert refused["code"] == "KEYS_MAY_NOT"


async def test_the_services_refuse_a_key_themselves(ann):
    viewer, house = await _viewer(ann, (await _key(ann, "manage", "write")).secret), ann.rig.house
    for refused in (
        house.access_keys.listing(viewer, KeyKind.API),
        house.my_sessions.log_out_everywhere(viewer),
        house.second_factor_setup.state(viewer),
        house.accounts.reproof.require(viewer, password=PASSWORD),
    ):
        with pytest.raises(Denied) as fault:
            await refused
        assert fault.value.reason == "KEYS_MAY_NOT"


async def test_a_key_has_its_owners_roles_only_if_it_was_given_them(ann):
    await ann.rig.store.users.update({"_id": ann.id}, {"$set": {"roles": ["admin"]}})
    plain = await _viewer(ann, (await _key(ann, "read", "write")).secret)
    managing = await _viewer(ann, (await _key(ann, "read", "manage")).secret)
    assert (plain.has(Role.MODERATOR), managing.has(Role.MODERATOR)) == (False, True)


async def test_every_mutation_that_a_key_reaches_is_there_and_the_rest_is_for_people():
    schema = build_schema()
    assert set(MUTATIONS) <= set(schema.mutation_type.fields)
    assert set(schema.query_type.fields) >= OWN_QUERIES
    assert needed_scope("Mutation", "somethingNew") == ONESELF
    assert not OPEN & set(MUTATIONS)


async def test_a_revoked_key_is_refused_at_once_and_what_listened_by_it_is_told(ann):
    fresh, heard = await _key(ann), []
    ann.rig.house.bus.hear(SessionEnded, heard.append)
    await _viewer(ann, fresh.secret)
    await ann.rig.house.access_keys.revoke(ann.viewer, KeyKind.API, fresh.key.id)
    with pytest.raises(Unauthenticated):
        await _viewer(ann, fresh.secret)
    assert heard == [SessionEnded(ann.id, fresh.key.id)]
    with pytest.raises(NotFound):
        await ann.rig.house.access_keys.revoke(ann.viewer, KeyKind.API, fresh.key.id)


async def test_a_key_ends_by_itself_and_with_its_owners_leave(ann):
    ends = ann.rig.clock.now() + timedelta(hours=1)
    fresh = await _key(ann, expires_at=ends)
    assert (await _viewer(ann, fresh.secret)).expires_at == ends
    ann.rig.clock.turn(3600)
    with pytest.raises(Unauthenticated):
        await _viewer(ann, fresh.secret)
    assert await ann.rig.house.access_keys.listing(ann.viewer, KeyKind.API) == []
    assert await ann.rig.house.access_keys.sweep() == 1
    lasting = await _key(ann)
    await ann.rig.store.users.update({"_id": ann.id}, {"$set": {"is_suspended": True}})
    with pytest.raises(Unauthenticated):
        await _viewer(ann, lasting.secret)


@pytest.mark.parametrize("shown", ["tutti_", "tutti_nobodys", "tutti_" + "a" * 5000, "tutti_\ud800", "key-1"])
async def test_what_is_no_key_opens_nothing(ann, shown):
    with pytest.raises(Unauthenticated):
        await _viewer(ann, shown)


async def test_its_use_is_noted_every_ten_minutes_and_not_for_each_request(ann):
    fresh = await _key(ann)
    await _viewer(ann, fresh.secret)
    first = (await ann.rig.store.access_keys.get(fresh.key.id)).last_used_at
    for seconds in (1, 60, 300):
        ann.rig.clock.turn(seconds)
        await _viewer(ann, fresh.secret)
    assert (await ann.rig.store.access_keys.get(fresh.key.id)).last_used_at == first == fresh.key.created_at
    ann.rig.clock.turn(300)
    await _viewer(ann, fresh.secret)
    assert (await ann.rig.store.access_keys.get(fresh.key.id)).last_used_at == ann.rig.clock.now()
    before = dict(ann.rig.engine.asked)
    await _viewer(ann, fresh.secret)
    assert dict(ann.rig.engine.asked) == before


async def test_an_app_password_signs_in_where_the_password_does_and_may_less(ann):
    await ann.protect()
    fresh = await _key(ann, "read", "stream", kind=KeyKind.APP)
    for typed in (fresh.secret, fresh.secret.upper().replace("-", " ")):
        signed_in = await ann.log_in(password=typed)
        viewer = await _viewer(ann, signed_in.token)
        assert viewer.scopes == frozenset({"read", "stream"})
    again = await ann.rig.house.accounts.signing_in.refresh(signed_in.refresh_token)
    assert (await _viewer(ann, again.token)).scopes == frozenset({"read", "stream"})
    with pytest.raises(Denied):
        await ann.rig.house.second_factor_setup.state(await _viewer(ann, again.token))
    await ann.rig.house.access_keys.revoke(ann.viewer, KeyKind.APP, fresh.key.id)
    with pytest.raises(Unauthenticated):
        await _viewer(ann, again.token)
    with pytest.raises(Unauthenticated):
        await ann.log_in(password=fresh.secret)


async def test_an_app_password_is_its_owners_alone_and_no_bearer_token(ann):
    fresh = await _key(ann, kind=KeyKind.APP)
    await ann.rig.sign_up("bob")
    with pytest.raises(Unauthenticated):
        await ann.log_in(email="bob@example.com", password=fresh.secret)
    with pytest.raises(Unauthenticated):
        await _viewer(ann, fresh.secret)
    api = await _key(ann)
    with pytest.raises(Unauthenticated):
        await ann.log_in(password=api.secret)


async def test_a_key_is_made_by_ones_password_and_told_by_mail(ann):
    create = ann.rig.house.access_keys.create
    with pytest.raises(Unauthenticated):
        await create(ann.viewer, KeyKind.API, name="n", scopes=["read"], password="wrong wrong")
    for name, scopes, field in (("", ["read"], "name"), ("n" * 61, ["read"], "name"), ("n", [], "scopes")):
        with pytest.raises(Invalid) as fault:
            await create(ann.viewer, KeyKind.API, name=name, scopes=scopes, password=PASSWORD)
        assert fault.value.field == field
    with pytest.raises(Invalid):
        await _key(ann, expires_at=ann.rig.clock.now())
    assert await ann.rig.store.access_keys.count({}) == 0
    fresh = await _key(ann)
    assert await ann.mails() == ["A key to your account was made"]
    stored = repr([await ann.rig.store.engine.find(name, {}) for name in ("access_keys", "outbox", "notifications")])
    assert fresh.secret not in stored
    assert fresh.secret not in repr(fresh)


async def test_there_are_twenty_of_each_at_most(ann):
    for _ in range(LIMIT):
        await _key(ann)
    with pytest.raises(Conflict) as full:
        await _key(ann)
    assert full.value.reason == "TOO_MANY_KEYS"
    assert (await _key(ann, kind=KeyKind.APP)).secret
