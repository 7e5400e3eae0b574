"""Following, inviting, joining, leaving."""

from __future__ import annotations

import pytest

from services.events import PlaylistFollowed, PlaylistInvited
from services.playlists import collaborators
from services.viewer import NOBODY
from tests.playlists.stage import make, stored

FOLLOW = "mutation ($id: ID!) { followPlaylist(playlistId: $id) { success playlist { followerCount isFollowed } } }"
UNFOLLOW = "mutation ($id: ID!) { unfollowPlaylist(playlistId: $id) { success playlist { followerCount isFollowed } } }"
FOLLOWERS = """query ($id: ID!, $first: Int, $after: String) { playlistFollowers(playlistId: $id, first: $first,
  after: $after) { totalCount edges { cursor node { id user { username } createdAt } } pageInfo { hasNextPage } } }"""
INVITE = """mutation ($id: ID!, $name: String!, $role: PlaylistRole! = EDITOR) {
  inviteToPlaylist(playlistId: $id, username: $name, role: $role) {
    collaborator { role user { username } } playlist { isCollaborative } } }"""
LINK = """mutation ($id: ID!, $role: PlaylistRole! = EDITOR, $hours: Int) {
  createPlaylistInvite(playlistId: $id, role: $role, expiresInHours: $hours) {
    token invite { id role createdAt expiresAt } } }"""
LINKS = "query ($id: ID!) { playlistInvites(playlistId: $id) { id role } }"
REVOKE = "mutation ($id: ID!, $invite: ID!) { revokePlaylistInvite(playlistId: $id, inviteId: $invite) { success } }"
JOIN = "mutation ($token: String!) { joinPlaylist(token: $token) { playlist { id myRole canEdit } } }"
ROLE = """mutation ($id: ID!, $user: ID!, $role: PlaylistRole!) {
  setPlaylistCollaboratorRole(playlistId: $id, userId: $user, role: $role) { collaborator { role } } }"""
LET_OUT = """mutation ($id: ID!, $user: ID!) { removePlaylistCollaborator(playlistId: $id, userId: $user) {
  success playlist { collaborators { role } } } }"""
LEAVE = "mutation ($id: ID!) { leavePlaylist(playlistId: $id) { success playlist { id } } }"


@pytest.fixture
async def ann(music):
    return await music.sign_up("ann")


@pytest.fixture
async def bob(music):
    return await music.sign_up("bob")


async def test_following_counts_each_person_once_and_tells_the_owner_once(music, ann, bob):
    told = []
    music.house.bus.hear(PlaylistFollowed, told.append)
    made = await make(music, ann)
    for _ in range(2):
        answer = await music.data(FOLLOW, bob, id=made.id)
        assert answer["followPlaylist"] == {"success": True, "playlist": {"followerCount": 1, "isFollowed": True}}
    await music.data(FOLLOW, ann, id=made.id)
    assert told == [PlaylistFollowed(bob.user_id, made.id, ann.user_id)]
    assert (await stored(music, made.id)).follower_count == 2
    for _ in range(2):
        answer = await music.data(UNFOLLOW, bob, id=made.id)
        assert answer["unfollowPlaylist"] == {"success": True, "playlist": {"followerCount": 1, "isFollowed": False}}
    assert (await stored(music, made.id)).rev == made.rev


async def test_who_followed_a_playlist_that_turned_private_can_still_stop(music, ann, bob):
    made = await make(music, ann)
    await music.data(FOLLOW, bob, id=made.id)
    await music.store.playlists.update({"_id": made.id}, {"$set": {"is_public": False}})
    assert await music.data("{ followedPlaylists { id } }", bob) == {"followedPlaylists": []}
    assert (await music.data(UNFOLLOW, bob, id=made.id))["unfollowPlaylist"] == {"success": True, "playlist": None}
    for id in (made.id, "nowhere", ""):
        assert await music.errors(UNFOLLOW, bob, id=id) == [{"code": "NOT_FOUND"}]
    assert (await stored(music, made.id)).follower_count == 0


async def test_followers_are_listed_the_newest_first_page_by_page(music, ann, bob):
    made = await make(music, ann)
    for viewer in (bob, ann):
        music.clock.turn(1)
        await music.data(FOLLOW, viewer, id=made.id)
    page = (await music.data(FOLLOWERS, NOBODY, id=made.id, first=1))["playlistFollowers"]
    assert (page["totalCount"], page["pageInfo"]) == (2, {"hasNextPage": True})
    assert page["edges"][0]["node"]["user"] == {"username": "ann"}
    page = (await music.data(FOLLOWERS, id=made.id, after=page["edges"][0]["cursor"]))["playlistFollowers"]
    assert [edge["node"]["user"]["username"] for edge in page["edges"]] == ["bob"]


async def test_somebody_let_in_by_name_is_told_and_edits(music, ann, bob):
    told = []
    music.house.bus.hear(PlaylistInvited, told.append)
    made = await make(music, ann, is_public=False)
    answer = (await music.data(INVITE, ann, id=made.id, name="BOB"))["inviteToPlaylist"]
    assert answer == {
        "collaborator": {"role": "EDITOR", "user": {"username": "bob"}},
        "playlist": {"isCollaborative": True},
    }
    assert told == [PlaylistInvited(made.id, bob.user_id, ann.user_id)]
    assert [each["id"] for each in (await music.data("{ myPlaylists { id } }", bob))["myPlaylists"]] == [made.id]
    answer = (await music.data(INVITE, ann, id=made.id, name="bob", role="VIEWER"))["inviteToPlaylist"]
    assert answer["collaborator"]["role"] == "VIEWER"
    assert [each.role for each in (await stored(music, made.id)).collaborators] == ["viewer"]
    for name, extensions in (
        ("nobody", {"code": "NOT_FOUND", "field": "username"}),
        ("ann", {"code": "INVALID", "field": "username"}),
    ):
        assert await music.errors(INVITE, ann, id=made.id, name=name) == [extensions]
    assert await music.errors(INVITE, ann, id=made.id, name="bob", role="OWNER") == [
        {"code": "INVALID", "field": "role"}
    ]


async def test_a_link_lets_in_whoever_has_it_until_it_runs_out_or_is_revoked(music, ann, bob):
    made = await make(music, ann, is_public=False)
    link = (await music.data(LINK, ann, id=made.id, hours=2))["createPlaylistInvite"]
    token, invite = link["token"], link["invite"]
    assert invite["role"] == "EDITOR"
    assert (await music.data(LINKS, ann, id=made.id))["playlistInvites"] == [{"id": invite["id"], "role": "EDITOR"}]
    kept = await music.store.playlist_invites.get(invite["id"])
    assert token not in repr(kept)
    joined = (await music.data(JOIN, bob, token=token))["joinPlaylist"]["playlist"]
    assert joined == {"id": made.id, "myRole": "EDITOR", "canEdit": True}
    # A link gives no less than somebody has: neither to an editor nor to the owner.
    viewers = (await music.data(LINK, ann, id=made.id, role="VIEWER"))["createPlaylistInvite"]
    for viewer, role in ((bob, "EDITOR"), (ann, "OWNER")):
        assert (await music.data(JOIN, viewer, token=viewers["token"]))["joinPlaylist"]["playlist"]["myRole"] == role
    await music.data(REVOKE, ann, id=made.id, invite=viewers["invite"]["id"])
    late = await music.sign_up("late")
    music.clock.turn(7200)
    answers = []
    for bad in (token, viewers["token"], "unknown", "", "é", "x" * 5000):
        answers.append(await music.errors(JOIN, late, token=bad))
    assert answers == [[{"code": "NOT_FOUND", "field": "token"}]] * 6
    assert (await music.data(LINKS, ann, id=made.id))["playlistInvites"] == []
    assert (await stored(music, made.id)).collaborator_ids == [bob.user_id]
    for gone in (viewers["invite"]["id"], "nowhere"):
        assert await music.errors(REVOKE, ann, id=made.id, invite=gone) == [{"code": "NOT_FOUND", "field": "inviteId"}]


async def test_a_link_into_a_playlist_that_went_or_was_hidden_is_no_good(music, ann, bob):
    made = await make(music, ann)
    token = (await music.data(LINK, ann, id=made.id))["createPlaylistInvite"]["token"]
    await music.store.playlists.update({"_id": made.id}, {"$set": {"is_hidden": True}})
    assert await music.errors(JOIN, bob, token=token) == [{"code": "NOT_FOUND", "field": "token"}]
    await music.store.playlists.delete({"_id": made.id})
    assert await music.errors(JOIN, bob, token=token) == [{"code": "NOT_FOUND", "field": "token"}]


async def test_an_old_link_does_not_open_again_what_its_owner_closed(music, ann, bob):
    made = await make(music, ann)
    token = (await music.data(LINK, ann, id=made.id))["createPlaylistInvite"]["token"]
    await music.house.playlist_making.update(ann, made.id, {"is_collaborative": False})
    joined = (await music.data(JOIN, bob, token=token))["joinPlaylist"]["playlist"]
    assert joined == {"id": made.id, "myRole": "EDITOR", "canEdit": False}


@pytest.mark.parametrize("hours", [0, -1, 721, 2**31 - 1])
async def test_a_link_lives_up_to_thirty_days(music, ann, hours):
    made = await make(music, ann)
    assert await music.errors(LINK, ann, id=made.id, hours=hours) == [{"code": "INVALID", "field": "expiresInHours"}]
    assert await stored(music, made.id) == made


async def test_links_and_collaborators_are_bounded(music, ann, bob, monkeypatch):
    monkeypatch.setattr(collaborators, "INVITES_LIMIT", 2)
    monkeypatch.setattr(collaborators, "COLLABORATORS_LIMIT", 1)
    made = await make(music, ann)
    token = (await music.data(LINK, ann, id=made.id))["createPlaylistInvite"]["token"]
    await music.data(LINK, ann, id=made.id)
    assert await music.errors(LINK, ann, id=made.id) == [{"code": "TOO_MANY_INVITES"}]
    await music.data(INVITE, ann, id=made.id, name="bob")
    late = await music.sign_up("late")
    for query, words in ((INVITE, {"id": made.id, "name": "late"}), (JOIN, {"token": token})):
        viewer = ann if query == INVITE else late
        assert await music.errors(query, viewer, **words) == [{"code": "TOO_MANY_COLLABORATORS"}]


async def test_roles_are_changed_and_people_let_out_by_the_owner(music, ann, bob):
    made = await make(music, ann, is_public=False)
    await music.data(INVITE, ann, id=made.id, name="bob", role="VIEWER")
    for query, words in ((ROLE, {"role": "EDITOR"}), (LET_OUT, {})):
        late = await music.sign_up(f"late{len(query)}")
        await music.data(INVITE, ann, id=made.id, name=f"late{len(query)}")
        assert await music.errors(query, late, id=made.id, user=bob.user_id, **words) == [{"code": "DENIED"}]
    answer = await music.data(ROLE, ann, id=made.id, user=bob.user_id, role="EDITOR")
    assert answer["setPlaylistCollaboratorRole"]["collaborator"] == {"role": "EDITOR"}
    await music.data(LET_OUT, ann, id=made.id, user=bob.user_id)
    assert (await music.data(f'{{ playlist(id: "{made.id}") {{ id }} }}', bob))["playlist"] is None
    for query, words in ((ROLE, {"role": "EDITOR"}), (LET_OUT, {})):
        for user in (bob.user_id, ann.user_id, "nowhere"):
            refusal = await music.errors(query, ann, id=made.id, user=user, **words)
            assert refusal == [{"code": "NOT_FOUND", "field": "userId"}]


async def test_somebody_leaves_but_not_the_owner(music, ann, bob):
    made = await make(music, ann, is_public=False)
    await music.data(INVITE, ann, id=made.id, name="bob")
    assert await music.data(LEAVE, bob, id=made.id) == {"leavePlaylist": {"success": True, "playlist": None}}
    assert (await stored(music, made.id)).collaborators == []
    assert await music.errors(LEAVE, bob, id=made.id) == [{"code": "NOT_FOUND"}]
    assert await music.errors(LEAVE, ann, id=made.id) == [{"code": "OWNER_CANNOT_LEAVE"}]


async def test_a_right_taken_away_counts_from_the_next_edit_on(music, ann, bob):
    made = await make(music, ann)
    await music.data(INVITE, ann, id=made.id, name="bob")
    await music.data(LET_OUT, ann, id=made.id, user=bob.user_id)
    add = f'mutation {{ addSongToPlaylist(playlistId: "{made.id}", songId: "s1") {{ playlistSong {{ id }} }} }}'
    assert await music.errors(add, bob) == [{"code": "DENIED"}]
    assert (await stored(music, made.id)).entries == []
