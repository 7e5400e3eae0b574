"""Daily mixes: one for each side of a taste, two thirds known, the same all day."""

import asyncio
import itertools

import pytest

from services.accounts.preferences import PreferencesEdit
from services.discovery.collaborative.affinities import Affinities, Affinity
from services.discovery.mixes.clusters import ARTISTS_LIMIT, Voice, sides
from services.discovery.mixes.filling import fill
from storage.records import AudioFeatures, Song
from tests.catalogue_rig import START, small_house
from tests.discovery.listeners import likes, plays

MIXES = """query ($n: Int) { dailyMixes(limit: $n) {
  id title reason refreshDate coverImage artists { id name } songs { id artist { id } } } }"""
MIX = "query ($id: ID!) { dailyMix(id: $id) { title songs { id } } }"


async def shelves(rig, **genres):
    """Six artists of each genre with so many songs each, titled by genre, artist and number."""
    for genre, each in genres.items():
        await rig.genre(genre)
        for a in range(6):
            await rig.artist(f"{genre}{a}", name=f"{genre}{a}".title(), genre_ids=[genre])
            for n in range(each):
                await rig.song(f"{genre}{a}-{n}", f"{genre}{a}", genre_ids=[genre], genre_id=genre, play_count=n)


async def mixes(rig, viewer, n=6):
    """What the viewer is shown."""
    return (await rig.data(MIXES, viewer, n=n))["dailyMixes"]


def ids(mix):
    """Its songs."""
    return [song["id"] for song in mix["songs"]]


async def test_each_side_of_a_taste_has_a_mix_of_songs_known_and_new(rig):
    await shelves(rig, jazz=15, metal=15, polka=2)
    viewer = await rig.sign_up("listener")
    jazz = [f"jazz{a}-{n}" for a in range(4) for n in range(10)]
    metal = [f"metal{a}-{n}" for a in range(3) for n in range(12)]
    await plays(rig, viewer.user_id, *metal)
    await plays(rig, viewer.user_id, *jazz)
    await plays(rig, viewer.user_id, "jazz1-0", times=3)
    await plays(rig, viewer.user_id, "metal2-0", times=2)
    await plays(rig, viewer.user_id, "jazz2-1", completed=False, ms_played=2_000)
    first, second = await mixes(rig, viewer)
    assert (first["id"], second["id"]) == (f"{viewer.user_id}:1", f"{viewer.user_id}:2")
    # The reasons, against the ledger.
    rows = await rig.store.plays.find({"user_id": viewer.user_id}, limit=200)
    counted = {a: sum(row.song_id.startswith(a) and row.ms_played is None for row in rows) for a in ("jazz1", "metal2")}
    assert counted == {"jazz1": 13, "metal2": 14}
    assert first["title"] == "Jazz1, Jazz3 and more" and second["title"] == "Metal2, Metal1 and more"
    assert first["reason"] == "Because you played Jazz1 13 times and Jazz3 10 times."
    assert second["reason"] == "Because you played Metal2 14 times and Metal1 12 times."
    assert [artist["name"] for artist in first["artists"]] == ["Jazz1", "Jazz3", "Jazz2"]
    heard = {row.song_id for row in rows}
    for mix, genre in ((first, "jazz"), (second, "metal")):
        assert len(set(ids(mix))) == 50 and all(id.startswith(genre) for id in ids(mix))
        assert sum(id in heard for id in ids(mix)) == 33
        by = [song["artist"]["id"] for song in mix["songs"]]
        assert all(one != other for one, other in itertools.pairwise(by))
        assert any(artist not in by[:1] for artist in by) and mix["refreshDate"] == "2026-06-02T00:00:00.000Z"


async def test_the_mixes_stay_all_day_whatever_is_played_and_are_others_tomorrow(rig):
    await shelves(rig, jazz=12)
    viewer = await rig.sign_up("listener")
    assert await mixes(rig, viewer) == []
    await plays(rig, viewer.user_id, *[f"jazz{a}-{n}" for a in range(6) for n in range(8)])
    one, other = await asyncio.gather(mixes(rig, viewer), mixes(rig, viewer))
    assert one == other and len(one) == 1
    await plays(rig, viewer.user_id, *ids(one[0])[:5], "jazz0-11")
    assert await mixes(rig, viewer) == one
    assert (await rig.data(MIX, viewer, id=one[0]["id"]))["dailyMix"]["songs"] == [{"id": id} for id in ids(one[0])]
    rig.engine.asked.clear()
    await rig.house.mixes.today(viewer)
    assert dict(rig.engine.asked) == {"users": 1, "daily_mixes": 1, "artists": 1}
    # 12:00 UTC and a little; in Auckland the next day is twelve hours old, and then mixes are new at 12:00 UTC.
    await rig.house.preferences.update(viewer, PreferencesEdit(time_zone="Pacific/Auckland"))
    [fresh] = await mixes(rig, viewer)
    assert fresh["refreshDate"] == "2026-06-02T12:00:00.000Z" and set(ids(fresh)) != set(ids(one[0]))
    await rig.house.preferences.update(viewer, PreferencesEdit(time_zone="Pacific/Niue"))
    [same] = await mixes(rig, viewer)
    assert ids(same) == ids(fresh) and same["refreshDate"] == "2026-06-03T11:00:00.000Z"


async def test_what_is_hidden_leaves_a_mix_and_its_name(rig):
    await shelves(rig, jazz=8)
    viewer, other = await rig.sign_up("listener"), await rig.sign_up("other")
    await plays(rig, viewer.user_id, *[f"jazz{a}-{n}" for a in range(2) for n in range(4)])
    await plays(rig, viewer.user_id, "jazz0-0")
    [mix] = await mixes(rig, viewer)
    assert mix["title"] == "Jazz0, Jazz1 and more"
    assert await rig.errors(MIX, other, id=mix["id"]) == [{"code": "NOT_FOUND", "field": "id"}]
    assert await rig.errors(MIX, viewer, id="x" * 5_000) == [{"code": "NOT_FOUND", "field": "id"}]
    await rig.store.artists.update({"_id": "jazz0"}, {"$set": {"is_hidden": True}})
    await rig.store.songs.update({"artist_id": "jazz0"}, {"$set": {"is_hidden": True}}, many=True)
    [left] = await mixes(rig, viewer)
    assert (left["title"], left["reason"]) == ("Jazz1 and more", "Because you played Jazz1 4 times.")
    assert ids(left) == [id for id in ids(mix) if not id.startswith("jazz0")]


async def test_one_song_in_the_library_makes_a_mix_of_one_and_likes_alone_make_none(rig):
    await rig.artist("solo", name="Solo")
    await rig.song("only", "solo", cover_id="c0ffee")
    viewer = await rig.sign_up("listener")
    await likes(rig, viewer.user_id, "only")
    assert await mixes(rig, viewer) == []
    await plays(rig, viewer.user_id, "only", times=2)
    [mix] = await mixes(rig, viewer)
    assert (mix["title"], ids(mix)) == ("Solo", ["only"])
    assert "c0ffee" in mix["coverImage"]


@pytest.mark.parametrize("limit", [0, 101, -1])
async def test_limits_are_refused_with_their_field(rig, limit):
    assert await rig.errors(MIXES, await rig.sign_up("listener"), n=limit) == [{"code": "INVALID", "field": "limit"}]


async def test_making_costs_no_more_for_much_played_than_for_little(rig):
    await shelves(rig, jazz=8, metal=8)
    little, much = await rig.sign_up("little"), await rig.sign_up("much")
    await plays(rig, little.user_id, "jazz0-0", "metal0-0")
    await plays(
        rig, much.user_id, *[f"{genre}{a}-{n}" for genre in ("jazz", "metal") for a in range(6) for n in range(6)]
    )
    counts = []
    for viewer in (little, much):
        rig.engine.asked.clear()
        assert len(await rig.house.mixes.today(viewer)) == 2
        counts.append(dict(rig.engine.asked))
    assert counts[0] == counts[1]
    # Each mix: what the ledger knows of its new songs, those of its artists and those of its genre.
    assert counts[0] == {
        "users": 1,
        "daily_mixes": 2,
        "plays": 3,
        "liked_songs": 1,
        "songs": 5,
        "genres": 1,
        "artists": 1,
        "tastes": 2,
    }


class Taught(Affinities):
    """A model that knows two camps of artists, and one song for each taste."""

    def near_artist(self, artist_id, limit):
        camps = (("a", "b"), ("c", "d"))
        camp = next((camp for camp in camps if artist_id in camp), ())
        return [Affinity(each, 0.4, artist_id) for each in camp if each != artist_id]

    def for_taste(self, weights, limit):
        return [Affinity("far", 0.9, next(iter(weights)))]


async def test_the_learned_model_parts_artists_without_genres_and_brings_songs_from_elsewhere(tmp_path):
    async with small_house(tmp_path) as rig:
        for artist in "abcd":
            await rig.artist(artist)
            for n in range(2):
                await rig.song(f"{artist}{n}", artist)
        await rig.artist("e")
        await rig.song("far", "e")
        viewer = await rig.sign_up("listener")
        await plays(rig, viewer.user_id, "a0", "b0", "a0", "c0", "d0")
        rig.house.mixes._maker._affinities = Taught()
        first, second = await mixes(rig, viewer)
        assert {id[0] for id in ids(first) if id != "far"} == {"a", "b"} and "far" in ids(first)
        # No song is new to somebody in two mixes of one day.
        assert sorted(ids(second)) == ["c0", "c1", "d0", "d1"]


def voice(id, weight, **genres):
    return Voice(id, weight, genres)


def test_sides_are_told_apart_by_genre_and_a_taste_of_one_kind_has_one():
    taste = [
        voice("a", 5, rock=1.0),
        voice("b", 3, rock=1.0, punk=1.0),
        voice("c", 9, jazz=1.0),
        voice("d", 1, jazz=1.0),
    ]
    found = [[each.artist_id for each in side] for side in sides(taste)]
    assert found == [["c", "d"], ["a", "b"]]
    assert sides(list(reversed(taste))) == sides(taste)
    assert len(sides([voice(f"a{n}", n + 1, rock=1.0) for n in range(40)])) == 1
    assert sides([]) == [] and sides([voice("a", 0.0)]) == []


def test_there_are_six_sides_at_most_and_a_passing_fancy_is_none():
    # Nothing is known of any of them.
    strange = [Voice(f"a{n}", 100 - n) for n in range(70)]
    assert [[each.artist_id for each in side] for side in sides(strange)] == [[f"a{n}"] for n in range(6)]
    many = [voice(f"{genre}{n}", 10 - n, **{genre: 1.0}) for genre in "abcdefgh" for n in range(3)]
    assert len(sides(many)) == 6
    assert [side[0].artist_id for side in sides([voice("a", 99, rock=1.0), voice("b", 1, jazz=1.0)])] == ["a"]
    assert sum(len(side) for side in sides([voice(f"a{n}", 1.0, rock=1.0) for n in range(90)])) == ARTISTS_LIMIT


def test_sound_alone_parts_the_quiet_from_the_loud():
    def loud(id, energy):
        return Voice(id, 1.0, {}, {"energy": energy})

    found = sides([loud("a", 0.9), loud("b", 0.2), loud("c", 0.85), loud("d", 0.25)])
    assert [[each.artist_id for each in side] for side in found] == [["a", "c"], ["b", "d"]]


def test_a_mix_has_more_of_the_one_where_there_is_too_little_of_the_other():
    def outlines(*named):
        return {id: Song(id, id, id, id, f"by {at % 7}", "", START, START, features=AudioFeatures())
                for at, id in enumerate(named)}  # fmt: skip

    known, fresh = [f"k{n}" for n in range(40)], [f"n{n}" for n in range(60)]
    for knows, new, expected in ((40, 60, (33, 17)), (40, 5, (40, 5)), (10, 60, (10, 40)), (3, 2, (3, 2))):
        weights, others = dict.fromkeys(known[:knows], 1.0), dict.fromkeys(fresh[:new], 1.0)
        made = fill(weights, others, outlines(*weights, *others), lambda _: 0.5)
        assert (sum(id[0] == "k" for id in made), sum(id[0] == "n" for id in made)) == expected
    assert [
        id[0]
        for id in fill(dict.fromkeys(known, 1.0), dict.fromkeys(fresh, 1.0), outlines(*known, *fresh), lambda _: 0.5)
    ].count("n") == 17
