"""Blocks hold both ways and everywhere; mutes are one's own and nobody learns of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.errors import Conflict, Invalid, NotFound
from services.people import blocks as blocks_module
from services.viewer import NOBODY, Role

BLOCK = "mutation ($id: ID!) { blockUser(userId: $id) { success user { id username } } }"
UNBLOCK = "mutation ($id: ID!) { unblockUser(userId: $id) { success } }"
MUTE = "mutation ($id: ID!) { muteUser(userId: $id) { success user { username isMuted } } }"
UNMUTE = "mutation ($id: ID!) { unmuteUser(userId: $id) { success user { username isMuted } } }"
WHO = "query ($id: ID!) { user(id: $id) { username } }"


@pytest.fixture
async def pair(music):
    """Ann and Bert, who follow each other; Ann has a public playlist."""
    ann, bert = await music.sign_up("ann"), await music.sign_up("bert")
    await music.house.follows.follow_user(ann, bert.user_id)
    await music.house.follows.follow_user(bert, ann.user_id)
    await music.house.announcer.settled()
    return ann, bert


async def anew(music, viewer):
    """The viewer as their next request would find them."""
    return await music.house.accounts.renewed(viewer)


async def both(music, pair):
    return [await anew(music, each) for each in pair]


async def test_neither_finds_the_other_and_what_was_followed_ends(music, pair):
    ann, bert = pair
    assert (await music.data(BLOCK, ann, id=bert.user_id))["blockUser"] == {
        "success": True,
        "user": {"id": bert.user_id, "username": "bert"},
    }
    ann, bert = await both(music, pair)
    for one, other in ((ann, bert), (bert, ann)):
        assert (await music.data(WHO, one, id=other.user_id))["user"] is None
        assert await music.errors("mutation ($id: ID!) { followUser(userId: $id) { success } }", one, id=other.user_id)
        assert (await music.data("{ followedUsers { totalCount } }", one))["followedUsers"]["totalCount"] == 0
        assert (await music.store.users.get(one.user_id)).follower_count == 0
    assert (await music.data(WHO, NOBODY, id=ann.user_id))["user"] == {"username": "ann"}
    moderator = await music.sign_up("mod", Role.MODERATOR)
    assert (await music.data(WHO, moderator, id=bert.user_id))["user"] == {"username": "bert"}
    assert (await music.data("{ blockedUsers { username } mutedUsers { username } }", ann)) == {
        "blockedUsers": [{"username": "bert"}],
        "mutedUsers": [],
    }
    assert (await music.data("{ blockedUsers { username } }", bert))["blockedUsers"] == []


async def test_who_is_blocked_is_refused_though_the_viewer_is_some_seconds_old(music, pair):
    ann, bert = pair
    await music.data(BLOCK, ann, id=bert.user_id)
    assert bert.unseen == frozenset()
    assert (await music.data(WHO, bert, id=ann.user_id))["user"] is None


async def test_lists_and_reviews_are_hidden_from_both(music, pair):
    ann, bert = pair
    made = await music.data('mutation { createPlaylist(name: "Road", isPublic: true) { playlist { id } } }', ann)
    playlist = made["createPlaylist"]["playlist"]["id"]
    add = 'mutation { addReview(songId: "s1", rating: 5, comment: "Fine") { review { id } } }'
    await music.data(add, bert)
    reviews = '{ reviews(songId: "s1") { edges { node { comment } } } }'
    see = "query ($id: ID!) { playlist(id: $id) { name } }"
    assert (await music.data(see, bert, id=playlist))["playlist"] == {"name": "Road"}
    assert len((await music.data(reviews, ann))["reviews"]["edges"]) == 1
    await music.data(BLOCK, ann, id=bert.user_id)
    ann, bert = await both(music, pair)
    assert (await music.data(see, bert, id=playlist))["playlist"] is None
    assert (await music.data(reviews, ann))["reviews"]["edges"] == []
    assert len((await music.data(reviews, NOBODY))["reviews"]["edges"]) == 1
    await music.data(UNBLOCK, ann, id=bert.user_id)
    ann, bert = await both(music, pair)
    assert (ann.unseen, bert.unseen) == (frozenset(), frozenset())
    assert (await music.data(see, bert, id=playlist))["playlist"] == {"name": "Road"}
    assert len((await music.data(reviews, ann))["reviews"]["edges"]) == 1
    assert (await music.data("{ followedUsers { totalCount } }", ann))["followedUsers"]["totalCount"] == 0


async def test_a_muted_persons_news_are_kept_away_and_they_never_learn_of_it(music, pair):
    ann, bert = pair
    assert (await music.data(MUTE, ann, id=bert.user_id))["muteUser"]["user"]["username"] == "bert"
    ann, bert = await both(music, pair)
    await music.house.follows.unfollow_user(bert, ann.user_id)
    assert await music.store.notifications.delete({"user_id": ann.user_id}, many=True) == 1
    await music.house.follows.follow_user(bert, ann.user_id)
    await music.house.announcer.settled()
    assert await music.store.notifications.count({"user_id": ann.user_id}) == 0
    await music.data('mutation { addReview(songId: "s1", rating: 5, comment: "Fine") { review { id } } }', bert)
    assert (await music.data('{ reviews(songId: "s1") { totalCount } }', ann))["reviews"]["totalCount"] == 0
    assert (await music.data(WHO, ann, id=bert.user_id))["user"] == {"username": "bert"}
    assert (await music.data("query ($id: ID!) { user(id: $id) { isMuted isFollowed } }", bert, id=ann.user_id)) == {
        "user": {"isMuted": False, "isFollowed": True}
    }
    unmuted = await music.data(UNMUTE, ann, id=bert.user_id)
    assert unmuted["unmuteUser"]["success"]
    ann = await anew(music, ann)
    assert (await music.data('{ reviews(songId: "s1") { totalCount } }', ann))["reviews"]["totalCount"] == 1


async def test_what_somebody_plays_is_hidden_by_a_block_and_by_a_mute(music, pair):
    ann, bert = pair
    people = music.house.accounts.people
    assert await people.may_hear(ann, bert.user_id)
    assert not await people.may_hear(replace(ann, muted=frozenset({bert.user_id})), bert.user_id)
    assert not await people.may_hear(replace(ann, unseen=frozenset({bert.user_id})), bert.user_id)


async def test_blocking_is_refused_by_name(music, pair, monkeypatch):
    ann, bert = pair
    blocks = music.house.blocks
    with pytest.raises(Invalid):
        await blocks.block(ann, ann.user_id)
    for id in ("absent", "", "a\0b"):
        with pytest.raises(NotFound):
            await blocks.block(ann, id)
        await blocks.unblock(ann, id)
    monkeypatch.setattr(blocks_module, "MOST", 1)
    await blocks.block(ann, bert.user_id)
    await blocks.block(ann, bert.user_id)
    with pytest.raises(Conflict) as refused:
        await blocks.block(ann, (await music.sign_up("carl")).user_id)
    assert refused.value.reason == "TOO_MANY_BLOCKS"
    assert (await music.store.users.get(ann.user_id)).blocked_ids == [bert.user_id]


async def test_both_may_block_each_other_and_one_unblocking_does_not_open_the_other(music, pair):
    ann, bert = pair
    await music.house.blocks.block(ann, bert.user_id)
    await music.house.blocks.block(await anew(music, bert), ann.user_id)
    await music.house.blocks.unblock(await anew(music, ann), bert.user_id)
    ann, bert = await both(music, pair)
    assert ann.unseen == {bert.user_id}
    assert bert.unseen == {ann.user_id}
    assert (await music.data(WHO, ann, id=bert.user_id))["user"] is None


async def test_a_block_that_a_crash_left_half_done_is_finished(music, pair):
    ann, bert = pair
    users = music.store.users
    await users.update({"_id": ann.user_id}, {"$set": {"blocked_ids": [bert.user_id]}})
    assert await music.house.blocks.prove() == 1
    assert (await users.get(bert.user_id)).blocked_by_ids == [ann.user_id]
    assert (await users.get(bert.user_id)).follower_count == 0
    await users.update({"_id": ann.user_id}, {"$set": {"blocked_ids": []}})
    assert await music.house.blocks.prove() == 1
    assert (await users.get(bert.user_id)).blocked_by_ids == []
    assert await music.house.blocks.prove() == 0
