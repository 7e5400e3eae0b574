"""Recommendations: what for, why, and for whom not."""

import itertools
from dataclasses import replace

import pytest

from services.events import CatalogueChanged
from tests.discovery.listeners import follows, likes, plays, two_camps
from tests.discovery.reasons import prove_all

SPECIFIED = "query { recommendations(limit: 30) { songs { id title artist { name } } reason } }"
SONGS = """query { recommendedSongs(limit: 30, basedOn: LISTENING_HISTORY) {
  id title artist { name } album { coverImage } } }"""
GROUPED = "query ($n: Int) { recommendations(limit: $n) { songs { id } reason groups { reason songs { id } } } }"
BASED = "query ($on: RecommendationBasis, $n: Int) { recommendedSongs(limit: $n, basedOn: $on) { id } }"


async def recommended(rig, viewer, on=None, n=12):
    """The ids, in order."""
    return [song["id"] for song in (await rig.data(BASED, viewer, on=on, n=n))["recommendedSongs"]]


async def test_somebody_without_plays_gets_what_is_popular_and_new_and_is_told_so(music):
    viewer = await music.sign_up("fresh")
    answer = (await music.data(SPECIFIED, viewer))["recommendations"]
    assert answer["reason"] == "You have not played or liked anything yet: this is what is popular and new here."
    assert {song["id"] for song in answer["songs"]} == {"b1", "s1", "s2", "s3"}


async def test_an_empty_library_recommends_nothing(rig):
    viewer = await rig.sign_up("fresh")
    assert (await rig.data(GROUPED, viewer))["recommendations"]["songs"] == []
    assert await recommended(rig, viewer) == []


async def test_a_fan_of_a_genre_gets_that_genre_and_first_what_is_new_to_them(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    heard = ["jazz0-0", "jazz1-1", "jazz2-2"]
    await plays(rig, viewer.user_id, *heard, times=4)
    for on in (None, "LISTENING_HISTORY"):
        got = await recommended(rig, viewer, on)
        assert len(set(got)) == 12
        assert all(id.startswith("jazz") for id in got[:8]), got
        assert not set(got) & set(heard)


async def test_likes_follows_and_taste_are_bases_of_their_own(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz0-0", times=9)
    await likes(rig, viewer.user_id, "metal1-0")
    await follows(rig, viewer.user_id, "metal3")
    assert all(id.startswith("metal") for id in await recommended(rig, viewer, "LIKED_SONGS", 6))
    assert all(id.startswith("metal3") for id in (await recommended(rig, viewer, "FOLLOWED_ARTISTS", 12))[:1])
    await rig.data('mutation { updateTasteProfile(favoriteGenres: ["metal"]) { tasteProfile { chosen } } }', viewer)
    assert sum(id.startswith("metal") for id in await recommended(rig, viewer, "TASTE", 6)) >= 4


async def test_every_reason_holds_against_the_stored_plays(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz0-0", "jazz1-1", times=3)
    await follows(rig, viewer.user_id, "metal3")
    answer = (await rig.data(GROUPED, viewer, n=40))["recommendations"]
    assert answer["reason"] == "Because you listen to Jazz1 and Jazz0."
    kinds = await prove_all(rig, [viewer])
    assert {"ARTIST", "SHARED", "FOLLOWED", "EXPLORE"} <= kinds.keys()


async def test_no_artist_comes_twice_in_a_row_while_there_are_others(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz0-0", times=20)
    got = await recommended(rig, viewer, n=10)
    artists = [id.split("-")[0] for id in got]
    assert all(one != other for one, other in itertools.pairwise(artists)), artists


async def test_hidden_and_unwanted_explicit_songs_are_never_recommended(music):
    viewer = await music.sign_up("careful")
    careful = replace(viewer, explicit_content=False)
    await plays(music, viewer.user_id, "s1", "s2", "s4")
    assert "s2" in await recommended(music, viewer)
    for on in (None, "LISTENING_HISTORY", "LIKED_SONGS", "FOLLOWED_ARTISTS", "TASTE"):
        assert not {"s2", "s4"} & set(await recommended(music, careful, on))
    answer = await music.data(
        '{ similarSongs(songId: "s1") { id } radio(seedArtist: "anna") { songs { id } } }', careful
    )
    shown = {song["id"] for song in [*answer["similarSongs"], *answer["radio"]["songs"]]}
    assert shown == {"s1", "s3", "b1"} or shown == {"s1", "s3"}


async def test_the_number_of_store_commands_does_not_grow_with_the_limit(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz0-0", "jazz1-1", times=3)
    counts = []
    for n, event in ((1, CatalogueChanged()), (100, CatalogueChanged()), (100, None)):
        if event is not None:
            rig.house.bus.publish(event)
        rig.engine.asked.clear()
        await rig.data(BASED, viewer, n=n)
        counts.append(dict(rig.engine.asked))
    # History, two seeds' listeners, their three neighbours' plays, and whether there is anything new.
    assert counts[0] == counts[1]
    assert counts[0]["plays"] == 1 + 2 + 3 + 1
    assert sum(counts[0].values()) <= 24
    # What was ranked is remembered until something of theirs changes: that, and the songs as they are now.
    assert counts[2] == {"plays": 1, "liked_songs": 1, "followed_artists": 1, "tastes": 1, "songs": 1}


@pytest.mark.parametrize("limit", [0, 101, -1])
async def test_limits_are_refused_with_their_field(music, limit):
    viewer = await music.sign_up("listener")
    for document in ("recommendedSongs(limit: {n}) {{ id }}", "recommendations(limit: {n}) {{ reason }}"):
        errors = await music.errors(f"{{ {document.format(n=limit)} }}".replace("{{", "{").replace("}}", "}"), viewer)
        assert errors == [{"code": "INVALID", "field": "limit"}]


@pytest.mark.parametrize("field", ["recommendedSongs { id }", "recommendations { reason }", "discoverWeekly { id }",
                                   "myTasteProfile { chosen }", "myRadios { id }"])  # fmt: skip
async def test_nobody_gets_no_recommendations(music, field):
    assert [error["code"] for error in await music.errors(f"{{ {field} }}")] == ["UNAUTHENTICATED"]
