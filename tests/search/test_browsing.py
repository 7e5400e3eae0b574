"""Filters, orders, facets and hints of a search through the API, with exact answers."""

from dataclasses import replace
from random import Random

import pytest

from services.search.entries import Kind
from services.viewer import NOBODY
from storage.records.song import AudioFeatures

SONGS = """query ($q: String!, $filters: SearchFilters, $sort: SearchSort, $first: Int, $after: String, $offset: Int) {
  searchSongs(query: $q, filters: $filters, sort: $sort, first: $first, after: $after, offset: $offset) {
    totalCount edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
FACETS = """query ($q: String!, $filters: SearchFilters) { searchSongs(query: $q, filters: $filters) {
  totalCount facets { genres { genre { id name } count } decades { value count } moods { value count }
    languages { value count } keys { value count } explicit } } }"""
MARKED = """query ($q: String!, $offset: Int) {
  searchSongs(query: $q, offset: $offset) { didYouMean edges { node { id } highlights { ...marked } } }
  searchArtists(query: $q) { didYouMean edges { node { id } highlights { ...marked } } }
  search(query: $q) { didYouMean } }
fragment marked on Highlight { field fragments { text isMatch } }"""


@pytest.fixture
async def shelf(music):
    """Five songs called Amber: e has nothing but a title."""
    on = {"album_id": "noon", "album_title": "Noon"}
    calm = {"mood": "Calm", "language": "eng"}
    loud = {"mood": "Loud", "language": "deu"}
    rows = {
        "a": ("Amber Dawn", 1991, 100_400, 90.0, "Am", {"genre_ids": ["rock"], "play_count": 9, **calm, **on}),
        "b": ("Amber Cold", 1999, 100_600, 120.5, "C major", {"genre_ids": ["indie"], "play_count": 99, **calm}),
        "c": ("Amber Élan", 2004, 250_000, 174.0, "Gb minor", {"genre_ids": ["indie", "shoegaze"], **loud}),
        "d": ("Amber Bell", 2004, 300_000, 120.51, "8A", {"is_explicit": True, "play_count": 999, **loud, **on}),
    }
    for id, (title, year, duration_ms, tempo, key, more) in rows.items():
        features = AudioFeatures(tempo=tempo, key=key)
        about = {"title": title, "sort_title": title, "year": year, "duration_ms": duration_ms, "features": features}
        await music.song(id, "bert", **about, **more)
    await music.song("e", "anna", title="Amber", sort_title="Amber", duration_ms=0)
    await music.house.indexing.catch_up()
    return music


async def ids(rig, viewer=NOBODY, q="amber", **more):
    """The songs found; as a set in the order of their names unless there is an order to see."""
    found = (await rig.data(SONGS, viewer, q=q, **more))["searchSongs"]
    assert found["totalCount"] == len(found["edges"])
    listed = [edge["node"]["id"] for edge in found["edges"]]
    return "".join(listed if "sort" in more else sorted(listed))


KEPT = [
    ({"genre": "rock"}, "abc"),
    ({"genre": "indie"}, "bc"),
    ({"genres": ["rock"]}, "abc"),
    ({"genres": ["shoegaze", "no such"]}, "c"),
    ({"genre": "rock", "genres": ["shoegaze"]}, "c"),
    ({"genres": ["no such"]}, ""),
    ({"year": 2004}, "cd"),
    ({"yearFrom": 1992, "yearTo": 2003}, "b"),
    ({"durationFrom": 101}, "bcd"),
    ({"durationTo": 100}, "a"),
    ({"durationFrom": 100, "durationTo": 101}, "ab"),
    ({"tempoFrom": 120.5, "tempoTo": 120.5}, "b"),
    ({"tempoFrom": 120.5}, "bcd"),
    ({"tempoTo": 100}, "a"),
    ({"key": "A minor"}, "ad"),
    ({"key": "f#m"}, "c"),
    ({"key": "8B"}, "b"),
    ({"mood": "calm"}, "ab"),
    ({"language": "DEU"}, "cd"),
    ({"isExplicit": True}, "d"),
    ({"isExplicit": False}, "abce"),
    ({"artistId": "anna"}, "e"),
    ({"albumId": "noon"}, "ad"),
    ({"albumId": "noon", "isExplicit": False, "key": "Am", "yearTo": 1995}, "a"),
]


async def test_each_filter_keeps_what_it_says_and_the_given_ones_hold_together(shelf):
    assert {str(filters): await ids(shelf, filters=filters) for filters, _ in KEPT} == {
        str(filters): kept for filters, kept in KEPT
    }


async def test_likes_and_saved_albums_are_filters_for_who_has_them(shelf, finds):
    ann, other = await shelf.sign_up("ann"), await shelf.sign_up("other")
    await shelf.house.likes.like(ann, "c")
    await shelf.house.saves.save(ann, "noon")
    assert await ids(shelf, ann, filters={"liked": True}) == "c"
    assert await ids(shelf, ann, filters={"inLibrary": True}) == "acd"
    assert await ids(shelf, ann, filters={"inLibrary": True, "genre": "rock"}) == "ac"
    assert await ids(shelf, ann, filters={"inLibrary": True, "liked": True}) == "c"
    assert await ids(shelf, ann, filters={"inLibrary": False, "liked": False}) == "abcde"
    assert await ids(shelf, replace(ann, explicit_content=False), filters={"inLibrary": True}) == "ac"
    assert await ids(shelf, other, filters={"inLibrary": True}) == ""
    async with finds(3, liked_songs=1, saved_albums=1, songs=1):
        # Blank: nothing is noted, and all of one's own is listed.
        assert await ids(shelf, ann, q="", filters={"inLibrary": True}, sort="TITLE") == "dacb1"
    for filters in ({"liked": True}, {"inLibrary": True}):
        assert [error["code"] for error in await shelf.errors(SONGS, q="amber", filters=filters)] == ["UNAUTHENTICATED"]


SORTED = {
    "POPULARITY": ("dba", "ce"),
    "NEWEST": ("cd", "b", "a", "e"),
    "OLDEST": ("a", "b", "cd", "e"),
    "RECENTLY_ADDED": ("e", "d", "c", "b", "a"),
    "TITLE": ("e", "d", "b", "a", "c"),
    "SHORTEST": ("a", "b", "c", "d", "e"),
    "LONGEST": ("d", "c", "b", "a", "e"),
    "SLOWEST": ("a", "b", "d", "c", "e"),
    "FASTEST": ("c", "d", "b", "a", "e"),
}


async def test_every_order_is_kept_from_page_to_page_by_offset_and_by_cursor(shelf):
    for sort, groups in SORTED.items():
        whole = await ids(shelf, sort=sort)
        at = 0
        for group in groups:
            assert sorted(whole[at : at + len(group)]) == sorted(group), (sort, whole)
            at += len(group)
        after, read = None, ""
        while True:
            page = (await shelf.data(SONGS, q="amber", sort=sort, first=2, after=after))["searchSongs"]
            read += "".join(edge["node"]["id"] for edge in page["edges"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert read == whole, sort
        second = (await shelf.data(SONGS, q="amber", sort=sort, first=2, offset=2))["searchSongs"]
        assert "".join(edge["node"]["id"] for edge in second["edges"]) == whole[2:4]
        wrong = "RELEVANCE" if sort != "RELEVANCE" else "TITLE"
        assert await shelf.errors(SONGS, q="amber", sort=wrong, first=2, after=after) == [
            {"code": "INVALID", "field": "after"}
        ]


async def test_in_another_order_only_what_is_written_so_is_listed_if_there_is_any(shelf):
    await shelf.song("f", "bert", title="Ambre", year=1900)
    await shelf.house.indexing.catch_up()
    assert await ids(shelf, sort="RELEVANCE") == "ed" + (await ids(shelf, sort="RELEVANCE"))[2:5] + "f"
    assert "f" not in await ids(shelf, sort="OLDEST")
    assert await ids(shelf, q="ambrr", sort="OLDEST") == "f" + (await ids(shelf, sort="OLDEST"))


async def test_facets_count_all_that_is_found_and_only_that(shelf):
    found = (await shelf.data(FACETS, q="amber", filters={"yearFrom": 1995}))["searchSongs"]
    assert found == {
        "totalCount": 3,
        "facets": {
            "genres": [
                {"genre": {"id": "indie", "name": "indie"}, "count": 2},
                {"genre": {"id": "shoegaze", "name": "shoegaze"}, "count": 1},
            ],
            "decades": [{"value": "2000", "count": 2}, {"value": "1990", "count": 1}],
            "moods": [{"value": "loud", "count": 2}, {"value": "calm", "count": 1}],
            "languages": [{"value": "deu", "count": 2}, {"value": "eng", "count": 1}],
            "keys": [
                {"value": "A minor", "count": 1},
                {"value": "C major", "count": 1},
                {"value": "F# minor", "count": 1},
            ],
            "explicit": 1,
        },
    }
    # The value of each is what its filter takes.
    for value in ("A minor", "C major", "F# minor"):
        assert len(await ids(shelf, filters={"key": value, "yearFrom": 1995})) == 1


async def test_facets_of_what_is_misspelt_count_what_is_listed(shelf):
    found = (await shelf.data(FACETS, q="ambre"))["searchSongs"]
    assert (found["totalCount"], found["facets"]["decades"]) == (
        5,
        [{"value": "1990", "count": 2}, {"value": "2000", "count": 2}],
    )


async def test_genres_of_a_page_are_read_together(shelf, finds):
    async with finds(2, songs=1, genres=1):
        await shelf.data(FACETS, q="amber")


async def test_what_matched_is_marked_in_title_artist_and_album(shelf):
    found = (await shelf.data(MARKED, q="amber bert bel"))["searchSongs"]
    assert found == {
        "didYouMean": None,
        "edges": [
            {
                "node": {"id": "d"},
                "highlights": [
                    {
                        "field": "title",
                        "fragments": [
                            {"text": "Amber", "isMatch": True},
                            {"text": " ", "isMatch": False},
                            {"text": "Bel", "isMatch": True},
                            {"text": "l", "isMatch": False},
                        ],
                    },
                    {"field": "artist", "fragments": [{"text": "bert", "isMatch": True}]},
                    {"field": "album", "fragments": [{"text": "Noon", "isMatch": False}]},
                ],
            }
        ],
    }
    artists = (await shelf.data(MARKED, q="ann"))["searchArtists"]["edges"]
    assert artists[0]["highlights"] == [
        {"field": "name", "fragments": [{"text": "Ann", "isMatch": True}, {"text": "a", "isMatch": False}]}
    ]


async def test_what_was_meant_is_told_when_nothing_is_written_so(shelf):
    misspelt = await shelf.data(MARKED, q="ambre cold")
    assert misspelt["searchSongs"]["didYouMean"] == "Amber Cold"
    assert misspelt["search"]["didYouMean"] == "Amber Cold"
    assert (await shelf.data(MARKED, q="ambre", offset=2))["searchSongs"]["didYouMean"] is None
    assert (await shelf.data(MARKED, q="amber"))["searchSongs"]["didYouMean"] is None
    nothing = await shelf.data(MARKED, q="xylophone")
    assert [nothing[field]["didYouMean"] for field in nothing] == [None, None, None]


async def test_artists_are_sorted_too(shelf):
    await shelf.artist("z", name="Anna Zest", sort_name="Anna Zest", monthly_listeners=9_999)
    await shelf.house.indexing.catch_up()
    found = {}
    for sort in ("RELEVANCE", "POPULARITY", "NAME"):
        document = f'{{ searchArtists(query: "anna", sort: {sort}) {{ edges {{ node {{ id }} }} }} }}'
        found[sort] = [edge["node"]["id"] for edge in (await shelf.data(document))["searchArtists"]["edges"]]
    assert found == {"RELEVANCE": ["anna", "z"], "POPULARITY": ["z", "anna"], "NAME": ["anna", "z"]}


async def test_a_blank_question_lists_what_passes_a_filter_and_is_refused_without_one(shelf):
    assert await ids(shelf, q=" ", filters={"year": 2004}) == "cd"
    assert (await shelf.data(SONGS, q="", filters={"albumId": "noon"}, first=1))["searchSongs"]["totalCount"] == 3
    for filters in (None, {}, {"liked": False}):
        assert await shelf.errors(SONGS, q="", filters=filters) == [{"code": "INVALID", "field": "query"}]


async def test_impossible_filters_are_refused_with_their_field(rig):
    for text, field in (
        ("yearFrom: 2001, yearTo: 2000", "yearFrom"),
        ("durationTo: -1", "durationTo"),
        ("tempoFrom: 1001", "tempoFrom"),
        ('key: "Z"', "key"),
        ("genres: []", "genres"),
        ('albumId: " "', "albumId"),
    ):
        document = f'{{ searchSongs(query: "love", filters: {{{text}}}) {{ totalCount }} }}'
        assert await rig.errors(document) == [{"code": "INVALID", "field": f"filters.{field}"}], text


async def test_a_hundred_rows_with_everything_about_them_are_not_too_costly(shelf):
    document = """{ searchSongs(query: "amber", first: 100) { totalCount didYouMean pageInfo { endCursor }
      facets { genres { genre { id name slug } count } decades { value count } moods { value count }
        languages { value count } keys { value count } explicit }
      edges { cursor highlights { field fragments { text isMatch } }
        node { id title duration isLiked artist { id name } album { id title coverImage } genres { id name } } } } }"""
    assert (await shelf.data(document))["searchSongs"]["totalCount"] == 5


async def test_a_long_list_is_read_whole_by_cursors_while_songs_come_and_go(music):
    dice = Random(45)
    expected = {f"n{number:03}" for number in range(90)}
    for id in sorted(expected):
        title = f"Amber {dice.choice('abc')}"
        await music.song(id, "bert", title=title, sort_title=title, year=dice.randrange(1990, 1993), play_count=3)
    await music.house.indexing.catch_up()
    for sort in ("RELEVANCE", "OLDEST", "TITLE"):
        after, read = None, []
        while len(read) < 200:
            page = (await music.data(SONGS, q="amber", sort=sort, first=37, after=after))["searchSongs"]
            read += [edge["node"]["id"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
            # Comes in somewhere before the rest of the list, or behind it, and is taken out in the next turn.
            await music.store.songs.delete({"_id": f"x{len(read) - 37}"})
            await music.song(f"x{len(read)}", "bert", title="Amber", sort_title="Amber", year=1900, play_count=10**6)
            music.house.indexing.note(Kind.SONG, (f"x{len(read) - 37}",))
            await music.house.indexing.catch_up()
        lasting = [id for id in read if id in expected]
        assert (len(lasting), set(lasting)) == (90, expected), sort
        await music.store.songs.delete({"year": 1900}, many=True)
        music.house.indexing.note(Kind.SONG, tuple(f"x{number}" for number in range(200)))
