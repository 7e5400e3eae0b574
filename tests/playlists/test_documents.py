"""The documents of the specification's playlist chapter, word for word, and what each asks of the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.playlists.access import PlaylistRole
from services.viewer import NOBODY, Role
from tests.playlists.stage import make, picture, song_ids, stored

DETAILS = """query { playlist(id: "321") {
    id name description coverImage user { id username } isPublic isCollaborative followerCount totalDuration
    songs { position song { id title artist { name } duration } addedBy { username } createdAt } } }"""
MINE = "query { myPlaylists { id name coverImage totalDuration songs { song { id } } } }"
FEATURED = "query { featuredPlaylists(limit: 20) { id name description coverImage followerCount } }"
CREATE = """mutation { createPlaylist(
    name: "My Workout Mix" description: "High energy tracks" isPublic: true coverImage: "base64_data"
  ) { playlist { id name slug } } }"""
CREATE_BY_CURL = 'mutation { createPlaylist(name: "My Playlist", isPublic: true) { playlist { id name } } }'
UPDATE = """mutation { updatePlaylist(playlistId: "321", name: "Updated Name", isPublic: false) {
    playlist { id name isPublic } } }"""
ADD = """mutation { addSongToPlaylist(playlistId: "321", songId: "789", position: 5) {
    playlistSong { position song { title } } } }"""
REMOVE = 'mutation { removeSongFromPlaylist(playlistId: "321", songId: "789") { success } }'
REORDER = 'mutation { reorderPlaylistSongs(playlistId: "321", songId: "789", newPosition: 3) { success } }'
FOLLOW = 'mutation { followPlaylist(playlistId: "321") { success playlist { followerCount } } }'
DELETE = 'mutation { deletePlaylist(playlistId: "321") { success } }'
ME = "query { me { id playlists { id name totalDuration } } }"
PUBLIC = "{ me { publicPlaylists { id name followerCount } } }"


def real(document: str, playlist_id: str, song_id: str = "s1") -> str:
    return document.replace('"321"', f'"{playlist_id}"').replace('"789"', f'"{song_id}"')


async def test_a_playlist_is_answered_in_full(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    made = await make(music, ann, "Mix", "s1", description="Two\nlines", is_collaborative=True)
    await music.house.playlist_collaborators.invite(ann, made.id, "bob", PlaylistRole.EDITOR)
    at = music.clock.now()
    await music.house.playlist_editing.add_songs(bob, made.id, ["b1", "s3"], position=0)
    await music.house.playlist_following.follow(bob, made.id)
    answer = (await music.data(real(DETAILS, made.id)))["playlist"]
    first = answer["songs"].pop()
    assert first["createdAt"] == "2026-06-01T12:00:17.000Z"
    assert {**first, "createdAt": 0} == {
        "position": 2,
        "song": {"id": "s1", "title": "First", "artist": {"name": "Anna"}, "duration": 200},
        "addedBy": {"username": "ann"},
        "createdAt": 0,
    }
    later = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert answer == {
        "id": made.id,
        "name": "Mix",
        "description": "Two\nlines",
        "coverImage": None,
        "user": {"id": ann.user_id, "username": "ann"},
        "isPublic": True,
        "isCollaborative": True,
        "followerCount": 1,
        "totalDuration": 640,
        "songs": [
            {
                "position": 0,
                "song": {"id": "b1", "title": "Bees", "artist": {"name": "Bert"}, "duration": 200},
                "addedBy": {"username": "bob"},
                "createdAt": later,
            },
            {
                "position": 1,
                "song": {"id": "s3", "title": "Third", "artist": {"name": "Anna"}, "duration": 240},
                "addedBy": {"username": "bob"},
                "createdAt": later,
            },
        ],
    }


async def test_the_edits_of_the_specification_run_one_after_another(music):
    ann = await music.sign_up("ann")
    created = (await music.data(CREATE.replace("base64_data", picture()), ann))["createPlaylist"]["playlist"]
    id = created.pop("id")
    assert created == {"name": "My Workout Mix", "slug": "my-workout-mix"}
    again = (await music.data(CREATE_BY_CURL, ann))["createPlaylist"]["playlist"]
    assert again["name"] == "My Playlist"
    assert await music.data(real(UPDATE, id), ann) == {
        "updatePlaylist": {"playlist": {"id": id, "name": "Updated Name", "isPublic": False}}
    }
    await music.house.playlist_editing.add_songs(ann, id, ["s2", "s3", "b1", "b1", "s3", "s2"])
    assert await music.data(real(ADD, id), ann) == {
        "addSongToPlaylist": {"playlistSong": {"position": 5, "song": {"title": "First"}}}
    }
    assert await song_ids(music, id) == ["s2", "s3", "b1", "b1", "s3", "s1", "s2"]
    assert await music.data(real(REORDER, id), ann) == {"reorderPlaylistSongs": {"success": True}}
    assert await song_ids(music, id) == ["s2", "s3", "b1", "s1", "b1", "s3", "s2"]
    assert await music.data(real(REMOVE, id), ann) == {"removeSongFromPlaylist": {"success": True}}
    assert await song_ids(music, id) == ["s2", "s3", "b1", "b1", "s3", "s2"]
    assert await music.data(real(FOLLOW, id), ann) == {
        "followPlaylist": {"success": True, "playlist": {"followerCount": 1}}
    }
    assert await music.data(real(DELETE, id), ann) == {"deletePlaylist": {"success": True}}
    assert await music.data(real(DETAILS, id), ann) == {"playlist": None}
    for document in (UPDATE, ADD, REMOVE, REORDER, FOLLOW, DELETE):
        assert await music.errors(real(document, id), ann) == [{"code": "NOT_FOUND"}]


async def test_a_position_past_the_end_is_the_end(music):
    ann = await music.sign_up("ann")
    made = await make(music, ann, "Mix", "s2")
    assert (await music.data(real(ADD, made.id), ann))["addSongToPlaylist"]["playlistSong"]["position"] == 1
    assert await song_ids(music, made.id) == ["s2", "s1"]
    await music.data(real(REORDER, made.id, "s2"), ann)
    assert await song_ids(music, made.id) == ["s1", "s2"]


async def test_my_playlists_are_those_owned_and_joined_the_last_changed_first(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    old = await make(music, ann, "Old", "s1", is_public=False)
    joined = await make(music, bob, "Joined", "s2", "s3", is_public=False)
    await music.house.playlist_collaborators.invite(bob, joined.id, "ann", PlaylistRole.VIEWER)
    await make(music, bob, "Not mine")
    music.clock.turn(1)
    new = await make(music, ann, "New")
    rows = (await music.data(MINE, ann))["myPlaylists"]
    assert [(row["id"], row["name"], row["totalDuration"]) for row in rows] == [
        (new.id, "New", 0),
        (joined.id, "Joined", 440),
        (old.id, "Old", 200),
    ]
    assert rows[1]["songs"] == [{"song": {"id": "s2"}}, {"song": {"id": "s3"}}]
    page = await music.data("{ myPlaylists(limit: 1, offset: 1) { name } }", ann)
    assert page == {"myPlaylists": [{"name": "Joined"}]}
    assert [row["name"] for row in (await music.data(ME, ann))["me"]["playlists"]] == ["New", "Joined", "Old"]
    assert (await music.data(PUBLIC, ann))["me"]["publicPlaylists"] == [
        {"id": new.id, "name": "New", "followerCount": 0}
    ]


async def test_featured_playlists_are_the_editorial_ones_by_followers(music):
    staff = await music.sign_up("staff", Role.MODERATOR)
    for name, count in (("Few", 1), ("Many", 9)):
        await make(music, staff, name, is_editorial=True, follower_count=count)
    await make(music, staff, "Draft", is_editorial=True, is_public=False)
    await make(music, staff, "Hidden", is_editorial=True, is_hidden=True)
    await make(music, staff, "Mine")
    rows = (await music.data(FEATURED))["featuredPlaylists"]
    assert [(row["name"], row["followerCount"]) for row in rows] == [("Many", 9), ("Few", 1)]
    assert await music.errors("{ featuredPlaylists(limit: 101) { id } }") == [{"code": "INVALID", "field": "limit"}]


@pytest.mark.parametrize(
    ("document", "asked"),
    [
        (DETAILS, {"playlists": 2, "songs": 1, "artists": 1, "users": 1}),
        (MINE, {"playlists": 3, "songs": 1}),
        (FEATURED, {"playlists": 1}),
        (CREATE_BY_CURL, {"playlists": 4}),
        (UPDATE, {"playlists": 5}),
        (ADD, {"playlists": 3, "songs": 2}),
        (REMOVE, {"playlists": 2}),
        (REORDER, {"playlists": 2}),
        (FOLLOW, {"playlists": 2, "playlist_followers": 1}),
        (DELETE, {"playlists": 2, "playlist_invites": 1, "playlist_followers": 1}),
        (ME, {"users": 1, "playlists": 2}),
        (PUBLIC, {"users": 1, "playlists": 2}),
        ("{ myPlaylists { isFollowed canEdit myRole } }", {"playlists": 2, "playlist_followers": 1}),
    ],
)
async def test_each_document_costs_a_fixed_number_of_store_commands(music, document, asked):
    ann = await music.sign_up("ann")
    made = await make(music, ann, "Mix", "s2", "s1", "b1")
    await music.house.announcer.settled()
    music.engine.asked.clear()
    await music.data(real(document, made.id), ann)
    assert dict(music.engine.asked) == asked


@pytest.mark.parametrize(
    "document", [MINE, ME, PUBLIC, "{ myPlaylists { user { username } collaborators { since } } }"]
)
async def test_a_hundred_playlists_cost_as_many_store_commands_as_one(music, document):
    ann = await music.sign_up("ann")
    first = await make(music, ann, "Mix 0", "s1", "b1")
    await music.house.announcer.settled()
    music.engine.asked.clear()
    await music.data(document, ann)
    one = dict(music.engine.asked)
    # Put there behind the services, which would tell hearers who read in their own time.
    for n in range(1, 100):
        await music.store.playlists.insert(replace(first, id=f"{first.id}{n}", slug=f"mix-{n}", name=f"Mix {n}"))
    music.engine.asked.clear()
    answer = await music.data(document, ann)
    assert len(next(iter(answer.values())) if document != ME else answer["me"]["playlists"]) in (100, 1)
    assert dict(music.engine.asked) == one


async def test_a_list_of_playlists_reads_no_entries(music):
    ann = await music.sign_up("ann")
    made = await make(music, ann, "Mix", "s1")
    frame = await music.house.playlists.get(NOBODY, made.id)
    assert (frame.entries, frame.song_count, frame.total_duration_ms) == ([], 1, 200_000)
    assert len((await stored(music, made.id)).entries) == 1


async def test_every_edge_of_the_paging_arguments_is_refused_with_its_name(music):
    ann = await music.sign_up("ann")
    made = await make(music, ann, "Mix", "s1")
    for argument, field in (("limit: 0", "limit"), ("limit: 101", "limit"), ("offset: -1", "offset")):
        for query in (
            f'{{ playlist(id: "{made.id}") {{ songs({argument}) {{ id }} }} }}',
            f"{{ myPlaylists({argument}) {{ id }} }}",
            f"{{ followedPlaylists({argument}) {{ id }} }}",
            f'{{ playlistFollowers(playlistId: "{made.id}", {argument}) {{ totalCount }} }}',
            f"{{ me {{ playlists({argument}) {{ id }} }} }}",
        ):
            assert await music.errors(query, ann) == [{"code": "INVALID", "field": field}]
    assert await music.errors("{ myPlaylists(offset: 1001) { id } }", ann) == [{"code": "INVALID", "field": "offset"}]
    for cursor in ("", "x", "WzFd", "WyJhIiwiYiJd", "Wy0xLCJiIl0"):
        query = f'{{ playlist(id: "{made.id}") {{ entries(after: "{cursor}") {{ totalCount }} }} }}'
        assert await music.errors(query, ann) == [{"code": "INVALID", "field": "after"}]
