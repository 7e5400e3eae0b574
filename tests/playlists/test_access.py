"""Who may see, edit and change which playlist: one table, asked through every door."""

from __future__ import annotations

import pytest

from services.playlists.access import PlaylistRole
from services.viewer import NOBODY, Role, Viewer
from tests.catalogue_rig import Rig
from tests.playlists.stage import make, stored

KINDS = ("nobody", "stranger", "viewer", "editor", "owner", "moderator", "admin")
# For each kind of playlist, in the order of KINDS: - sees nothing, s sees it, e edits its songs, c changes it too.
TABLE = {
    "public": "sssecsc",
    "private": "--sec-c",
    "public, not collaborative": "sssscsc",
    "hidden": "--secsc",
    "hidden private": "--sec-c",
    "editorial": "ssseccc",
}
WORDS = {
    "public": {},
    "private": {"is_public": False},
    "public, not collaborative": {"is_collaborative": False},
    "hidden": {"is_hidden": True},
    "hidden private": {"is_hidden": True, "is_public": False},
    "editorial": {"is_editorial": True},
}
SEE = "query ($id: ID!) { playlist(id: $id) { id canEdit songs { id } entries { totalCount } } }"
BY_SLUG = "query ($slug: String!) { playlist(slug: $slug) { id } }"
FOLLOWERS = "query ($id: ID!) { playlistFollowers(playlistId: $id) { totalCount } }"
EDITS = [
    'mutation ($id: ID!) { addSongToPlaylist(playlistId: $id, songId: "b1") { playlist { rev } } }',
    'mutation ($id: ID!) { addSongsToPlaylist(playlistId: $id, songIds: ["b1"]) { playlist { rev } } }',
    'mutation ($id: ID!) { reorderPlaylistSongs(playlistId: $id, songId: "s1", newPosition: 1) { success } }',
    'mutation ($id: ID!) { removeSongFromPlaylist(playlistId: $id, songId: "s1") { success } }',
]
CHANGES = [
    'mutation ($id: ID!) { updatePlaylist(playlistId: $id, name: "Other") { playlist { name } } }',
    'mutation ($id: ID!) { inviteToPlaylist(playlistId: $id, username: "guest") { playlist { rev } } }',
    "mutation ($id: ID!) { createPlaylistInvite(playlistId: $id) { token } }",
    "query ($id: ID!) { playlistInvites(playlistId: $id) { id } }",
    "mutation ($id: ID!) { deletePlaylist(playlistId: $id) { success } }",
]


async def people(music: Rig) -> dict[str, Viewer]:
    who = {kind: await music.sign_up(kind) for kind in ("stranger", "viewer", "editor", "owner")}
    who |= {"moderator": await music.sign_up("mona", Role.MODERATOR), "admin": await music.sign_up("adam", Role.ADMIN)}
    await music.sign_up("guest")
    return {"nobody": NOBODY, **who}


async def playlist_of(music: Rig, who: dict[str, Viewer], kind: str) -> str:
    made = await make(music, who["owner"], "Mix", "s1", "s2")
    share = music.house.playlist_collaborators
    await share.invite(who["owner"], made.id, "editor", PlaylistRole.EDITOR)
    await share.invite(who["owner"], made.id, "viewer", PlaylistRole.VIEWER)
    if WORDS[kind]:
        await music.store.playlists.update({"_id": made.id}, {"$set": WORDS[kind]})
    return made.id


def told(answer: dict) -> str:
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else "ok"


@pytest.mark.parametrize("kind", TABLE)
async def test_the_table_holds_through_every_field(music, kind):
    who = await people(music)
    for name, mark in zip(KINDS, TABLE[kind], strict=True):
        viewer, id = who[name], await playlist_of(music, who, kind)
        before = await stored(music, id)
        shown = (await music.data(SEE, viewer, id=id))["playlist"]
        assert (shown is not None) == (mark != "-"), (kind, name)
        if shown is not None:
            assert (shown["canEdit"], len(shown["songs"])) == (mark in "ec", 2), (kind, name)
        by_slug = (await music.data(BY_SLUG, viewer, slug=before.slug))["playlist"]
        assert by_slug == (None if mark == "-" else {"id": id})
        assert told(await music.ask(FOLLOWERS, viewer, id=id)) == ("NOT_FOUND" if mark == "-" else "ok")
        listed = await music.house.playlists.of_users(viewer, [who["owner"].user_id])
        assert (id in {each.id for each in listed[who["owner"].user_id]}) == (mark != "-"), (kind, name)
        refused = "UNAUTHENTICATED" if name == "nobody" else "NOT_FOUND" if mark == "-" else "DENIED"
        if mark not in "ec":
            for query in EDITS:
                assert told(await music.ask(query, viewer, id=id)) == refused, (kind, name, query)
        if mark != "c":
            for query in CHANGES:
                assert told(await music.ask(query, viewer, id=id)) == refused, (kind, name, query)
            assert await stored(music, id) == before
        if mark in "ec":
            assert [told(await music.ask(query, viewer, id=id)) for query in EDITS] == ["ok"] * len(EDITS)
        if mark == "c":
            assert [told(await music.ask(query, viewer, id=id)) for query in CHANGES] == ["ok"] * len(CHANGES)
            assert await music.store.playlists.get(id) is None


@pytest.mark.parametrize("id", ["nowhere", "", "\x00", "x" * 5000, "\u202eabc"])
async def test_absent_private_and_malformed_ids_are_one_answer(music, id):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    private = (await make(music, ann, "Mine", "s1", is_public=False)).id
    for query in [*EDITS, *CHANGES, FOLLOWERS]:
        answers = [await music.ask(query, bob, id=each) for each in (id, private)]
        for answer in answers:
            answer["errors"][0].pop("path")
        assert answers[0] == answers[1]
        assert told(answers[0]) == "NOT_FOUND"
    assert await music.data(SEE, bob, id=id) == await music.data(SEE, bob, id=private) == {"playlist": None}
    assert (await music.data(BY_SLUG, bob, slug=id))["playlist"] is None


async def test_songs_the_viewer_may_not_see_are_left_out_and_the_others_keep_their_positions(music):
    ann = await music.sign_up("ann")
    made = await make(music, ann, "Mix", "s1", "s2", "s3", "b1")
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    await music.store.songs.delete({"_id": "s3"})
    prude = Viewer(explicit_content=False)
    query = """query ($id: ID!) { playlist(id: $id) { songCount songs { position song { id } }
      entries(first: 2) { totalCount edges { node { position } } pageInfo { hasNextPage } } } }"""
    shown = (await music.data(query, ann, id=made.id))["playlist"]
    assert shown["songs"] == [{"position": 1, "song": {"id": "s2"}}, {"position": 3, "song": {"id": "b1"}}]
    assert shown["entries"] == {
        "totalCount": 4,
        "edges": [{"node": {"position": 1}}],
        "pageInfo": {"hasNextPage": True},
    }
    shown = (await music.data(query, prude, id=made.id))["playlist"]
    assert (shown["songCount"], shown["songs"]) == (4, [{"position": 3, "song": {"id": "b1"}}])


async def test_who_was_let_in_is_told_within_and_to_staff_alone(music):
    who = await people(music)
    id = await playlist_of(music, who, "public")
    query = "query ($id: ID!) { playlist(id: $id) { myRole isMine collaborators { role user { username } } } }"
    seen = {}
    for name, viewer in who.items():
        shown = (await music.data(query, viewer, id=id))["playlist"]
        seen[name] = (shown["myRole"], shown["isMine"], [each["user"]["username"] for each in shown["collaborators"]])
    within = ["editor", "viewer"]
    assert seen == {
        "nobody": (None, False, []),
        "stranger": (None, False, []),
        "viewer": ("VIEWER", False, within),
        "editor": ("EDITOR", False, within),
        "owner": ("OWNER", True, within),
        "moderator": (None, False, within),
        "admin": (None, False, within),
    }


async def test_only_staff_make_playlists_editorial(music):
    ann, mo = await music.sign_up("ann"), await music.sign_up("mona", Role.MODERATOR)
    made = await make(music, ann)
    create = 'mutation { createPlaylist(name: "Best", isEditorial: true) { playlist { isEditorial } } }'
    flag = """mutation ($id: ID!, $on: Boolean) {
      updatePlaylist(playlistId: $id, isEditorial: $on) { playlist { isEditorial } } }"""
    assert await music.errors(create, ann) == [{"code": "DENIED", "field": "isEditorial"}]
    assert await music.errors(flag, ann, id=made.id, on=True) == [{"code": "DENIED", "field": "isEditorial"}]
    assert await stored(music, made.id) == made
    assert await music.store.playlists.count({}) == 1
    assert (await music.data(create, mo))["createPlaylist"]["playlist"] == {"isEditorial": True}
    both = """mutation ($id: ID!) {
      updatePlaylist(playlistId: $id, isEditorial: true, name: "Taken over") { playlist { id } } }"""
    assert await music.errors(both, mo, id=made.id) == [{"code": "DENIED"}]
    assert (await music.data(flag, mo, id=made.id, on=True))["updatePlaylist"]["playlist"] == {"isEditorial": True}
    assert await music.errors(flag, ann, id=made.id, on=False) == [{"code": "DENIED", "field": "isEditorial"}]


async def test_somebody_elses_profile_lists_what_the_viewer_may_see(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    await make(music, ann, "Secret", is_public=False)
    shared = await make(music, ann, "Shared", is_public=False)
    public = await make(music, ann, "Public", "s1")
    await music.house.playlist_collaborators.invite(ann, shared.id, "bob", PlaylistRole.VIEWER)
    query = "query ($id: ID!) { playlist(id: $id) { user { playlists { name } publicPlaylists { name } } } }"
    seen = [(await music.data(query, viewer, id=public.id))["playlist"]["user"] for viewer in (NOBODY, bob, ann)]
    names = [[each["name"] for each in user["playlists"]] for user in seen]
    assert names == [["Public"], ["Shared", "Public"], ["Shared", "Public", "Secret"]]
    assert [user["publicPlaylists"] for user in seen] == [[{"name": "Public"}]] * 3


@pytest.mark.parametrize("visibility", ["followers", "only_me"])
async def test_a_closed_profile_lists_no_playlists_but_those_opened_to_the_viewer(music, visibility):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    public = await make(music, ann, "Public")
    shared = await make(music, ann, "Shared", is_public=False)
    await music.house.playlist_collaborators.invite(ann, shared.id, "bob", PlaylistRole.VIEWER)
    await music.store.users.update({"_id": ann.user_id}, {"$set": {"profile_visibility": visibility}})
    query = "query ($id: ID!) { playlist(id: $id) { user { playlists { name } publicPlaylists { name } } } }"
    seen = [(await music.data(query, viewer, id=public.id))["playlist"]["user"] for viewer in (NOBODY, bob, ann)]
    assert [[each["name"] for each in user["playlists"]] for user in seen] == [[], ["Shared"], ["Shared", "Public"]]
    assert [user["publicPlaylists"] for user in seen] == [[], [], [{"name": "Public"}]]
    if visibility == "followers":
        await music.house.follows.follow_user(bob, ann.user_id)
        user = (await music.data(query, bob, id=public.id))["playlist"]["user"]
        assert user["publicPlaylists"] == [{"name": "Public"}]
