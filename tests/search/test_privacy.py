"""What somebody may not see is not found, counted, suggested or hinted at: not by facets, totals or corrections."""

from dataclasses import replace

import pytest

from services.viewer import NOBODY, Role
from storage.records import Playlist

COUNTED = """query ($q: String!, $filters: SearchFilters) { searchSongs(query: $q, filters: $filters) {
  totalCount didYouMean edges { node { id } }
  facets { explicit genres { genre { id } count } decades { value count } moods { value count }
           languages { value count } keys { value count } } } }"""
EVERYWHERE = """query ($q: String!) { autocomplete(query: $q) { suggestions }
  search(query: $q, types: [ARTIST, ALBUM, SONG, PLAYLIST, USER]) { didYouMean
    artists { id } albums { id } songs { id } playlists { id } users { id } } }"""
NOTHING = {
    "autocomplete": {"suggestions": []},
    "search": {"didYouMean": None, "artists": [], "albums": [], "songs": [], "playlists": [], "users": []},
}
NONE_COUNTED = {"explicit": 0, "genres": [], "decades": [], "moods": [], "languages": [], "keys": []}


@pytest.fixture
async def searched(music):
    """With one hidden song that has every facet, and is the only one to have them."""
    await music.genre("drone")
    await music.song(
        "veiled", "bert", title="Veiled", is_hidden=True, genre_ids=["drone"], mood="Eerie", language="isl", year=1961
    )
    await music.house.indexing.catch_up()
    return music


async def counted(rig, viewer=NOBODY, q="veiled", **more):
    """What a search tells."""
    return (await rig.data(COUNTED, viewer, q=q, **more))["searchSongs"]


async def test_a_hidden_song_is_not_found_counted_or_hinted_at(searched):
    nothing = {"totalCount": 0, "didYouMean": None, "edges": [], "facets": NONE_COUNTED}
    for typed in ("veiled", "veield", "veil"):
        assert await counted(searched, q=typed) == nothing, typed
        assert await searched.data(EVERYWHERE, q=typed) == NOTHING, typed
    for filters in ({"genre": "drone"}, {"mood": "eerie"}, {"language": "isl"}, {"year": 1961}):
        assert await counted(searched, q="", filters=filters) == nothing, filters


async def test_those_who_may_see_it_have_it_counted(searched):
    moderator = await searched.sign_up("the.moderator", Role.MODERATOR)
    found = await counted(searched, moderator)
    assert (found["totalCount"], found["facets"]) == (
        1,
        {
            **NONE_COUNTED,
            "genres": [{"genre": {"id": "drone"}, "count": 1}],
            "decades": [{"value": "1960", "count": 1}],
            "moods": [{"value": "eerie", "count": 1}],
            "languages": [{"value": "isl", "count": 1}],
        },
    )


async def test_explicit_songs_are_not_counted_for_those_who_want_none(searched):
    everything = {"artistId": "anna"}
    assert (await counted(searched, q="", filters=everything))["facets"]["explicit"] == 1
    careful = replace(NOBODY, explicit_content=False)
    found = await counted(searched, careful, q="", filters=everything)
    assert (found["totalCount"], found["facets"]["explicit"]) == (2, 0)


async def test_a_song_hidden_a_moment_ago_is_gone_at_once_and_counted_until_the_index_knows(searched):
    await searched.store.songs.update({"_id": "b1"}, {"$set": {"is_hidden": True, "updated_at": searched.clock.now()}})
    found = await counted(searched, q="bees")
    # The index is behind by a second at most; nothing is shown that it still names.
    assert (found["totalCount"], found["edges"], found["didYouMean"]) == (1, [], None)
    assert await searched.data(EVERYWHERE, q="bees") == NOTHING
    await searched.house.indexing.catch_up()
    assert (await counted(searched, q="bees"))["totalCount"] == 0


async def test_likes_of_what_is_hidden_since_find_nothing(searched):
    ann = await searched.sign_up("ann")
    await searched.house.likes.like(ann, "b1")
    assert (await counted(searched, ann, q="", filters={"liked": True}))["totalCount"] == 1
    await searched.store.songs.update({"_id": "b1"}, {"$set": {"is_hidden": True, "updated_at": searched.clock.now()}})
    await searched.house.indexing.catch_up()
    found = await counted(searched, ann, q="", filters={"liked": True})
    assert (found["totalCount"], found["facets"]) == (0, NONE_COUNTED)


async def test_private_and_moderated_playlists_and_suspended_people_are_for_nobody_else(searched):
    mine, other = await searched.sign_up("zebrina"), await searched.sign_up("other")
    now = searched.clock.now()
    for id, more in (("private", {"is_public": False}), ("moderated", {"is_hidden": True})):
        await searched.store.playlists.insert(Playlist(id, f"Zebra {id}", id, mine.user_id, now, now, **more))
    await searched.house.indexing.catch_up()
    found = await searched.data(EVERYWHERE, other, q="zebr")
    assert found == {**NOTHING, "search": {**NOTHING["search"], "users": [{"id": mine.user_id}]}}
    await searched.store.users.update({"_id": mine.user_id}, {"$set": {"is_suspended": True, "updated_at": now}})
    assert await searched.data(EVERYWHERE, other, q="zebr") == NOTHING
    await searched.house.indexing.catch_up()
    assert await searched.data(EVERYWHERE, other, q="zebr") == NOTHING


async def test_only_words_leave_a_trace_in_the_history(searched):
    ann = await searched.sign_up("ann")
    await counted(searched, ann, q="  ", filters={"genre": "rock"})
    await counted(searched, ann, q="bees", filters={"genre": "rock"})
    rows = await searched.store.search_queries.find({})
    assert [row.query for row in rows] == ["bees"]
