"""While no index answers the store stands in: bounded, saying so, and with nothing that may not be seen."""

import pytest

from services.errors import Invalid
from services.viewer import NOBODY
from storage.search_index.index import IndexAway
from tests.catalogue_rig import small_house

SEARCH = """query ($q: String!) { searchSongs(query: $q, filters: { yearFrom: 1990 }, sort: OLDEST) {
  totalCount edges { node { id } } facets { decades { value count } } } }"""
EVERYTHING = """query ($q: String!) { search(query: $q) { artists { id } songs { id } playlists { id } }
  autocomplete(query: $q) { suggestions } searchArtists(query: $q) { edges { node { id } } } }"""
DEGRADED = {"search": {"degraded": True, "reason": "SEARCH_AWAY"}}


class AwayGenerations:
    """As of a server that nobody reaches. Counts how often it is tried."""

    layout = "away"
    writing = False

    def __init__(self):
        self.tried = 0

    def take(self):
        self.tried += 1
        raise IndexAway("ConnectError: nobody listens")

    def release(self):
        """Nothing was taken."""


@pytest.fixture
async def away(tmp_path, log_watch):
    """A house whose engine is away."""
    async with small_house(tmp_path) as rig:
        await rig.artist("band", name="The Love Band", slug="the-love-band")
        for id, title, slug, more in (
            ("one", "Love", "love", {"year": 1999}),
            ("two", "Love Me", "love-me", {"year": 1991}),
            ("old", "Lovely", "lovely", {"year": 1950}),
            ("hidden", "Love Hidden", "love-hidden", {"year": 2000, "is_hidden": True}),
            ("far", "Glove", "glove", {"year": 2000}),
        ):
            await rig.song(id, "band", title=title, slug=slug, artist_credit="Somebody", **more)
        log_watch.expect("the search engine is away")
        rig.generations = rig.house.indexing._generations = AwayGenerations()
        yield rig


async def test_names_that_begin_so_are_found_filtered_sorted_and_counted_and_it_is_told(away):
    answer = await away.ask(SEARCH, q="love")
    assert answer == {
        "data": {
            "searchSongs": {
                "totalCount": 2,
                "edges": [{"node": {"id": "two"}}, {"node": {"id": "one"}}],
                "facets": {"decades": [{"value": "1990", "count": 2}]},
            }
        },
        "extensions": DEGRADED,
    }


async def test_every_door_of_search_answers(away):
    answer = await away.ask(EVERYTHING, q="love")
    assert answer["extensions"] == DEGRADED
    found = answer["data"]
    assert {song["id"] for song in found["search"]["songs"]} == {"one", "two", "old"}
    assert [artist["id"] for artist in found["search"]["artists"]] == ["band"]
    assert [edge["node"]["id"] for edge in found["searchArtists"]["edges"]] == ["band"]
    assert found["autocomplete"]["suggestions"][0] == "Love"
    assert "Love Hidden" not in found["autocomplete"]["suggestions"]


async def test_what_is_wrong_is_wrong_and_what_is_nowhere_is_not_found(away):
    with pytest.raises(Invalid):
        await away.house.search.autocomplete(NOBODY, "x" * 201)
    answer = await away.ask(SEARCH, q="!!!")
    assert answer["data"]["searchSongs"]["totalCount"] == 0
    answer = await away.ask(SEARCH, q="   ")
    assert answer["data"]["searchSongs"]["totalCount"] == 3, "browsing by filters alone takes the most played"


async def test_who_asks_a_dead_engine_does_not_wait_for_it_every_time(away):
    for _ in range(10):
        await away.ask(SEARCH, q="love")
    assert away.generations.tried == 1
    away.clock.turn(3)
    await away.ask(SEARCH, q="love")
    assert away.generations.tried == 2


async def test_commands_are_bounded_whatever_is_asked(away):
    away.engine.asked.clear()
    await away.ask('{ search(query: "love", limit: 100) { songs { id } } }')
    assert away.engine.asked["songs"] <= 4
