"""Adding, removing and moving: what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import pytest

from services.errors import TooLarge
from services.events import PlaylistChanged
from services.playlists.access import PlaylistRole
from services.playlists.making import PlaylistDraft
from services.playlists.words import Duplicates
from tests.playlists.stage import make, song_ids, stored

ADD = """mutation ($id: ID!, $song: ID!, $at: Int, $before: ID) {
  addSongToPlaylist(playlistId: $id, songId: $song, position: $at, beforeEntryId: $before) {
    playlistSong { id position } playlist { songCount totalDurationMs rev } } }"""
ADD_MANY = """mutation ($id: ID!, $songs: [ID!]!, $at: Int) {
  addSongsToPlaylist(playlistId: $id, songIds: $songs, position: $at) {
    playlistSongs { position song { id } } playlist { rev songs { position } } } }"""
REMOVE = """mutation ($id: ID!, $song: ID!, $entry: ID) {
  removeSongFromPlaylist(playlistId: $id, songId: $song, entryId: $entry) { success playlist { songCount } } }"""
MOVE = """mutation ($id: ID!, $song: ID!, $at: Int!, $entry: ID, $before: ID) {
  reorderPlaylistSongs(playlistId: $id, songId: $song, newPosition: $at, entryId: $entry, beforeEntryId: $before) {
    success playlistSong { position } } }"""
PAGE = """query ($id: ID!, $first: Int, $after: String) { playlist(id: $id) { entries(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { position song { id } } } } } }"""


@pytest.fixture
async def ann(music):
    return await music.sign_up("ann")


async def test_many_songs_go_in_together_as_one_edit(music, ann):
    made = await make(music, ann, "Mix", "s1", "s2")
    answer = (await music.data(ADD_MANY, ann, id=made.id, songs=["b1", "s3", "b1"], at=1))["addSongsToPlaylist"]
    assert [(each["position"], each["song"]["id"]) for each in answer["playlistSongs"]] == [
        (1, "b1"),
        (2, "s3"),
        (3, "b1"),
    ]
    assert answer["playlist"] == {"rev": made.rev + 1, "songs": [{"position": at} for at in range(5)]}
    after = await stored(music, made.id)
    assert [entry.song_id for entry in after.entries] == ["s1", "b1", "s3", "b1", "s2"]
    assert (after.song_count, after.total_duration_ms) == (5, 200_000 * 4 + 240_400)


async def test_a_song_goes_right_before_the_entry_that_is_named(music, ann):
    made = await make(music, ann, "Mix", "s1", "s2", "s3")
    last = made.entries[2].id
    placed = (await music.data(ADD, ann, id=made.id, song="b1", at=0, before=last))["addSongToPlaylist"]
    assert placed["playlistSong"]["position"] == 2
    assert placed["playlist"] == {"songCount": 4, "totalDurationMs": 840_400, "rev": 4}
    await music.data(ADD, ann, id=made.id, song="b1", at=0, before="gone")
    assert await song_ids(music, made.id) == ["b1", "s1", "s2", "b1", "s3"]
    moved = await music.data(MOVE, ann, id=made.id, song="s3", at=9, before=made.entries[0].id)
    assert moved["reorderPlaylistSongs"]["playlistSong"] == {"position": 1}
    assert await song_ids(music, made.id) == ["b1", "s3", "s1", "s2", "b1"]


async def test_an_entry_id_tells_two_places_of_one_song_apart(music, ann):
    made = await make(music, ann, "Mix", "s1", "s2", "s1", "s3")
    second = made.entries[2].id
    await music.data(MOVE, ann, id=made.id, song="s1", at=3, entry=second)
    assert await song_ids(music, made.id) == ["s1", "s2", "s3", "s1"]
    answer = await music.data(REMOVE, ann, id=made.id, song="s1", entry=second)
    assert answer["removeSongFromPlaylist"] == {"success": True, "playlist": {"songCount": 3}}
    assert await song_ids(music, made.id) == ["s1", "s2", "s3"]
    await music.data(MOVE, ann, id=made.id, song="s1", at=1, before=made.entries[0].id)
    assert await song_ids(music, made.id) == ["s1", "s2", "s3"]


async def test_what_cannot_be_done_is_said_by_field_and_changes_nothing(music, ann):
    made = await make(music, ann, "Mix", "s1", "s2", duplicates=Duplicates.REFUSE)
    other = made.entries[1].id
    cases = [
        (ADD, {"song": "b1", "at": -1}, {"code": "INVALID", "field": "position"}),
        (ADD, {"song": "nowhere"}, {"code": "NOT_FOUND", "field": "songId"}),
        (ADD, {"song": "s4"}, {"code": "NOT_FOUND", "field": "songId"}),
        (ADD, {"song": ""}, {"code": "NOT_FOUND", "field": "songId"}),
        (ADD, {"song": "\x00"}, {"code": "NOT_FOUND", "field": "songId"}),
        (ADD, {"song": "s1"}, {"code": "ALREADY_IN_PLAYLIST", "field": "songId"}),
        (ADD_MANY, {"songs": []}, {"code": "INVALID", "field": "songIds"}),
        (ADD_MANY, {"songs": ["b1"] * 101}, {"code": "INVALID", "field": "songIds"}),
        (ADD_MANY, {"songs": ["b1", "nowhere"]}, {"code": "NOT_FOUND", "field": "songIds"}),
        (ADD_MANY, {"songs": ["b1", "b1"]}, {"code": "ALREADY_IN_PLAYLIST", "field": "songIds"}),
        (REMOVE, {"song": "b1"}, {"code": "NOT_FOUND", "field": "songId"}),
        (REMOVE, {"song": "s1", "entry": other}, {"code": "NOT_FOUND", "field": "entryId"}),
        (REMOVE, {"song": "s1", "entry": "nowhere"}, {"code": "NOT_FOUND", "field": "entryId"}),
        (MOVE, {"song": "s1", "at": -1}, {"code": "INVALID", "field": "newPosition"}),
        (MOVE, {"song": "b1", "at": 0}, {"code": "NOT_FOUND", "field": "songId"}),
    ]
    for query, variables, extensions in cases:
        assert await music.errors(query, ann, id=made.id, **variables) == [extensions], variables
    for huge in (2**31, 2**53, 1.5, "one"):
        response = await music.ask(ADD, ann, id=made.id, song="b1", at=huge)
        assert response["errors"][0]["extensions"] == {"code": "GRAPHQL_INVALID"}
    assert await stored(music, made.id) == made


async def test_a_song_that_left_the_catalogue_can_still_be_taken_out(music, ann):
    made = await make(music, ann, "Mix", "s1", "b1")
    await music.store.songs.delete({"_id": "s1"})
    await music.data(REMOVE, ann, id=made.id, song="s1")
    assert await song_ids(music, made.id) == ["b1"]


async def test_a_playlist_holds_ten_thousand_songs_and_no_more(music, ann):
    songs = list((await music.house.songs.get_many(ann, ["s1"])).values())
    making, editing = music.house.playlist_making, music.house.playlist_editing
    made = await making.create(ann, PlaylistDraft("Long"), songs * 9_999)
    with pytest.raises(TooLarge) as refusal:
        await editing.add_songs(ann, made.id, ["s1", "s2"])
    assert refusal.value.extensions == {"code": "PLAYLIST_FULL", "field": "songIds"}
    _, placed = await editing.add_songs(ann, made.id, ["b1"])
    assert placed[0].position == 9_999
    with pytest.raises(TooLarge):
        await editing.add_songs(ann, made.id, ["b1"])
    with pytest.raises(TooLarge):
        await making.create(ann, PlaylistDraft("Longer"), songs * 10_001)
    assert (await music.house.playlists.get(ann, made.id)).song_count == 10_000
    assert await music.store.playlists.count({}) == 1


async def test_a_smart_playlist_is_filled_by_its_rules_alone(music, ann):
    made = await make(music, ann, "Smart", "s1", rules={"all": []})
    stranger = await music.sign_up("stranger")
    for query, variables in ((ADD, {"song": "b1"}), (REMOVE, {"song": "s1"}), (MOVE, {"song": "s1", "at": 0})):
        assert await music.errors(query, ann, id=made.id, **variables) == [{"code": "SMART_PLAYLIST"}]
        assert await music.errors(query, stranger, id=made.id, **variables) == [{"code": "DENIED"}]
    assert await stored(music, made.id) == made
    assert (await music.data(f'{{ playlist(id: "{made.id}") {{ canEdit }} }}', ann))["playlist"] == {"canEdit": False}


async def test_every_edit_is_told_once_and_what_changes_nothing_is_not(music, ann):
    told = []
    music.house.bus.hear(PlaylistChanged, told.append)
    made = await make(music, ann, "Mix", "s1", "s2")
    await music.data(MOVE, ann, id=made.id, song="s1", at=0)
    await music.errors(REMOVE, ann, id=made.id, song="b1")
    await music.data(f'mutation {{ deletePlaylist(playlistId: "{made.id}") {{ success }} }}', ann)
    assert told == [PlaylistChanged(made.id, ann.user_id, rev, gone) for rev, gone in
                    ((0, False), (1, False), (2, False), (2, True))]  # fmt: skip


async def test_a_cursor_stays_right_while_others_edit(music, ann):
    made = await make(music, ann, "Mix", "s1", "s2", "s3", "b1")
    page = (await music.data(PAGE, ann, id=made.id, first=2))["playlist"]["entries"]
    assert ([edge["node"]["song"]["id"] for edge in page["edges"]], page["totalCount"]) == (["s1", "s2"], 4)
    info = page["pageInfo"]
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (True, False)

    async def rest():
        answer = await music.data(PAGE, ann, id=made.id, first=100, after=info["endCursor"])
        return [
            (edge["node"]["position"], edge["node"]["song"]["id"]) for edge in answer["playlist"]["entries"]["edges"]
        ]

    assert await rest() == [(2, "s3"), (3, "b1")]
    await music.data(ADD_MANY, ann, id=made.id, songs=["b1", "b1"], at=0)
    assert await rest() == [(4, "s3"), (5, "b1")]
    await music.data(REMOVE, ann, id=made.id, song="s1")
    assert await rest() == [(3, "s3"), (4, "b1")]
    # With the entry of the cursor and those before it gone, the list goes on at its old position.
    await music.data(REMOVE, ann, id=made.id, song="s2")
    assert await rest() == [(1, "b1"), (2, "s3"), (3, "b1")]


async def test_a_cursor_whose_entry_has_gone_goes_on_behind_the_one_before(music, ann):
    made = await make(music, ann, "Mix", "s1", "s2", "s3", "b1")
    page = (await music.data(PAGE, ann, id=made.id, first=2))["playlist"]["entries"]
    await music.data(REMOVE, ann, id=made.id, song="s2")
    await music.data(ADD_MANY, ann, id=made.id, songs=["b1", "b1"], at=0)
    answer = await music.data(PAGE, ann, id=made.id, after=page["pageInfo"]["endCursor"])
    rows = [(edge["node"]["position"], edge["node"]["song"]["id"]) for edge in answer["playlist"]["entries"]["edges"]]
    assert rows == [(3, "s3"), (4, "b1")]


async def test_editors_edit_while_the_playlist_is_collaborative(music, ann):
    bob = await music.sign_up("bob")
    made = await make(music, ann, "Mix", "s1")
    await music.house.playlist_collaborators.invite(ann, made.id, "bob", PlaylistRole.EDITOR)
    await music.data(ADD, bob, id=made.id, song="b1")
    await music.data(
        f'mutation {{ updatePlaylist(playlistId: "{made.id}", isCollaborative: false) {{ playlist {{ id }} }} }}', ann
    )
    assert await music.errors(ADD, bob, id=made.id, song="b1") == [{"code": "DENIED"}]
    added_by = [entry.added_by for entry in (await stored(music, made.id)).entries]
    assert added_by == [ann.user_id, bob.user_id]
