"""A parental lock keeps explicit songs off on every way to them, until the PIN is given."""

import pytest

from services.accounts.preferences import PreferencesEdit
from services.errors import Conflict, Denied, Invalid, NotFound, TooMany, Unauthenticated
from tests.catalogue_rig import PASSWORD


async def explicit(music, viewer):
    """Whether the explicit song is there for this session now."""
    now = await music.house.accounts.renewed(viewer, fresh=True)
    asked = '{ song(id: "s1") { title } search(query: "s1") { songs { id } } }'
    title = (await music.ask(asked, now))["data"]["song"]
    return now.explicit_content, title is not None


async def test_a_lock_keeps_explicit_songs_off_until_the_pin_is_given(music):
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_explicit": True}})
    ann = await music.sign_up("ann")
    locks, preferences = music.house.parental_locks, music.house.preferences
    assert await explicit(music, ann) == (True, True)
    for bad in ("123", "123456789", "12a4", "١٢٣٤"):
        with pytest.raises(Invalid):
            await locks.set(ann, bad)
    assert (await locks.set(ann, "4711")).is_locked
    assert await explicit(music, ann) == (False, False)
    with pytest.raises(Denied) as refused:
        await preferences.update(ann, PreferencesEdit(explicit_content=True, autoplay=False))
    assert refused.value.reason == "PARENTAL_LOCK"
    assert (await preferences.of(ann)).autoplay
    with pytest.raises(Conflict):
        await locks.set(ann, "0000")
    assert (await locks.open(ann, "4711")).is_open
    assert await explicit(music, ann) == (True, True)
    await preferences.update(ann, PreferencesEdit(explicit_content=True))
    await preferences.update(ann, PreferencesEdit(explicit_content=False))
    assert await explicit(music, ann) == (False, False)
    with pytest.raises(Denied):
        await preferences.update(ann, PreferencesEdit(explicit_content=True))
    stored = await music.store.parental_locks.get(ann.user_id)
    assert "4711" not in str(stored)


async def test_pins_are_not_guessed(music):
    ann = await music.sign_up("ann")
    locks = music.house.parental_locks
    await locks.set(ann, "4711")
    for number in range(5):
        with pytest.raises(Unauthenticated) as wrong:
            await locks.open(ann, f"000{number}")
        assert wrong.value.reason == "WRONG_PIN"
    with pytest.raises(TooMany):
        await locks.open(ann, "4711")
    with pytest.raises(TooMany):
        await locks.remove(ann, pin="4711")
    music.clock.turn(900)
    assert (await locks.open(ann, "4711")).is_open


async def test_a_forgotten_pin_is_removed_by_the_password(music):
    ann = await music.sign_up("ann")
    await music.house.parental_locks.set(ann, "4711")
    with pytest.raises(Unauthenticated):
        await music.house.parental_locks.remove(ann, password="not it at all")
    assert not (await music.house.parental_locks.remove(ann, password=PASSWORD)).is_locked
    await music.house.preferences.update(ann, PreferencesEdit(explicit_content=True))


async def test_the_owner_of_a_family_locks_its_members_and_nobody_else(music):
    ann, kid, bob = [await music.sign_up(name) for name in ("ann", "kid", "bob")]
    row = {"_id": kid.user_id, "family_id": ann.user_id, "place": f"{ann.user_id}:1"}
    await music.store.engine.insert("family_members", row | {"joined_at": music.clock.now()})
    locks = music.house.parental_locks
    await locks.set(kid, "1111")
    assert (await locks.set(ann, "4711", kid.user_id)).by_guardian
    for stranger, target in ((bob, kid), (kid, ann), (ann, bob)):
        with pytest.raises(NotFound):
            await locks.set(stranger, "4711", target.user_id)
        with pytest.raises(NotFound):
            await locks.remove(stranger, user_id=target.user_id)
    with pytest.raises(Unauthenticated):
        await locks.open(kid, "1111")
    with pytest.raises(Denied) as needed:
        await locks.remove(kid, password=PASSWORD)
    assert needed.value.reason == "PIN_NEEDED"
    assert not (await locks.remove(ann, user_id=kid.user_id)).is_locked
    await locks.set(ann, "4711", kid.user_id)
    await music.store.family_members.delete({"_id": kid.user_id})
    assert not (await locks.remove(kid, password=PASSWORD)).is_locked
    actions = [line.action for line in await music.store.audit_entries.find({}, sort=[("number", 1)])]
    assert actions[-2:] == ["parental_lock.remove", "parental_lock.set"]
