"""Similar artists and songs."""

import pytest

from services.discovery.likeness import likeness
from storage.records import AudioFeatures, Song
from tests.catalogue_rig import START
from tests.discovery.listeners import plays, two_camps

ARTISTS = """query ($id: ID!, $n: Int) { similarArtists(artistId: $id, limit: $n) {
  id name profileImage genres { name } } }"""
SONGS = "query ($id: ID!, $n: Int) { similarSongs(songId: $id, limit: $n) { id } }"


async def test_artists_of_the_same_listeners_and_genre_are_similar(rig):
    await two_camps(rig)
    found = (await rig.data(ARTISTS, id="jazz0", n=3))["similarArtists"]
    assert sorted(artist["id"] for artist in found) == ["jazz1", "jazz2", "jazz3"]
    assert found[0]["genres"] == [{"name": "jazz"}]


async def test_shared_listeners_alone_make_artists_similar(rig):
    for id in ("one", "two", "three"):
        await rig.artist(id)
        await rig.song(f"{id}-song", id)
    await plays(rig, "u1", "one-song", "two-song")
    await plays(rig, "u2", "one-song", "two-song")
    await plays(rig, "u3", "three-song")
    assert [artist["id"] for artist in (await rig.data(ARTISTS, id="one"))["similarArtists"]] == ["two"]


async def test_having_played_together_makes_artists_similar_and_hidden_ones_stay_out(music):
    # s1 of Anna features Bert, who is seen, and Ghost, who is not.
    assert [artist["id"] for artist in (await music.data(ARTISTS, id="anna"))["similarArtists"]] == ["bert"]


async def test_songs_alike_in_sound_and_listeners_come_first(rig):
    await two_camps(rig)
    found = [song["id"] for song in (await rig.data(SONGS, id="metal0-0", n=10))["similarSongs"]]
    assert len(found) == 10
    assert all(id.startswith("metal") for id in found)


@pytest.mark.parametrize("id", ["absent", "ghost", "", "x" * 5000, "a\0b"])
async def test_artists_and_songs_that_are_not_there_or_not_to_be_seen_are_not_found(music, id):
    assert [error["code"] for error in await music.errors(ARTISTS, id=id)] == ["NOT_FOUND"]
    assert [error["code"] for error in await music.errors(SONGS, id=id if id != "ghost" else "s4")] == ["NOT_FOUND"]


async def test_the_cost_is_the_same_for_one_and_a_hundred(rig):
    await two_camps(rig)
    for document, id, most in ((ARTISTS, "jazz0", 30), (SONGS, "jazz0-0", 25)):
        counts = []
        for n in (100, 1, 100):
            rig.engine.asked.clear()
            await rig.data(document, id=id, n=n)
            counts.append(sum(rig.engine.asked.values()))
        # What was read for the first is remembered.
        assert counts[1] == counts[2] <= counts[0] <= most


def song(**facts):
    """A song with these facts."""
    made = Song("s", "t", "t", "s", "a", "a", START, START)
    for name, value in facts.items():
        setattr(made, name, value)
    return made


def test_likeness_counts_only_what_is_known():
    one = song(genre_ids=["g"], features=AudioFeatures(tempo=120, energy=0.5), mood="calm", artist_ids=["a"])
    assert likeness(one, one) == 1.0
    assert likeness(one, song(genre_ids=["h"], mood="wild", artist_ids=["b"])) == 0.0
    assert likeness(song(genre_ids=["g", "h"]), song(genre_ids=["g"])) == pytest.approx(4 * 0.5 / 5.5)
