"""The blend: reasons proved for everybody, exploration, skips, and houses at the edges."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.discovery import listening as listening_file
from services.discovery.recommending import standing as standing_file
from services.discovery.recommending.sounds import Sounds, is_same_sound
from services.events import CatalogueChanged
from storage.records import AudioFeatures, Song
from tests.catalogue_rig import START
from tests.discovery.learned import learn
from tests.discovery.listeners import follows, likes, plays, two_camps
from tests.discovery.reasons import prove_all

QUERY = "query ($n: Int) { recommendedSongs(limit: $n) { id artist { id } } }"


async def shown(rig, viewer, n=20):
    """The ids of somebody's recommendations."""
    return [song["id"] for song in (await rig.data(QUERY, viewer, n=n))["recommendedSongs"]]


async def crowd(rig):
    """Six people of all kinds in a house of two camps, where most songs are measured and some are new."""
    await two_camps(rig)
    for number, id in enumerate(["jazz0-1", "jazz3-4", "metal1-1", "metal2-3"]):
        features = AudioFeatures(tempo=120 + number, key="A minor", energy=0.5)
        document = {"tempo": features.tempo, "key": features.key, "energy": features.energy}
        await rig.store.songs.update({"_id": id}, {"$set": {"features": document}})
    await rig.artist("newcomer", genre_ids=["jazz"])
    for number in range(4):
        await rig.song(f"fresh{number}", "newcomer", genre_ids=["jazz"], genre_id="jazz")
    people = {name: await rig.sign_up(name) for name in ("fan", "liker", "follower", "chooser", "silent", "skipper")}
    await plays(rig, people["fan"].user_id, "jazz0-0", "jazz1-1", "jazz0-1", times=7)
    await likes(rig, people["liker"].user_id, "metal1-1", "metal0-0")
    await follows(rig, people["follower"].user_id, "metal3", "newcomer")
    await plays(rig, people["follower"].user_id, "metal0-0")
    choose = 'mutation { updateTasteProfile(favoriteGenres: ["metal"]) { tasteProfile { chosen } } }'
    await rig.data(choose, people["chooser"])
    await plays(rig, people["skipper"].user_id, "metal0-0", "jazz0-0", times=2)
    skipped = [f"metal1-{number}" for number in range(4)]
    await plays(rig, people["skipper"].user_id, *skipped, completed=False, ms_played=5_000)
    return people


async def test_every_reason_of_everybody_is_proved_from_the_store(rig, tmp_path):
    people = await crowd(rig)
    by_plays = await prove_all(rig, people.values())
    await learn(rig, tmp_path / "work")
    by_model = await prove_all(rig, people.values())
    wanted = {"ARTIST", "SHARED", "SOUND", "FOLLOWED", "GENRE", "POPULAR", "NEW", "EXPLORE", "LIKED"}
    assert wanted <= by_plays.keys() | by_model.keys()
    assert by_model["SHARED"] > 10


async def test_a_reason_that_would_tell_on_one_person_gives_way_to_another(rig, tmp_path):
    for id in ("one", "two"):
        await rig.artist(id)
        await rig.song(f"{id}-song", id, play_count=1)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, "one-song", times=3)
    await plays(rig, "somebody", "one-song", "two-song")
    await learn(rig, tmp_path / "work")
    query = "{ recommendations { items { song { id } reason { kind text times song { id } } } } }"
    items = (await rig.data(query, viewer))["recommendations"]["items"]
    assert items[0] == {
        "song": {"id": "two-song"},
        "reason": {
            "kind": "SONG", "text": "Because you played “one-song” 3 times.", "times": 3, "song": {"id": "one-song"},
        },
    }  # fmt: skip
    # With the viewer among those who played both, two are still only one other.
    await plays(rig, viewer.user_id, "two-song")
    await learn(rig, tmp_path / "again")
    assert "SHARED" not in await prove_all(rig, [viewer])
    await plays(rig, "another", "one-song", "two-song")
    await learn(rig, tmp_path / "third")
    await prove_all(rig, [viewer])


async def test_one_place_in_ten_is_explored_the_same_all_day_and_otherwise_tomorrow(rig):
    await rig.genre("jazz")
    for number in range(30):
        await rig.artist(f"a{number}")
        await rig.song(f"known{number}", f"a{number}", genre_ids=["jazz"], play_count=50 + number)
        await rig.artist(f"b{number}")
        await rig.song(f"seldom{number}", f"b{number}", genre_ids=["jazz"], play_count=number % 10)
    viewer, other = await rig.sign_up("listener"), await rig.sign_up("other")
    for each in (viewer, other):
        await plays(rig, each.user_id, "known0", times=3)
    today = await shown(rig, viewer)
    explored = [id for id in today if id.startswith("seldom")]
    assert [today.index(id) for id in explored] == [6, 16]
    assert await shown(rig, viewer) == today != await shown(rig, other)
    rig.clock.turn(timedelta(days=1).total_seconds())
    tomorrow = await shown(rig, viewer)
    assert [id for id in tomorrow if id.startswith("seldom")] != explored


async def test_artists_that_are_skipped_sink_and_so_do_songs(rig):
    people = await crowd(rig)
    got = await shown(rig, people["skipper"], 100)
    assert len(got) == 52 and set(got[-6:]) == {"metal0-0", "jazz0-0", *(f"metal1-{number}" for number in range(4))}
    # Of the same genre and played as often: those of whom nothing was skipped come first.
    assert all(got.index("metal1-4") > got.index(f"{artist}-4") for artist in ("metal2", "metal3"))


async def test_what_is_remembered_ends_with_a_play_a_like_and_a_follow_and_hides_what_is_hidden(rig):
    people = await crowd(rig)
    viewer = people["silent"]
    before = await shown(rig, viewer, 10)
    await rig.store.songs.update({"_id": before[0]}, {"$set": {"is_hidden": True}})
    after = await shown(rig, viewer, 10)
    assert after[:9] == before[1:] and len(after) == 10
    rig.engine.asked.clear()
    assert await shown(rig, viewer, 10) == after and rig.engine.asked["plays"] == 1
    for change in (
        plays(rig, viewer.user_id, "jazz1-3"),
        likes(rig, viewer.user_id, "metal1-3"),
        follows(rig, viewer.user_id, "metal3"),
    ):
        await change
        rig.engine.asked.clear()
        await shown(rig, viewer, 10)
        assert rig.engine.asked["plays"] > 1
    careful = replace(viewer, explicit_content=False)
    await rig.store.songs.update({"_id": {"$in": after[:3]}}, {"$set": {"is_explicit": True}}, many=True)
    assert not set(after[:3]) & set(await shown(rig, careful, 40))


@pytest.mark.parametrize("learns", [False, True])
async def test_houses_at_the_edges_recommend_what_there_is(rig, tmp_path, learns):
    viewer = await rig.sign_up("listener")
    folder = iter(range(9))

    async def ask():
        rig.house.bus.publish(CatalogueChanged())
        if learns:
            await learn(rig, tmp_path / str(next(folder)))
        await prove_all(rig, [viewer])
        return await shown(rig, viewer, 10)

    assert await ask() == []
    await rig.artist("only")
    await rig.song("first", "only")
    assert await ask() == ["first"]
    for number in range(5):
        await rig.song(f"more{number}", "only")
    # One artist made all there is, and by and by all of it was heard.
    assert len(await ask()) == 6
    await plays(rig, viewer.user_id, "first", *(f"more{number}" for number in range(5)))
    assert len(await ask()) == 6
    await rig.store.songs.delete({"_id": "first"})
    assert sorted(await ask()) == [f"more{number}" for number in range(5)]


def test_the_same_sound_is_the_same_key_and_nearly_the_same_tempo():
    def song(id, key, tempo):
        made = Song(id, id, id, id, "a", "a", START, START)
        made.features = AudioFeatures(key=key, tempo=tempo)
        return made

    known = [song("slow", "C major", 80), song("a", "A minor", 120), song("b", "A minor", 121), song("c", None, 120)]
    sounds = Sounds(known)
    assert sounds.same_as(song("new", "A minor", 123.7)) == "a"
    assert sounds.same_as(song("new", "A minor", 124.5)) == "b"
    assert sounds.same_as(song("new", "A minor", 124.8)) is None
    assert sounds.same_as(song("a", "A minor", 120)) == "b"
    for key, tempo in (("C major", 120), (None, 120), ("A minor", None)):
        assert sounds.same_as(song("new", key, tempo)) is None
    assert not is_same_sound(song("x", None, 1), song("y", None, 1))


async def test_counts_are_exact_where_more_was_played_than_is_read(rig, tmp_path, monkeypatch):
    monkeypatch.setattr(listening_file, "HISTORY_ROWS", 5)
    monkeypatch.setattr(standing_file, "HISTORY_ROWS", 5)
    people = await crowd(rig)
    viewer = people["fan"]
    await learn(rig, tmp_path / "work")
    await plays(rig, viewer.user_id, "jazz0-1", times=2)
    # Twenty-one are in the roll-ups, two are not yet.
    kinds = await prove_all(rig, [viewer])
    assert kinds["ARTIST"] or kinds["SONG"]
