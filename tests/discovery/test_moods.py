"""Moods: songs that are tagged so or sound so, blended with a taste, the same all day."""

import pytest

from services.discovery.lists.moods import KNOWN, mood_of, words_of
from storage.records import AudioFeatures
from tests.discovery.listeners import plays, two_camps

MOOD = """query ($mood: String!, $limit: Int) { moodPlaylist(mood: $mood, limit: $limit) {
  mood isYours reason songs { id } entries { song { id } why reason } } }"""
MOODS = "{ moods { name words isKnown tagged measured } }"


async def entries(rig, mood, viewer=None, limit=30):
    """The songs of a mood, each with why."""
    asked = [viewer] if viewer is not None else []
    found = (await rig.data(MOOD, *asked, mood=mood, limit=limit))["moodPlaylist"]
    assert [each["id"] for each in found["songs"]] == [each["song"]["id"] for each in found["entries"]]
    return {each["song"]["id"]: (each["why"], each["reason"]) for each in found["entries"]}


async def shelf(rig):
    """Songs that are tagged, that sound like something, both, and neither."""
    for artist in ("x", "y"):
        await rig.artist(artist)
    calm, loud = AudioFeatures(energy=0.1, valence=0.5), AudioFeatures(energy=0.9, valence=0.1, tempo=150.0)
    await rig.song("tagged", "x", mood="Chill")
    await rig.song("both", "y", mood="Mellow; Sunday", features=calm)
    await rig.song("quiet", "x", features=calm)
    await rig.song("loud", "y", features=loud)
    await rig.song("plain", "x")
    await rig.song("rude", "y", mood="chill", is_explicit=True)
    await rig.song("hidden", "x", mood="Secret", features=calm, is_hidden=True)


def test_every_word_means_one_mood_and_every_mood_can_be_heard():
    words = [key for mood in KNOWN for key in mood.keys]
    assert len(words) == len(set(words))
    assert all("energy" in mood.spans for mood in KNOWN)
    assert (mood_of("WorkOut").name, mood_of("Chill").name, mood_of("Sunday").name) == ("energetic", "calm", "sunday")
    assert words_of("Happy; Late Night") == {"happy", "late night"}


async def test_a_mood_has_what_is_tagged_so_and_what_sounds_so_and_says_which(rig):
    await shelf(rig)
    found = await entries(rig, "calm")
    assert found == {
        "both": ("TAGGED", "Tagged “Mellow; Sunday”."),
        "tagged": ("TAGGED", "Tagged “Chill”."),
        "rude": ("TAGGED", "Tagged “chill”."),
        "quiet": ("MEASURED", "It sounds calm: energy 0.1."),
    }
    assert next(iter(found)) == "both"
    assert set(await entries(rig, "Sunday")) == {"both"}
    assert await entries(rig, "furious") == {"loud": ("MEASURED", "It sounds angry: energy 0.9, valence 0.1.")}
    assert await entries(rig, "party") == {}
    listed = {each["name"]: each for each in (await rig.data(MOODS))["moods"]}
    assert {name: (each["isKnown"], each["tagged"], each["measured"]) for name, each in listed.items()} == {
        "calm": (True, 3, 2),
        "sunday": (False, 1, 0),
        "angry": (True, 0, 1),
        "energetic": (True, 0, 1),
    }
    picky = await rig.sign_up("picky")
    await rig.store.users.update({"_id": picky.user_id}, {"$set": {"preferences.explicit_content": False}})
    rig.clock.turn(10)
    picky = await rig.house.accounts.viewer_of_session(picky.user_id, picky.session_id)
    assert "rude" not in await entries(rig, "calm", picky)
    assert (await rig.data(MOODS, picky))["moods"][0]["tagged"] == 2


async def test_a_mood_leans_to_ones_taste_and_stays_as_it_is_until_tomorrow(rig):
    await two_camps(rig)
    for number in range(20):
        await rig.store.songs.update({"_id": f"jazz{number % 4}-{number // 4}"}, {"$set": {"mood": "Focus"}})
        await rig.store.songs.update({"_id": f"metal{number % 4}-{number // 4}"}, {"$set": {"mood": "focus"}})
    me = await rig.sign_up("listener")
    await plays(rig, me.user_id, "metal1-0", times=5, days_ago=2)
    found = await entries(rig, "focus", me, 10)
    assert sum(id.startswith("metal") for id in found) >= 8
    # What is played today counts tomorrow.
    await plays(rig, me.user_id, "jazz1-0", times=50)
    assert list(await entries(rig, "focus", me, 10)) == list(found)
    assert list(await entries(rig, "focus", me, 1)) == list(found)[:1]
    rig.clock.turn(86_400)
    assert list(await entries(rig, "focus", me, 10)) != list(found)
    answer = (await rig.data(MOOD, me, mood="focus", limit=10))["moodPlaylist"]
    assert answer["isYours"] is True
    assert answer["reason"] == "10 tagged focus, those nearest to your taste first."


async def test_a_mood_costs_the_same_whatever_its_length(rig):
    await two_camps(rig)
    me = await rig.sign_up("listener")
    await plays(rig, me.user_id, "metal1-0", days_ago=2)
    # Tags, sounding in two finds, the popular, one genre, what was played, the songs whole; then much is remembered.
    for limit, songs in ((1, 7), (40, 2), (1, 2)):
        rig.engine.asked.clear()
        await entries(rig, "angry", me, limit)
        assert dict(rig.engine.asked) == {"songs": songs, "plays": 1, "liked_songs": 1, "tastes": 2}
    rig.engine.asked.clear()
    await rig.data(MOODS)
    assert dict(rig.engine.asked) == {"songs": 1 + len(KNOWN)}


@pytest.mark.parametrize(
    ("mood", "told"),
    [
        ("polka", "Nobody knows that mood here. Known: happy, sad, calm, energetic, focus, party, romantic, angry, "
                  "dreamy; tagged here: sunday."),
        ("Secret", "Nobody knows that mood here."),
        (" ", "A mood is a word of 1 to 60 characters."),
        ("a\0b", "A mood is a word of 1 to 60 characters."),
        ("x" * 61, "A mood is a word of 1 to 60 characters."),
    ],
)  # fmt: skip
async def test_a_mood_that_nobody_knows_is_refused_with_those_there_are(rig, mood, told):
    await shelf(rig)
    response = await rig.ask(MOOD, mood=mood)
    [error] = response["errors"]
    assert error["extensions"] == {"code": "INVALID", "field": "mood"}
    assert error["message"].startswith(told)


async def test_an_empty_library_has_no_moods_and_says_so(rig):
    assert (await rig.data(MOODS))["moods"] == []
    answer = (await rig.data(MOOD, mood="happy"))["moodPlaylist"]
    assert (answer["songs"], answer["reason"]) == ([], "No song here is tagged happy or sounds like it yet.")
