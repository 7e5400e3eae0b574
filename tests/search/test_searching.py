"""Searching through the API, with the specification's own documents."""

from dataclasses import replace

import pytest

from services.viewer import Role
from storage.records import Playlist, UserPreferences

SEARCH = """query {
  search(query: "anna", types: [ARTIST, ALBUM, SONG, PLAYLIST], limit: 20) {
    artists { id name profileImage } albums { id title artist { name } coverImage }
    songs { id title artist { name } } playlists { id name user { username } } } }"""
SEARCH_SONGS = """query {
  searchSongs(query: "third", filters: { genre: "rock", year: 2024, isExplicit: false }, limit: 50) {
    edges { node { id title artist { name } duration playCount } } totalCount } }"""
SEARCH_ARTISTS = """query {
  searchArtists(query: "Anna", limit: 20, offset: 0) {
    edges { node { id name profileImage monthlyListeners verified } } totalCount } }"""
AUTOCOMPLETE = 'query { autocomplete(query: "be", limit: 5) { suggestions } }'
USAGE = """query SearchSongs($q: String!, $limit: Int) {
  searchSongs(query: $q, limit: $limit) { edges { node { id title artist { name } duration } } } }"""
IDS = """query ($q: String!, $filters: SearchFilters, $first: Int, $after: String, $offset: Int) {
  searchSongs(query: $q, filters: $filters, first: $first, after: $after, offset: $offset) {
    totalCount edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
HISTORY = "{ searchHistory { id query times searchedAt } }"


@pytest.fixture
async def searched(music):
    await music.house.indexing.catch_up()
    return music


async def ids(rig, query, viewer=None, **more):
    """The songs found, in order."""
    asked = (viewer,) if viewer else ()
    found = (await rig.data(IDS, *asked, q=query, **more))["searchSongs"]
    assert found["totalCount"] == len(found["edges"]) or more
    return [edge["node"]["id"] for edge in found["edges"]]


async def test_the_specifications_universal_search_is_answered(searched):
    ann = await searched.sign_up("ann.owner")
    now = searched.clock.now()
    await searched.store.playlists.insert(Playlist("p1", "Anna's best", "best", ann.user_id, now, now))
    await searched.house.indexing.catch_up()
    assert await searched.data(SEARCH) == {
        "search": {
            "artists": [{"id": "anna", "name": "Anna", "profileImage": None}],
            "albums": [
                {"id": "dawn", "title": "Dawn", "artist": {"name": "Anna"}, "coverImage": "/covers/c0ffee"},
                {"id": "dusk", "title": "Dusk", "artist": {"name": "Anna"}, "coverImage": None},
            ],
            "songs": [
                {"id": "s3", "title": "Third", "artist": {"name": "Anna"}},
                {"id": "s2", "title": "Second", "artist": {"name": "Anna"}},
                {"id": "s1", "title": "First", "artist": {"name": "Anna"}},
            ],
            "playlists": [{"id": "p1", "name": "Anna's best", "user": {"username": "ann.owner"}}],
        }
    }


async def test_the_specifications_song_search_is_answered(searched):
    assert await searched.data(SEARCH_SONGS) == {
        "searchSongs": {
            "edges": [
                {
                    "node": {
                        "id": "s3",
                        "title": "Third",
                        "artist": {"name": "Anna"},
                        "duration": 240,
                        "playCount": 30,
                    }
                }
            ],
            "totalCount": 1,
        }
    }


async def test_the_specifications_artist_search_autocomplete_and_usage_examples_are_answered(searched):
    node = {"id": "anna", "name": "Anna", "profileImage": None, "monthlyListeners": 5, "verified": False}
    assert await searched.data(SEARCH_ARTISTS) == {"searchArtists": {"edges": [{"node": node}], "totalCount": 1}}
    assert await searched.data(AUTOCOMPLETE) == {"autocomplete": {"suggestions": ["Bees", "Bert"]}}
    found = await searched.data(USAGE, q="Bees", limit=20)
    assert [edge["node"]["title"] for edge in found["searchSongs"]["edges"]] == ["Bees"]


async def test_a_document_over_http_is_answered_too(searched, client):
    response = await client.ask(AUTOCOMPLETE)
    assert response == {"data": {"autocomplete": {"suggestions": ["Bees", "Bert"]}}}


async def test_misspelt_begun_and_marked_words_find_the_song(searched):
    for typed in ("thrid", "thir", "THÍRD", "third!", "anna third", "third anna"):
        assert await ids(searched, typed) == ["s3"], typed


FILTERED = [
    ({"genre": "rock"}, ["s3", "s1"]),
    ({"genre": "slug-indie"}, ["s3", "s1"]),
    ({"genre": "shoegaze"}, ["s3"]),
    ({"genre": "nothing of the kind"}, []),
    ({"isExplicit": True}, ["s2"]),
    ({"isExplicit": False}, ["s3", "s1"]),
    ({"yearFrom": 2024, "yearTo": 2024}, ["s3", "s2", "s1"]),
    ({"yearFrom": 2025}, []),
    ({"yearTo": 2023}, []),
    ({"artistId": "bert"}, ["s1"]),
    ({"mood": "Dreamy"}, []),
    ({"language": "eng"}, []),
]


async def test_filters_keep_what_they_say(searched):
    for filters, expected in FILTERED:
        assert await ids(searched, "anna", filters=filters) == expected, filters


async def test_mood_and_language_are_compared_folded(searched):
    await searched.song("m", "bert", title="Moody", mood="Dreamy", language="ENG")
    await searched.house.indexing.catch_up()
    assert await ids(searched, "moody", filters={"mood": "dreamy", "language": "eng"}) == ["m"]


async def test_hidden_things_are_found_by_their_owner_and_admins_alone(searched):
    await searched.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": "owner"}})
    admin = await searched.sign_up("the.admin", Role.ADMIN)
    assert await ids(searched, "hidden") == []
    assert await ids(searched, "hidden", admin) == ["s4"]
    artist = await searched.sign_up("the.artist", Role.ARTIST)
    assert await ids(searched, "hidden", artist) == []
    await searched.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": artist.user_id}})
    assert await ids(searched, "hidden", artist) == ["s4"]
    suggestions = await searched.data('{ autocomplete(query: "hidd") { suggestions } }')
    assert suggestions == {"autocomplete": {"suggestions": []}}
    assert (await searched.data('{ search(query: "ghost") { artists { id } albums { id } } }'))["search"] == {
        "artists": [],
        "albums": [],
    }


async def test_explicit_songs_are_neither_shown_nor_counted_nor_suggested_to_those_who_want_none(searched):
    viewer = await searched.sign_up("childlike")
    preferences = {"$set": {"preferences.explicit_content": False}}
    await searched.store.users.update({"_id": viewer.user_id}, preferences)
    careful = replace(viewer, explicit_content=False)
    assert await ids(searched, "second", viewer) == ["s2"]
    assert await ids(searched, "second", careful) == []
    assert await searched.data('{ autocomplete(query: "seco") { suggestions } }', careful) == {
        "autocomplete": {"suggestions": []}
    }


async def test_private_playlists_are_found_by_their_owner_alone(searched):
    mine, other = await searched.sign_up("mine"), await searched.sign_up("other")
    now = searched.clock.now()
    await searched.store.playlists.insert(
        Playlist("p", "Secret Garden", "secret", mine.user_id, now, now, is_public=False)
    )
    await searched.house.indexing.catch_up()
    query = '{ search(query: "garden") { playlists { id } } autocomplete(query: "garden") { suggestions } }'
    assert await searched.data(query, mine) == {
        "search": {"playlists": [{"id": "p"}]},
        "autocomplete": {"suggestions": ["Secret Garden"]},
    }
    assert await searched.data(query, other) == {"search": {"playlists": []}, "autocomplete": {"suggestions": []}}


async def test_people_are_found_only_when_asked_for(searched):
    await searched.sign_up("findable")
    await searched.house.indexing.catch_up()
    assert await searched.data('{ search(query: "findable") { users { username } } }') == {"search": {"users": []}}
    asked = await searched.data('{ search(query: "findabel", types: [USER]) { users { username email } } }')
    assert asked == {"search": {"users": [{"username": "findable", "email": None}]}}


async def test_what_the_index_still_names_but_is_gone_is_left_out_and_looked_at_again(searched):
    await searched.store.songs.delete({"_id": "b1"})
    found = (await searched.data(IDS, q="bees"))["searchSongs"]
    assert found["edges"] == []
    await searched.house.indexing.catch_up()
    assert (await searched.data(IDS, q="bees"))["searchSongs"]["totalCount"] == 0


async def test_pages_follow_one_another_by_offset_and_by_cursor(searched):
    for number in range(7):
        await searched.song(f"n{number}", "bert", title=f"Number {number}", play_count=10 ** (7 - number))
    await searched.house.indexing.catch_up()
    everything = [f"n{number}" for number in range(7)]
    first = (await searched.data(IDS, q="number", first=3))["searchSongs"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (7, True)
    assert [edge["node"]["id"] for edge in first["edges"]] == everything[:3]
    # A row added before the cursor moves the others down; the next page goes on after the same song.
    await searched.song("new", "bert", title="Number", play_count=10**9)
    await searched.house.indexing.catch_up()
    after = first["pageInfo"]["endCursor"]
    second = (await searched.data(IDS, q="number", first=3, after=after))["searchSongs"]
    assert [edge["node"]["id"] for edge in second["edges"]] == everything[3:6]
    assert second["pageInfo"]["hasPreviousPage"] is True
    last = (await searched.data(IDS, q="number", first=3, offset=7))["searchSongs"]
    assert [edge["node"]["id"] for edge in last["edges"]] == ["n6"]
    assert last["pageInfo"]["hasNextPage"] is False


async def test_a_blank_search_is_refused_and_a_blank_beginning_suggests_nothing(rig):
    suggest = "query ($q: String!) { autocomplete(query: $q) { suggestions } }"
    for query in ("", "   ", "\t\n", "'"):
        assert await rig.errors(IDS, q=query) == [{"code": "INVALID", "field": "query"}]
        assert await rig.data(suggest, q=query) == {"autocomplete": {"suggestions": []}}


@pytest.mark.parametrize("field", ["searchSongs", "searchArtists", "search", "autocomplete"])
async def test_impossible_queries_are_refused_with_their_field(rig, field):
    document = f"query ($q: String!) {{ {field}(query: $q) {{ __typename }} }}"
    for query in ("x" * 201, "a\0b", "\u202eabc", "x" * 10_000_000, "\x07"):
        assert await rig.errors(document, q=query) == [{"code": "INVALID", "field": "query"}]
    # Half a surrogate pair is refused before it comes to a field.
    assert [error["code"] for error in await rig.errors(document, q="\ud800")] == ["INVALID"]


async def test_odd_queries_find_nothing_without_an_error(searched):
    for query in ("!!!", "🎵", "...", "the", "*", "title:love", "-", "x" * 200, "ß" * 200, "東", "x y " * 50):
        assert await ids(searched, query) == [], query
        await searched.data("query ($q: String!) { search(query: $q) { artists { id } } }", q=query)


async def test_a_band_of_signs_is_found(searched):
    await searched.artist("chk", name="!!!", monthly_listeners=1)
    await searched.house.indexing.catch_up()
    assert await searched.data('{ searchArtists(query: "!!!") { edges { node { name } } } }') == {
        "searchArtists": {"edges": [{"node": {"name": "!!!"}}]}
    }


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("limit: 0", "limit"),
        ("limit: 101", "limit"),
        ("first: -1", "first"),
        ("offset: -1", "offset"),
        ("offset: 10001", "offset"),
        ('after: "nonsense"', "after"),
        ('after: "WzEsMl0"', "after"),
        ("filters: {year: -1}", "filters.year"),
        ("filters: {yearFrom: 10000}", "filters.yearFrom"),
        ('filters: {genre: ""}', "filters.genre"),
        ('filters: {mood: "\\u0000"}', "filters.mood"),
        ('filters: {artistId: ""}', "filters.artistId"),
    ],
)
async def test_impossible_arguments_are_refused_with_their_field(rig, arguments, field):
    document = f'{{ searchSongs(query: "love", {arguments}) {{ totalCount }} }}'
    assert await rig.errors(document) == [{"code": "INVALID", "field": field}]


@pytest.mark.parametrize("limit", [0, 21, -5])
async def test_suggestions_are_at_most_twenty(rig, limit):
    document = f'{{ autocomplete(query: "a", limit: {limit}) {{ suggestions }} }}'
    assert await rig.errors(document) == [{"code": "INVALID", "field": "limit"}]


async def test_the_number_of_store_commands_is_the_same_for_one_row_and_a_hundred(searched):
    for number in range(100):
        await searched.song(f"n{number}", "bert", title=f"Number {number}")
    await searched.house.indexing.catch_up()
    document = (
        'query ($n: Int) { searchSongs(query: "number", limit: $n) { edges { node { title artist { name } } } } }'
    )
    for rows in (1, 100):
        searched.engine.asked.clear()
        found = await searched.data(document, n=rows)
        assert len(found["searchSongs"]["edges"]) == rows
        assert dict(searched.engine.asked) == {"songs": 1, "artists": 1}
    searched.engine.asked.clear()
    await searched.data(SEARCH)
    assert dict(searched.engine.asked) == {"artists": 2, "albums": 1, "songs": 1}
    searched.engine.asked.clear()
    await searched.data(AUTOCOMPLETE)
    assert dict(searched.engine.asked) == {"artists": 1, "songs": 1}


async def test_searches_are_remembered_once_each_the_newest_first(searched):
    viewer = await searched.sign_up("seeker")
    for query in ("Bees", "anna", "BEES"):
        await ids(searched, query, viewer)
        searched.clock.turn(1)
    await searched.data('{ autocomplete(query: "thi") { suggestions } }', viewer)
    rows = (await searched.data(HISTORY, viewer))["searchHistory"]
    assert [(row["query"], row["times"]) for row in rows] == [("BEES", 2), ("anna", 1)]


async def test_the_second_page_of_a_search_is_no_new_search(searched):
    viewer = await searched.sign_up("seeker")
    page = (await searched.data(IDS, viewer, q="anna", first=1))["searchSongs"]
    await searched.data(IDS, viewer, q="anna", first=1, after=page["pageInfo"]["endCursor"])
    assert [row["times"] for row in (await searched.data(HISTORY, viewer))["searchHistory"]] == [1]


async def test_a_private_session_and_nobody_leave_no_history(searched):
    viewer = await searched.sign_up("seeker")
    await searched.store.users.update({"_id": viewer.user_id}, {"$set": {"preferences.private_session": True}})
    await ids(searched, "bees", viewer)
    await ids(searched, "bees")
    assert UserPreferences().private_session is False
    assert await searched.store.search_queries.count({}) == 0


async def test_only_the_newest_two_hundred_searches_are_kept(searched):
    viewer = await searched.sign_up("seeker")
    for number in range(203):
        await searched.house.search_history.note(viewer, f"query {number}")
        searched.clock.turn(1)
    assert await searched.store.search_queries.count({}) == 200
    oldest = await searched.store.search_queries.find({}, sort=[("searched_at", 1)], limit=1)
    assert oldest[0].query == "query 3"


async def test_searches_are_forgotten_one_by_one_and_all_by_their_owner_alone(searched):
    mine, other = await searched.sign_up("mine"), await searched.sign_up("other")
    for query in ("bees", "anna"):
        await ids(searched, query, mine)
    entry = (await searched.data(HISTORY, mine))["searchHistory"][0]["id"]
    remove = "mutation ($id: ID!) { removeFromSearchHistory(searchId: $id) { success } }"
    for viewer, id in ((other, entry), (mine, "nonsense"), (mine, f"{mine.user_id}:gone")):
        assert await searched.errors(remove, viewer, id=id) == [{"code": "NOT_FOUND", "field": "searchId"}]
    assert await searched.store.search_queries.count({}) == 2
    assert await searched.data(remove, mine, id=entry) == {"removeFromSearchHistory": {"success": True}}
    assert await searched.data("mutation { clearSearchHistory { success } }", other) == {
        "clearSearchHistory": {"success": True}
    }
    assert await searched.store.search_queries.count({}) == 1
    await searched.data("mutation { clearSearchHistory { success } }", mine)
    assert (await searched.data(HISTORY, mine))["searchHistory"] == []


@pytest.mark.parametrize(
    "document",
    [
        HISTORY,
        "mutation { clearSearchHistory { success } }",
        'mutation { removeFromSearchHistory(searchId: "a") { success } }',
    ],
)
async def test_nobody_has_no_search_history(searched, document):
    assert [error["code"] for error in await searched.errors(document)] == ["UNAUTHENTICATED"]
