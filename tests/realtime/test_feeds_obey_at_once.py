"""Who may know what changes while streams are open: they hear of it at once, not with the next song or sign of life."""

from __future__ import annotations

import asyncio

import pytest

from services.accounts.people_access import ProfileVisibility
from services.accounts.preferences import PreferencesEdit
from services.accounts.profiles import ProfileEdit
from services.errors import NotFound
from services.presence.presences import Seen
from services.presence.reducer import Status
from tests.realtime.player.street import open_street
from tests.realtime.small_house import until


async def told(source):
    return await asyncio.wait_for(anext(source), 5)


@pytest.fixture
async def listening(tmp_path):
    """Bob follows Ann, who is here and plays, and has all three streams open; their first states are read."""
    async with open_street(tmp_path) as street:
        ann, bob = await street.rig.sign_up("ann"), await street.rig.sign_up("bob")
        street.ann, street.bob = ann, bob
        await street.house.follows.follow_user(bob, ann.user_id)
        await street.house.presence_watch.come(ann.user_id, "seat")
        await street.house.now_playing.report(ann, "song")
        feeds = street.newsroom.feeds
        street.person = await feeds.presence(bob, ann.user_id)
        street.friends = await feeds.friends(bob)
        street.now = await feeds.now_playing(bob, ann.user_id)
        assert (await told(street.person)).song_id == "song"
        assert [each.song_id for each in await told(street.friends)] == ["song"]
        assert (await told(street.now)).song_id == "song"
        yield street
        for source in (street.person, street.friends, street.now):
            await source.aclose()


async def test_who_is_unfollowed_is_gone_from_every_open_stream_and_comes_back(listening):
    follows, ann, bob = listening.house.follows, listening.ann, listening.bob
    await follows.unfollow_user(bob, ann.user_id)
    assert await told(listening.friends) == []
    assert (await told(listening.now)).song_id is None
    with pytest.raises(NotFound):
        await told(listening.person)
    await follows.follow_user(bob, ann.user_id)
    assert [each.song_id for each in await told(listening.friends)] == ["song"]
    assert (await told(listening.now)).song_id == "song"


async def test_a_private_session_begun_looks_like_leaving_and_its_end_tells_no_old_song(listening):
    preferences, ann = listening.house.preferences, listening.ann
    await preferences.update(ann, PreferencesEdit(private_session=True))
    assert (await told(listening.now)).song_id is None
    while (seen := await told(listening.person)).status is not Status.OFFLINE:
        assert seen.song_id is None
    assert seen == Seen(ann.user_id)
    while (friends := await told(listening.friends)) != []:
        assert [each.song_id for each in friends] == [None]
    await preferences.update(ann, PreferencesEdit(private_session=False))
    seen = await told(listening.person)
    assert (seen.status, seen.song_id) == (Status.ONLINE, None)
    await listening.house.now_playing.report(ann, "next")
    assert (await told(listening.now)).song_id == "next"


@pytest.mark.parametrize("how", ["presence", "profile"])
async def test_a_setting_that_closes_somebody_closes_what_is_open(listening, how):
    house, ann = listening.house, listening.ann
    if how == "presence":
        await house.preferences.update(ann, PreferencesEdit(presence_visibility=ProfileVisibility.ONLY_ME))
    else:
        await house.profiles.update(ann, ProfileEdit(profile_visibility=ProfileVisibility.ONLY_ME))
    assert await told(listening.friends) == []
    assert (await told(listening.now)).song_id is None
    with pytest.raises(NotFound):
        await told(listening.person)


async def test_streams_that_ended_are_remembered_by_nobody(listening):
    feeds, bob, ann = listening.newsroom.feeds, listening.bob, listening.ann
    carriers = [each for each in listening.newsroom.carriers if getattr(each, "_sources", None)]
    assert [len(each._sources) for each in carriers] == [1, 2]
    for _ in range(20):
        for source in (
            await feeds.presence(bob, ann.user_id),
            await feeds.friends(bob),
            await feeds.now_playing(bob, ann.user_id),
        ):
            await source.aclose()
    with pytest.raises(NotFound):
        await feeds.now_playing(ann, bob.user_id)
    await until(lambda: [len(each._sources) for each in carriers] == [1, 2])


async def test_what_was_missed_while_another_process_could_not_be_heard_is_asked_anew(listening):
    street, ann = listening, listening.ann
    await street.rig.store.users.update({"_id": ann.user_id}, {"$set": {"preferences.private_session": True}})
    assert street.newsroom.look_again() == 3
    assert (await told(street.now)).song_id is None
    assert await told(street.friends) == []
