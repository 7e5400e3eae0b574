"""Taste: worked out from plays and likes, with what somebody chose on top."""

import pytest

from tests.discovery.listeners import likes, plays, two_camps

PROFILE = """query { myTasteProfile {
  favoriteGenres { name } topArtists { name } energyPreference danceabilityPreference valencePreference } }"""
UPDATE = """mutation { updateTasteProfile(favoriteGenres: ["rock", "slug-indie", "Shoegaze"]) {
  tasteProfile { favoriteGenres { name } chosen lastUpdated } } }"""
CHOOSE = "mutation ($genres: [String!]!) { updateTasteProfile(favoriteGenres: $genres) { tasteProfile { chosen } } }"


async def test_without_plays_nothing_is_known(music):
    viewer = await music.sign_up("fresh")
    assert (await music.data(PROFILE, viewer))["myTasteProfile"] == {
        "favoriteGenres": [],
        "topArtists": [],
        "energyPreference": None,
        "danceabilityPreference": None,
        "valencePreference": None,
    }


async def test_the_profile_is_what_was_played_and_liked(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz1-0", times=3)
    await likes(rig, viewer.user_id, "metal2-0")
    profile = (await rig.data(PROFILE, viewer))["myTasteProfile"]
    # A like weighs five plays: 5 of 8 parts are metal.
    assert profile["favoriteGenres"] == [{"name": "metal"}, {"name": "jazz"}]
    assert profile["topArtists"] == [{"name": "Metal2"}, {"name": "Jazz1"}]
    assert profile["energyPreference"] == pytest.approx((5 * 0.9 + 3 * 0.2) / 8, abs=0.001)
    assert profile["danceabilityPreference"] == 0.5


async def test_old_plays_fade_and_skips_do_not_count(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz1-0", times=3, days_ago=120)
    await plays(rig, viewer.user_id, "jazz2-0", times=9, completed=False, ms_played=4_000)
    await plays(rig, viewer.user_id, "metal2-0")
    assert (await rig.data(PROFILE, viewer))["myTasteProfile"]["topArtists"] == [{"name": "Metal2"}, {"name": "Jazz1"}]


async def test_chosen_genres_by_id_slug_and_name_come_back_in_order(music):
    viewer = await music.sign_up("chooser")
    answer = (await music.data(UPDATE, viewer))["updateTasteProfile"]["tasteProfile"]
    assert answer["favoriteGenres"] == [{"name": "rock"}, {"name": "indie"}, {"name": "shoegaze"}]
    assert answer["chosen"] is True and answer["lastUpdated"] is not None
    assert await music.data(CHOOSE, viewer, genres=[]) == {"updateTasteProfile": {"tasteProfile": {"chosen": False}}}


@pytest.mark.parametrize("genres", [["rock", "polka"], [""], ["x" * 101], ["a\0"], ["rock"] * 21])
async def test_a_genre_that_cannot_be_meant_changes_nothing(music, genres):
    viewer = await music.sign_up("chooser")
    await music.data(CHOOSE, viewer, genres=["indie"])
    assert await music.errors(CHOOSE, viewer, genres=genres) == [{"code": "INVALID", "field": "favoriteGenres"}]
    taste = await music.store.tastes.get(viewer.user_id)
    assert taste.favorite_genre_ids == ["indie"]


async def test_the_profile_costs_six_store_commands_however_much_was_played(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    for songs in (("jazz1-0",), tuple(f"metal{a}-{n}" for a in range(4) for n in range(6))):
        await plays(rig, viewer.user_id, *songs)
        rig.engine.asked.clear()
        await rig.data(PROFILE, viewer)
        assert dict(rig.engine.asked) == {
            "plays": 1,
            "liked_songs": 1,
            "tastes": 1,
            "songs": 1,
            "genres": 1,
            "artists": 1,
        }
