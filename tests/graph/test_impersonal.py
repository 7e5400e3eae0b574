"""What may be told to many at once: only what is the same for all of them, and proven to be."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from graphql import get_operation_ast, parse

from graph.build import MODULES, build_schema
from graph.impersonal import crowd_of, shares
from services.playlists.making import PlaylistChanges
from services.viewer import NOBODY, Viewer
from tests.playlists.stage import make

ALL = """
subscription ($id: ID!) { playlist(id: $id) {
  __typename id name rev isPublic duplicates coverImage(size: 300) totalDuration
  entries(first: 10) { totalCount pageInfo { endCursor } edges { cursor node { id position } } }
  songs(limit: 10) { ...Entry }
} }
fragment Entry on PlaylistSong { createdAt song {
  title duration coverImage genre { name } genres { name } featuredArtists { name } audioFeatures { energy }
  credits { name artist { name } }
  artist { name profileImage coverImage genres { name } topSongs(limit: 3) { title } albums { title } }
  album { title totalDuration coverImage genres { name } artist { name } songs { title } }
} }
"""
PROVEN = {
    "Playlist.songs", "Playlist.entries", "Playlist.coverImage", "Playlist.totalDuration", "Playlist.duplicates",
    "PlaylistSong.song", "PlaylistSong.createdAt", "Song.artist", "Credit.artist", "Song.featuredArtists",
    "Song.album", "Song.genre", "Song.duration", "Song.audioFeatures", "Album.artist", "Album.songs",
    "Album.totalDuration", "Album.coverImage", "Song.coverImage", "Artist.profileImage", "Artist.coverImage",
    "Artist.albums", "Artist.topSongs", "Artist.genres", "Album.genres", "Song.genres", "*Connection.edges",
    "*Connection.pageInfo", "*Connection.totalCount",
}  # fmt: skip
"""Every declaration; ALL asks for each of them."""


def test_whatever_is_declared_impersonal_is_asked_for_by_the_proof():
    declared = {
        coordinate
        for module in MODULES
        for entry in vars(module).values()
        if getattr(entry, "impersonal", False) and entry.__module__ == module.__name__
        for coordinate in entry.coordinates
    }
    assert declared == PROVEN


def sharable(selection: str, root: str = 'playlist(id: "x")') -> bool:
    document = parse(f"subscription {{ {root} {{ {selection} }} }} fragment F on Playlist {{ isMine }}")
    return shares(build_schema(), document, get_operation_ast(document)) is not None


@pytest.mark.parametrize(
    "selection",
    ["isMine", "... F", "... on Playlist { canEdit }", "songs { addedBy { username } }", "user { id }", "collaborators "
     "{ role }", "myRole", "isFollowed", "songs { song { audioUrl } }", "songs { song { isLiked } }"],
)  # fmt: skip
def test_one_field_about_the_viewer_makes_the_whole_answer_theirs_alone(selection):
    assert sharable("name songs { song { title } }")
    assert not sharable(f"name {selection}")


def test_a_source_that_reads_for_each_is_not_shared_whatever_is_asked():
    assert not sharable("timestamp", 'nowPlaying(userId: "x")')


@pytest.mark.parametrize(
    "other",
    [{"roles": frozenset({"artist"})}, {"unseen": frozenset({"x"})}, {"muted": frozenset({"x"})}, {"guest_id": "g"},
     {"scopes": frozenset({"read"})}, {"room_id": "r"}],
)  # fmt: skip
def test_who_sees_more_or_less_than_the_public_stands_alone(other):
    listener = Viewer(user_id="ann", session_id="s", tier="premium")
    assert crowd_of(listener) == NOBODY == crowd_of(NOBODY)
    assert crowd_of(replace(listener, explicit_content=False)) == Viewer(explicit_content=False)
    assert crowd_of(replace(listener, **other)) is None


@pytest.fixture
async def listening(music):
    """Anna's playlist of all songs, followed by everybody there is; gives viewers, and the answers to one edit."""
    ann = await music.sign_up("ann")
    playlist = await make(music, ann, "Road", "s1", "s2", "s3", "b1")
    music.ann, music.playlist_id = ann, playlist.id

    async def after_an_edit(query, viewers, edit):
        streams = [await music.listen(query, viewer, id=playlist.id) for viewer in viewers]
        try:
            for stream in streams:
                await anext(stream)
            shared = music.executor.shared_answers
            made, handed_on = shared.made, shared.handed_on
            waiting = [asyncio.create_task(anext(stream), name="listens") for stream in streams]
            await asyncio.sleep(0)
            await edit()
            answers = await asyncio.wait_for(asyncio.gather(*waiting), 20)
            return answers, shared.made - made, shared.handed_on - handed_on
        finally:
            for stream in streams:
                await stream.aclose()

    music.after_an_edit = after_an_edit
    return music


async def test_the_proof_the_owner_a_listener_and_nobody_are_told_the_same_word_for_word(listening):
    bob = await listening.sign_up("bob")

    async def rename(name="Sea"):
        await listening.house.playlist_making.update(listening.ann, listening.playlist_id, PlaylistChanges(name=name))

    answers, made, handed_on = await listening.after_an_edit(ALL, [listening.ann, bob, NOBODY], rename)
    assert (made, handed_on) == (1, 2)
    assert answers[0]["data"]["playlist"]["name"] == "Sea"
    # The same asked by each with their own eyes: a key of their own makes them stand alone.
    alone = [replace(viewer, muted=frozenset({"x"}), session_id=None) for viewer in (listening.ann, bob, NOBODY)]

    own, made, handed_on = await listening.after_an_edit(ALL, alone, lambda: rename("Lake"))
    assert (made, handed_on) == (0, 0)
    for answer in (*own, *answers):
        for changed in ("rev", "name"):
            answer["data"]["playlist"].pop(changed, None)
    assert own == answers


async def test_who_wants_no_explicit_songs_is_told_apart_and_a_private_playlist_is_answered_one_by_one(listening):
    titles = "subscription ($id: ID!) { playlist(id: $id) { isPublic songs { song { title } } } }"
    bob, cat = await listening.sign_up("bob"), replace(NOBODY, explicit_content=False)

    async def change(**changes):
        edit = PlaylistChanges(**changes)
        await listening.house.playlist_making.update(listening.ann, listening.playlist_id, edit)

    answers, made, _ = await listening.after_an_edit(titles, [bob, cat, cat], lambda: change(name="Sea"))
    shown = [[row["song"]["title"] for row in answer["data"]["playlist"]["songs"]] for answer in answers]
    assert shown == [["First", "Second", "Third", "Bees"], ["First", "Third", "Bees"], ["First", "Third", "Bees"]]
    assert made == 2, "one answer for each way of seeing"
    answers, made, _ = await listening.after_an_edit(titles, [listening.ann] * 3, lambda: change(is_public=False))
    assert made == 0
    assert [len(answer["data"]["playlist"]["songs"]) for answer in answers] == [4, 4, 4], "its owner sees it all"


async def test_other_words_and_other_variables_are_other_answers(listening):
    first = "subscription ($id: ID!, $n: Int) { playlist(id: $id) { songs(limit: $n) { position } } }"

    async def rename():
        edit = PlaylistChanges(name="Sea")
        await listening.house.playlist_making.update(listening.ann, listening.playlist_id, edit)

    streams = [
        await listening.listen(query, NOBODY, id=listening.playlist_id, **more)
        for query, more in ((first, {"n": 1}), (first, {"n": 2}), (first, {"n": 2}), (first + " ", {"n": 2}))
    ]
    for stream in streams:
        await anext(stream)
    shared = listening.executor.shared_answers
    made = shared.made
    await rename()
    answers = await asyncio.gather(*(anext(stream) for stream in streams))
    for stream in streams:
        await stream.aclose()
    assert [len(answer["data"]["playlist"]["songs"]) for answer in answers] == [1, 2, 2, 2]
    assert (shared.made - made, shared.handed_on) == (3, 1)
