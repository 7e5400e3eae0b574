"""Trending searches: what rises, from how many people, and what is never told."""

import pytest

from services.errors import Invalid
from services.paging import slice_of
from services.search.rules import SearchRules, read_rules
from services.search.trends import Trends
from services.viewer import NOBODY
from storage.records import Playlist

TRENDING = "query ($limit: Int) { trendingSearches(limit: $limit) { query } }"


@pytest.fixture
async def crowd(music):
    """Five people in the small house, whose index is up to date."""
    await music.house.indexing.catch_up()
    return [await music.sign_up(f"person.{number}") for number in range(5)]


async def search(rig, query, *viewers):
    """Everybody searches for it."""
    for viewer in viewers:
        await rig.house.search.songs(viewer, query, slice_of())


async def trending(rig, viewer=NOBODY):
    """What is told, after a count."""
    await rig.house.search_trends.count()
    return [row["query"] for row in (await rig.data(TRENDING, viewer))["trendingSearches"]]


async def test_what_three_people_searched_for_is_told_and_one_in_a_loop_is_not(music, crowd):
    await search(music, "First", *crowd[:3])
    await search(music, "second", *crowd[:2])
    for _ in range(5):
        await search(music, "Third", crowd[0])
    assert await trending(music) == ["First"]


async def test_people_are_counted_across_batches_of_searches_at_the_same_moment(music, crowd, monkeypatch):
    monkeypatch.setattr("services.search.trends._BATCH", 2)
    for query in ("First", "Second", "Third"):
        await search(music, query, *crowd)
    await music.house.search_trends.count()
    kept = await music.store.search_trends.get("now")
    assert {row.query: row.people for row in kept.rows} == {"First": 5, "Second": 5, "Third": 5}


async def test_spellings_count_together_as_most_people_wrote_it_and_each_person_once(music, crowd):
    await search(music, "first", crowd[0])
    await search(music, "First!", crowd[0], crowd[1])
    assert await trending(music) == []
    await search(music, "FIRST", crowd[2])
    assert await trending(music) == ["First!"]


async def test_private_sessions_and_cleared_searches_are_not_counted(music, crowd):
    ann = crowd[0]
    await search(music, "First", crowd[1], crowd[2])
    await music.store.users.update({"_id": ann.user_id}, {"$set": {"preferences.private_session": True}})
    await search(music, "First", ann)
    assert await trending(music) == []
    await search(music, "First", crowd[3])
    assert await trending(music) == ["First"]
    await music.house.search_history.clear(crowd[3])
    assert await trending(music) == []


async def test_what_finds_nothing_that_the_asker_may_see_is_not_told(music, crowd):
    now = music.clock.now()
    await music.store.playlists.insert(Playlist("p1", "Owls", "owls", crowd[0].user_id, now, now, is_public=False))
    await music.house.indexing.catch_up()
    await search(music, "owls", *crowd)
    await search(music, "nothing of the kind", *crowd)
    assert await trending(music) == []
    assert await trending(music, crowd[0]) == ["owls"]


async def test_what_rises_comes_before_what_is_always_searched_for(music, crowd):
    for _ in range(30):
        await search(music, "First", *crowd)
        await music.house.search_trends.count()
        music.clock.turn(86_400)
    await search(music, "First", *crowd)
    await search(music, "Third", *crowd[:3])
    assert await trending(music) == ["Third", "First"]
    music.clock.turn(8 * 86_400)
    assert await trending(music) == []


async def test_words_that_a_house_does_not_want_are_never_told(music, crowd):
    await search(music, "First", *crowd)
    await search(music, "Third song", *crowd)
    await search(music, "Third", *crowd)
    for unwanted, told in (("FÍRST", ["Third"]), ("third", ["First"]), ("song", ["First", "Third"])):
        rules = read_rules((), (unwanted,), 3)
        trends = Trends(music.store, music.clock, rules, music.house.search.finds)
        await trends.count()
        assert sorted(row.query for row in await trends.trending(NOBODY)) == told, unwanted
    strict = Trends(music.store, music.clock, SearchRules(trending_people=6), music.house.search.finds)
    assert await strict.count() == 0


async def test_beginnings_of_a_trending_search_are_left_out(music, crowd):
    for typed in ("Thi", "Thir", "Third"):
        await search(music, typed, *crowd)
    assert await trending(music) == ["Third"]


async def test_a_house_without_searches_has_no_trends_and_limits_are_checked(music, crowd):
    assert (await music.data(TRENDING))["trendingSearches"] == []
    assert await trending(music) == []
    for limit in (0, 51):
        with pytest.raises(Invalid):
            await music.house.search_trends.trending(NOBODY, limit)
