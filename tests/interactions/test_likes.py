"""Likes: the counter follows the edge, once for each person, whatever happens at once."""

import asyncio

import pytest

from services.errors import NotFound, Unauthenticated
from services.paging import Slice
from services.viewer import NOBODY, Viewer

LIKE = """mutation LikeSong($songId: ID!) { likeSong(songId: $songId) { success song { id likeCount } } }"""
UNLIKE = "mutation ($id: ID!) { unlikeSong(songId: $id) { success song { likeCount isLiked } } }"
LIKED = """query ($first: Int, $after: String) { likedSongs(first: $first, after: $after) {
  edges { node { id isLiked } cursor createdAt } totalCount pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


def listener(name):
    """Somebody signed in; likes ask for no account record."""
    return Viewer(user_id=name)


async def test_a_like_is_answered_as_the_specification_asks(music, client):
    token = (await music.sign_in("listener")).token
    music.engine.asked.clear()
    liked = await client.ask(LIKE, token, songId="s1")
    assert liked == {"data": {"likeSong": {"success": True, "song": {"id": "s1", "likeCount": 1}}}}
    # The song is looked at, the edge is written, the counter moves; the other two are the token's session and user.
    assert music.engine.asked == {"songs": 2, "liked_songs": 1, "sessions": 1, "users": 1}
    music.engine.asked.clear()
    document = 'mutation { unlikeSong(songId: "s1") { success } }'
    assert await client.ask(document, token) == {"data": {"unlikeSong": {"success": True}}}
    assert music.engine.asked == {"songs": 1, "liked_songs": 1}
    assert (await music.store.songs.get("s1")).like_count == 0


async def test_repeats_succeed_and_count_once(music):
    viewer = listener("u")
    counts = [(await music.data(LIKE, viewer, songId="s1"))["likeSong"]["song"]["likeCount"] for _ in range(3)]
    assert counts == [1, 1, 1]
    for _ in range(2):
        assert (await music.data(UNLIKE, viewer, id="s1"))["unlikeSong"] == {
            "success": True,
            "song": {"likeCount": 0, "isLiked": False},
        }
    assert await music.store.liked_songs.count({}) == 0


async def test_fifty_likes_of_one_person_at_once_count_once_and_of_fifty_people_fifty_times(music):
    await asyncio.gather(*(music.house.likes.like(listener("u"), "s1") for _ in range(50)))
    assert (await music.store.songs.get("s1")).like_count == 1
    await asyncio.gather(*(music.house.likes.like(listener(f"u{number}"), "b1") for number in range(50)))
    assert (await music.store.songs.get("b1")).like_count == 50
    await asyncio.gather(*(music.house.likes.unlike(listener(f"u{number % 25}"), "b1") for number in range(50)))
    assert (await music.store.songs.get("b1")).like_count == 25


async def test_likes_and_unlikes_at_once_leave_the_counter_equal_to_the_rows(music):
    likes = music.house.likes
    await asyncio.gather(
        *((likes.like if number % 3 else likes.unlike)(listener(f"u{number % 5}"), "s1") for number in range(60))
    )
    assert (await music.store.songs.get("s1")).like_count == await music.store.liked_songs.count({})


@pytest.mark.parametrize("id", ["s4", "nowhere", "", "\x00", "\ud800", "1" * 40_000, "\u202ex"])
async def test_a_song_that_is_absent_hidden_or_malformed_cannot_be_liked(music, id):
    with pytest.raises(NotFound, match="There is no such song"):
        await music.house.likes.like(listener("u"), id)
    await music.house.likes.unlike(listener("u"), id)
    assert await music.store.liked_songs.count({}) == 0
    assert (await music.store.songs.get("s4")).like_count == 0


async def test_nobody_likes_nothing(music):
    with pytest.raises(Unauthenticated):
        await music.house.likes.like(NOBODY, "s1")
    with pytest.raises(Unauthenticated):
        await music.house.likes.unlike(NOBODY, "s1")
    music.engine.asked.clear()
    assert await music.data('{ song(id: "s1") { isLiked likeCount } }') == {"song": {"isLiked": False, "likeCount": 0}}
    assert music.engine.asked == {"songs": 1}


async def test_a_like_can_be_taken_back_after_the_song_has_become_invisible(music):
    viewer = listener("u")
    await music.data(LIKE, viewer, songId="s1")
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    assert (await music.data(LIKED, viewer))["likedSongs"] == {
        "edges": [],
        "totalCount": 1,
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "endCursor": await cursor_of(music, "u", "s1")},
    }
    assert (await music.data(UNLIKE, viewer, id="s1"))["unlikeSong"] == {"success": True, "song": None}
    assert await music.store.liked_songs.count({}) == 0
    assert (await music.store.songs.get("s1")).like_count == 0


async def cursor_of(music, user_id, song_id):
    page = await music.house.likes.songs(listener(user_id), Slice(limit=1))
    assert page.items == []
    return page.end_cursor


async def test_liked_songs_come_in_the_order_of_the_likes_and_stay_right_while_others_are_added(music):
    viewer = listener("u")
    for id in ("s3", "b1", "s1"):
        await music.data(LIKE, viewer, songId=id)
        music.clock.turn(60)
    first = (await music.data(LIKED, viewer, first=2))["likedSongs"]
    assert [edge["node"] for edge in first["edges"]] == [{"id": "s1", "isLiked": True}, {"id": "b1", "isLiked": True}]
    assert [edge["createdAt"][11:16] for edge in first["edges"]] == ["12:02", "12:01"]
    assert first["totalCount"] == 3
    assert first["pageInfo"]["hasNextPage"] is True
    await music.data(LIKE, viewer, songId="s2")
    rest = (await music.data(LIKED, viewer, first=2, after=first["pageInfo"]["endCursor"]))["likedSongs"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == ["s3"]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert rest["pageInfo"]["hasPreviousPage"] is True
    assert rest["totalCount"] == 4


async def test_a_page_of_nothing_but_invisible_songs_can_be_read_past(music):
    viewer = listener("u")
    for id in ("s3", "s1", "b1"):
        await music.data(LIKE, viewer, songId=id)
        music.clock.turn(1)
    await music.store.songs.update({"_id": {"$in": ["s1", "b1"]}}, {"$set": {"is_hidden": True}}, many=True)
    page = (await music.data(LIKED, viewer, first=2))["likedSongs"]
    assert (page["edges"], page["pageInfo"]["hasNextPage"]) == ([], True)
    rest = (await music.data(LIKED, viewer, first=2, after=page["pageInfo"]["endCursor"]))["likedSongs"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == ["s3"]


@pytest.mark.parametrize("songs", [1, 100])
async def test_a_hundred_liked_songs_cost_the_commands_of_one(music, songs):
    viewer = listener("u")
    for number in range(songs):
        await music.song(f"n{number:03}", "anna")
        await music.house.likes.like(viewer, f"n{number:03}")
    music.engine.asked.clear()
    page = (await music.data(LIKED, viewer, first=100))["likedSongs"]
    assert len(page["edges"]) == page["totalCount"] == songs
    # The page, the count, and whether each is liked.
    assert music.engine.asked == {"liked_songs": 3, "songs": 1}
    music.engine.asked.clear()
    answer = await music.data("{ songs(first: 100) { edges { node { isLiked } } } }", viewer)
    assert sum(edge["node"]["isLiked"] for edge in answer["songs"]["edges"]) >= min(songs, 1)
    assert music.engine.asked == {"liked_songs": 1, "songs": 1}
