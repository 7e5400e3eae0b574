"""What a closed profile keeps to itself where others' lists would tell it."""

from __future__ import annotations

from services.playlists.making import PlaylistDraft
from services.viewer import NOBODY, Role
from tests.catalogue_rig import music, rig

__all__ = ["music", "rig"]

FOLLOWERS = """query ($id: ID!) { user(id: $id) { followers(first: 2) {
  totalCount edges { node { username } } pageInfo { hasNextPage endCursor } } } }"""
PLAYLIST = """query ($id: ID!, $after: String) { playlistFollowers(playlistId: $id, first: 1, after: $after) {
  totalCount edges { node { user { username } } } pageInfo { hasNextPage endCursor } } }"""


async def closed(music, viewer, how):
    await music.store.users.update({"_id": viewer.user_id}, {"$set": {"profile_visibility": how}})


async def test_whom_a_closed_profile_follows_shows_in_no_list_of_others(music):
    famous, shy, friend = [await music.sign_up(name) for name in ("famous", "shy", "friend")]
    moderator = await music.sign_up("moderator", Role.MODERATOR)
    await music.house.follows.follow_user(shy, famous.user_id)
    await music.house.follows.follow_user(friend, shy.user_id)
    await closed(music, shy, "followers")

    async def seen_by(viewer):
        page = (await music.data(FOLLOWERS, viewer, id=famous.user_id))["user"]["followers"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (1, False)
        return [edge["node"]["username"] for edge in page["edges"]]

    stranger = await music.sign_up("stranger")
    shown = [await seen_by(viewer) for viewer in (NOBODY, stranger, friend, famous, shy, moderator)]
    assert shown == [[], [], ["shy"], ["shy"], ["shy"], ["shy"]]
    await closed(music, shy, "only_me")
    assert [await seen_by(viewer) for viewer in (friend, famous, shy)] == [[], ["shy"], ["shy"]]


async def test_a_playlist_names_no_follower_with_a_closed_profile_but_to_its_owner(music):
    owner, shy, plain = [await music.sign_up(name) for name in ("owner", "shy", "plain")]
    made = await music.house.playlist_making.create(owner, PlaylistDraft("Mix"))
    for viewer in (plain, shy):
        await music.house.playlist_following.follow(viewer, made.id)
        music.clock.turn(1)
    await closed(music, shy, "only_me")

    async def seen_by(viewer):
        names, after = [], None
        for _ in range(2):
            page = (await music.data(PLAYLIST, viewer, id=made.id, after=after))["playlistFollowers"]
            assert page["totalCount"] == 2
            names.append([edge["node"]["user"]["username"] for edge in page["edges"]])
            after = page["pageInfo"]["endCursor"]
        assert not page["pageInfo"]["hasNextPage"]
        return names

    # Who is left out leaves a gap, and reading on works from there.
    assert await seen_by(NOBODY) == await seen_by(plain) == [[], ["plain"]]
    assert await seen_by(owner) == await seen_by(shy) == [["shy"], ["plain"]]
