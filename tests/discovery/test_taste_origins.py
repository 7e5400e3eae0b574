"""A taste explains itself, and everything in it can be chosen, taken back and muted."""

from datetime import timedelta

import pytest

from storage.records import AudioFeatures
from tests.discovery.listeners import likes, plays, two_camps

ORIGINS = """{ myTasteProfile { origins { field source text genre { id } artist { id } value measured plays likes songs
  heaviest { id } } } }"""
CHOSEN = """{ tasteProfile { favoriteGenres { id } topArtists { id } energyPreference danceabilityPreference
  mutedArtists { id } mutedGenres { id } since chosen } }"""
CHANGE = f"mutation ($on: Boolean = true) {{ updateTasteProfile(%s) @include(if: $on) {CHOSEN} }}"


async def change(rig, viewer, arguments):
    """The profile after a change."""
    return (await rig.data(CHANGE % arguments, viewer))["updateTasteProfile"]["tasteProfile"]


async def recount(rig, user_id, matches):
    """An independent count of the plays and likes of some songs, straight from the store."""
    songs = {song.id: song for song in await rig.store.songs.find({}, limit=1000) if matches(song)}
    rows = await rig.store.plays.find({"user_id": user_id}, limit=1000)
    played = [row.song_id for row in rows if row.song_id in songs and (row.completed or row.ms_played is None)]
    liked = [
        edge.target_id for edge in await rig.store.liked_songs.find({"user_id": user_id}) if edge.target_id in songs
    ]
    return {"plays": len(played), "likes": len(liked), "songs": len({*played, *liked})}


async def test_each_value_says_where_it_comes_from_and_the_store_says_the_same(rig):
    await two_camps(rig)
    await rig.song("plain", "jazz3", genre_ids=["jazz"])
    me = await rig.sign_up("listener")
    await plays(rig, me.user_id, "jazz1-0", times=4)
    await plays(rig, me.user_id, "plain", times=2)
    await plays(rig, me.user_id, "jazz2-0", completed=False, ms_played=4_000)
    await likes(rig, me.user_id, "metal2-0", "jazz1-0")
    found = (await rig.data(ORIGINS, me))["myTasteProfile"]["origins"]
    for origin in found:
        if origin["genre"]:
            true = await recount(rig, me.user_id, lambda song, o=origin: o["genre"]["id"] in song.genre_ids)
        elif origin["artist"]:
            true = await recount(rig, me.user_id, lambda song, o=origin: o["artist"]["id"] in song.artist_ids)
        else:
            true = await recount(rig, me.user_id, lambda song: song.features.energy is not None)
        assert {key: origin[key] for key in true} == true, origin
        assert origin["heaviest"]
    told = {(each["genre"] or each["artist"] or {"id": each["field"]})["id"]: each for each in found}
    assert list(told) == ["jazz", "metal", "jazz1", "metal2", "jazz3", "ENERGY", "DANCEABILITY", "VALENCE"]
    assert told["jazz"]["source"] == "PLAYS_AND_LIKES"
    assert told["jazz"]["text"] == (
        "From 6 plays and 1 like of 2 songs of jazz; the heaviest: “jazz1-0” (4 plays and 1 like), “plain” (2 plays)."
    )
    assert told["metal2"]["source"] == "LIKES"
    assert told["metal2"]["text"] == "From 1 like of 1 song by Metal2; the heaviest: “metal2-0” (1 like)."
    assert told["jazz3"]["source"] == "PLAYS"
    # Nine parts of 0.2 and five of 0.9.
    assert told["ENERGY"]["value"] == told["ENERGY"]["measured"] == pytest.approx((9 * 0.2 + 5 * 0.9) / 14, abs=1e-3)
    assert told["ENERGY"]["text"].startswith("From 4 plays and 2 likes of 2 songs with known energy; the heaviest: “")


async def test_chosen_numbers_stand_until_they_are_taken_back_and_lead_recommendations(rig):
    await two_camps(rig)
    await rig.artist("other")
    for number in range(4):
        await rig.song(f"calm{number}", "other", features=AudioFeatures(energy=0.1))
        await rig.song(f"loud{number}", "other", features=AudioFeatures(energy=1.0))
    me = await rig.sign_up("listener")
    await plays(rig, me.user_id, "jazz1-0", times=4)
    assert (await change(rig, me, "energy: 1, danceability: 0"))["energyPreference"] == 1.0
    _, leaning = await rig.house.recommendations.picks(me, 10)
    assert (leaning.energy, leaning.danceability, leaning.measured["energy"]) == (1.0, 0.0, 0.2)
    [energy] = [o for o in (await rig.data(ORIGINS, me))["myTasteProfile"]["origins"] if o["field"] == "ENERGY"]
    assert (energy["source"], energy["value"], energy["measured"]) == ("CHOSEN", 1.0, 0.2)
    assert energy["text"] == (
        "You chose this; without it, it would be 0.2, from 4 plays of 1 song with known energy; "
        "the heaviest: “jazz1-0” (4 plays)."
    )
    # A change of something else leaves it, null takes it back.
    assert (await change(rig, me, 'favoriteGenres: ["metal"]'))["energyPreference"] == 1.0
    after = await change(rig, me, "energy: null")
    assert (after["energyPreference"], after["danceabilityPreference"]) == (0.2, 0.0)
    assert after["favoriteGenres"] == [{"id": "metal"}]


async def test_what_is_muted_is_in_no_recommendation_station_or_taste_until_it_is_unmuted(rig):
    await two_camps(rig)
    await rig.genre("bebop", await rig.store.genres.get("jazz"))
    await rig.song("bop", "jazz1", genre_ids=["bebop"], play_count=99)
    me = await rig.sign_up("listener")
    await plays(rig, me.user_id, "jazz1-0", "metal1-0", times=4)

    async def offered():
        songs = await rig.house.recommendations.songs(me, 100)
        station = await rig.house.stations.tune(me, seed_artist="jazz0", limit=100)
        weekly = (await rig.house.weekly_lists.this_week(me)).songs
        mixed = [id for mix in await rig.house.mixes.today(me) for id in mix.song_ids]
        return [song.id for song in (*songs, *await rig.house.stations.songs(me, station), *weekly)] + mixed

    def starts(ids):
        return {id[:4] for id in ids} & {"jazz", "meta", "bop"}, any(id.startswith("metal1") for id in ids)

    everything = {"jazz", "meta", "bop"}, True
    assert starts(await offered()) == everything
    after = await change(rig, me, 'mutedArtists: ["metal1"], mutedGenres: ["Jazz"]')
    assert (after["mutedArtists"], after["mutedGenres"]) == ([{"id": "metal1"}], [{"id": "jazz"}])
    assert (after["favoriteGenres"], after["topArtists"]) == ([], [])
    left = await offered()
    assert starts(left) == ({"meta"}, False)
    # Asked for by name, it is there: muting hides nothing.
    assert (await rig.data('{ similarSongs(songId: "jazz1-0") { id } }', me))["similarSongs"] == []
    assert (await rig.data('{ similarArtists(artistId: "metal1") { id } }', me))["similarArtists"]
    assert (await rig.house.songs.get(me, "jazz1-0")).id == "jazz1-0"
    await change(rig, me, "mutedArtists: [], mutedGenres: null")
    assert starts(await offered()) == everything


async def test_a_taste_begins_anew_from_a_day(rig):
    await two_camps(rig)
    me = await rig.sign_up("listener")
    await plays(rig, me.user_id, "jazz1-0", times=4, days_ago=10)
    await plays(rig, me.user_id, "metal1-0")
    since = (rig.clock.now() - timedelta(days=2)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    after = await change(rig, me, f'since: "{since}"')
    assert (after["topArtists"], after["since"]) == ([{"id": "metal1"}], since)
    after = await change(rig, me, "since: null")
    assert (after["topArtists"], after["since"]) == ([{"id": "jazz1"}, {"id": "metal1"}], None)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("", "favoriteGenres"),
        ("energy: 1.01", "energy"),
        ("valence: -0.1", "valence"),
        ('mutedArtists: ["nobody"]', "mutedArtists"),
        ('mutedArtists: ["ghost"]', "mutedArtists"),
        ('mutedArtists: ["\\u0000"]', "mutedArtists"),
        ("mutedArtists: [" + '"a" ' * 201 + "]", "mutedArtists"),
        ('mutedGenres: ["polka"]', "mutedGenres"),
        ('mutedGenres: ["indie"]', "mutedGenres"),
        ('favoriteGenres: ["rock"], mutedGenres: ["rock"]', "mutedGenres"),
        ('favoriteGenres: ["shoegaze"]', "favoriteGenres"),
        ('since: "2199-01-01T00:00:00Z"', "since"),
    ],
)
async def test_what_cannot_be_chosen_changes_nothing(music, arguments, field):
    me = await music.sign_up("chooser")
    await change(music, me, 'favoriteGenres: ["indie"], mutedGenres: ["shoegaze"], energy: 0.5')
    before = await music.store.tastes.get(me.user_id)
    asked = f"updateTasteProfile({arguments})" if arguments else "updateTasteProfile"
    query = f"mutation {{ {asked} {{ tasteProfile {{ chosen }} }} }}"
    assert await music.errors(query, me) == [{"code": "INVALID", "field": field}]
    assert await music.store.tastes.get(me.user_id) == before
