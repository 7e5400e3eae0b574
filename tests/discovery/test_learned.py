"""What a learned model answers by ids, and from what it is learned."""

from dataclasses import replace

import pytest

from services.discovery.collaborative import learned as learned_file
from services.discovery.collaborative.names import Names
from tests.discovery.learned import learn
from tests.discovery.listeners import likes, plays, two_camps


@pytest.fixture
async def camps(rig):
    """Two camps of listeners."""
    await two_camps(rig)
    return rig


def test_names_know_their_numbers_and_nothing_else():
    names = Names.of(["b", "a", "ccc"])
    assert names.numbers(["a", "ccc", "b", "cccc", "", "x", "ä", "a\0"]).tolist() == [0, 2, 1, -1, -1, -1, -1, -1]
    assert names.ids(names.numbers(["ccc", "a"])) == ["ccc", "a"]
    assert Names.of([]).numbers(["a"]).tolist() == [-1]


async def test_songs_artists_and_tastes_are_near_what_the_same_people_play(camps, tmp_path):
    learned = await learn(camps, tmp_path / "work")
    assert (learned.origin.plays, learned.origin.people, len(learned.songs)) == (120, 10, 48)
    near = learned.near_song("jazz0-0", 3)
    assert {each.id for each in near} == {"jazz1-0", "jazz2-0", "jazz3-0"}
    assert all(each.because == "jazz0-0" and each.score > 0 for each in near)
    assert {each.id for each in learned.near_artist("metal2", 3)} == {"metal0", "metal1", "metal3"}
    taste = learned.for_taste({"jazz0-0": 1.5, "metal0-0": 1.0, "gone": 9.0}, 6)
    assert [each.because for each in taste] == ["jazz0-0"] * 3 + ["metal0-0"] * 3
    assert not {"jazz0-0", "metal0-0"} & {each.id for each in learned.for_taste({"jazz0-0": 1, "metal0-0": 1}, 48)}
    assert learned.shared_listeners("jazz0-0", "jazz1-0") == 2
    assert learned.shared_listeners("jazz0-0", "metal0-0") == learned.shared_listeners("gone", "jazz0-0") == 0


async def test_what_is_disliked_speaks_against_and_is_never_a_reason(camps, tmp_path):
    learned = await learn(camps, tmp_path / "work")
    named = learned.for_taste({"jazz0-0": 1.0, "metal0-0": -1.0}, 48)
    assert named and all(each.id.startswith("jazz") and each.because == "jazz0-0" for each in named)
    for weights in ({}, {"gone": 1.0}, {"jazz0-0": -1.0}):
        assert learned.for_taste(weights, 10) == []
    assert learned.near_song("gone", 5) == learned.near_artist("gone", 5) == learned.near_song("jazz0-0", 0) == []


async def test_the_short_way_of_large_libraries_names_the_same(camps, tmp_path, monkeypatch):
    learned = await learn(camps, tmp_path / "work")
    asked = {"jazz0-0": 2.0, "jazz1-3": 1.0, "metal2-2": 0.5}
    exact = learned.for_taste(asked, 10)
    monkeypatch.setattr(learned_file, "EXACT_BELOW", 0)
    short = learned.for_taste(asked, 10)
    assert [each.id for each in short[:3]] == [each.id for each in exact[:3]]
    assert [each.score for each in short] == pytest.approx([each.score for each in exact], rel=1e-4)


async def test_skips_hidden_and_deleted_songs_are_not_learned_and_likes_are(camps, tmp_path):
    rig = camps
    for person in ("ann", "ben", "cid"):
        await plays(rig, person, "jazz0-0", times=2)
        await plays(rig, person, "metal0-5", times=2, completed=False, ms_played=3_000)
        await likes(rig, person, "metal1-5")
    await rig.store.songs.update({"_id": "jazz1-0"}, {"$set": {"is_hidden": True}})
    await rig.store.songs.delete({"_id": "jazz2-0"})
    learned = await learn(rig, tmp_path / "work")
    assert learned.songs.numbers(["jazz1-0", "jazz2-0"]).tolist() == [-1, -1]
    near = {each.id for each in learned.near_song("jazz0-0", 48)}
    assert "metal1-5" in near and "metal0-5" not in near
    # Somebody who likes a song has not played it for that.
    assert learned.shared_listeners("jazz0-0", "metal1-5") == learned.shared_listeners("jazz0-0", "metal0-5") == 0


async def test_what_a_model_names_is_shown_only_as_the_viewer_sees_it(camps, tmp_path):
    rig = camps
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz0-0", times=3)
    await learn(rig, tmp_path / "work")
    await rig.store.songs.update({"_id": "jazz1-0"}, {"$set": {"is_hidden": True}})
    await rig.store.songs.update({"_id": "jazz2-0"}, {"$set": {"is_explicit": True}})
    await rig.store.songs.delete({"_id": "jazz3-0"})
    careful = replace(viewer, explicit_content=False)
    query = '{ recommendedSongs(limit: 40) { id } similarSongs(songId: "jazz0-0", limit: 40) { id } }'
    answer = await rig.data(query, careful)
    for songs in answer.values():
        shown = {song["id"] for song in songs}
        assert len(shown) > 20 and not shown & {"jazz1-0", "jazz2-0", "jazz3-0"}
    artists = await rig.data('{ similarArtists(artistId: "jazz0", limit: 3) { id } }')
    assert {artist["id"] for artist in artists["similarArtists"]} == {"jazz1", "jazz2", "jazz3"}


async def test_with_a_model_nobody_elses_plays_are_read(camps, tmp_path):
    rig = camps
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "jazz0-0", "jazz1-1", times=3)
    await learn(rig, tmp_path / "work")
    rig.engine.asked.clear()
    assert len((await rig.data("{ recommendedSongs(limit: 20) { id } }", viewer))["recommendedSongs"]) == 20
    assert dict(rig.engine.asked) == {
        "plays": 2, "liked_songs": 2, "followed_artists": 2, "tastes": 2, "songs": 8,
    }  # fmt: skip
    rig.engine.asked.clear()
    await rig.data('{ similarSongs(songId: "jazz0-0") { id } }', viewer)
    assert dict(rig.engine.asked) == {"songs": 3, "tastes": 1}
