"""Stations page by page: without end, without repetition, wider and wider, and learning on the way."""

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.discovery.collaborative.affinities import Affinity
from services.discovery.radio.adapting import Deed, Reaction, adapt
from services.discovery.radio.cursor import BEGINNING, TEXT_LIMIT, WINDOW, mark, read_place, since, write_place
from services.discovery.radio.sequence import stretch
from services.errors import Invalid
from storage.engine import Insert
from storage.records import Song
from tests.catalogue_rig import START
from tests.discovery.listeners import likes, two_camps
from tests.discovery.test_radio import hears

PAGE = "query ($id: ID!, $n: Int, $at: String) { radio(id: $id, limit: $n, after: $at) { songs { id } endCursor } }"


async def page(rig, id, at=None, n=10, viewer=None):
    """A page's song ids and the cursor after it."""
    found = (await rig.data(PAGE, *([viewer] if viewer else []), id=id, n=n, at=at))["radio"]
    return [song["id"] for song in found["songs"]], found["endCursor"]


async def pages(rig, id, count, n=10, viewer=None):
    """The ids of so many pages, one after the other."""
    got, at = [], None
    for _ in range(count):
        ids, at = await page(rig, id, at, n, viewer)
        got += ids
    return got


def artists(ids):
    """Whose songs these are."""
    return [id.split("-")[0] for id in ids]


async def test_a_station_plays_all_of_its_own_then_all_else_and_then_begins_afresh(rig):
    await two_camps(rig)
    got = await pages(rig, "artist:jazz0", 12, n=8)
    assert len(got) == 96
    # The last few mix, where an artist would come twice in a row otherwise.
    assert all(id.startswith("jazz") for id in got[:20]) and all(id.startswith("metal") for id in got[28:48])
    assert len(set(got[:48])) == len(set(got[48:])) == 48
    assert got[:48] != got[48:]
    # A song comes again only after half of all others at the least.
    places = {id: [at for at, each in enumerate(got) if each == id] for id in set(got)}
    assert min(later - sooner for sooner, later in places.values()) >= 24
    assert all(one != other for one, other in itertools.pairwise(artists(got)))


async def test_the_same_cursor_gives_the_same_songs_and_a_new_day_does_not_repeat_the_last_one(rig):
    await two_camps(rig)
    first, at = await page(rig, "genre:jazz")
    second = await page(rig, "genre:jazz", at)
    assert await page(rig, "genre:jazz", at) == second
    rig.clock.turn(86_400)
    assert not set((await page(rig, "genre:jazz", at))[0]) & set(first)


async def test_in_a_large_genre_a_station_reads_deeper_and_no_song_comes_again_within_five_hundred(rig):
    await rig.genre("wide")
    made = [song(f"w{n:03}", f"by {n % 60}", genre_ids=["wide"], play_count=n) for n in range(640)]
    shelf = rig.store.songs
    await shelf.bulk([Insert(shelf.codec.encode(each)) for each in made])
    got = await pages(rig, "genre:wide", 12, n=100)
    assert len(got) == 1_200 and len(set(got)) == 600
    last = {}
    for at, id in enumerate(got):
        assert at - last.get(id, -WINDOW - 1) > WINDOW
        last[id] = at


async def test_what_is_hidden_or_explicit_leaves_the_next_page(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("careful")
    _, at = await page(rig, "artist:jazz0", viewer=viewer)
    coming, _ = await page(rig, "artist:jazz0", at, viewer=viewer)
    await rig.store.songs.update({"_id": coming[0]}, {"$set": {"is_hidden": True}})
    await rig.store.songs.update({"_id": coming[1]}, {"$set": {"is_explicit": True}})
    again, _ = await page(rig, "artist:jazz0", at, viewer=replace(viewer, explicit_content=False))
    assert len(again) == 10 and not {coming[0], coming[1]} & set(again)


async def test_a_station_turns_from_what_is_skipped_between_two_pages_and_remembers_tomorrow(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    plain = await pages(rig, "genre:jazz", 2)
    first, at = await page(rig, "genre:jazz", viewer=viewer)
    assert first == plain[:10]
    skipped = [id for id in first if id.startswith("jazz1")] or first[:1]
    for id in skipped:
        await hears(rig, viewer, "genre:jazz", id, ms_played=3_000)
    artist = skipped[0].split("-")[0]
    after, _ = await page(rig, "genre:jazz", at, viewer=viewer)
    assert artists(after).count(artist) < artists(plain[10:]).count(artist)
    assert (await page(rig, "genre:jazz"))[0] == plain[:10]
    rig.clock.turn(86_400)
    # Within ten of twenty-four songs theirs do not come as soon as anybody else's.
    assert artists((await page(rig, "genre:jazz", viewer=await again(rig)))[0]).count(artist) <= 1


async def test_what_is_skipped_twice_is_not_played_again_while_there_is_enough_else(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    twice, once = "jazz0-1", "jazz3-1"
    for song in (twice, twice, once):
        await hears(rig, viewer, "genre:jazz", song, ms_played=1_000)
    got = await pages(rig, "genre:jazz", 5, viewer=viewer)
    assert len(set(got)) == 47 and twice not in got and once in got
    # In a library of four songs it comes last instead.
    for genre in ("jazz", "metal"):
        await rig.store.songs.delete(
            {"genre_id": genre, "_id": {"$nin": [twice, "jazz1-1", "jazz2-1", "jazz3-1"]}}, many=True
        )
    got, _ = await page(rig, "genre:jazz", viewer=viewer)
    assert sorted(got) == ["jazz0-1", "jazz1-1", "jazz2-1", "jazz3-1"] and got[-1] == twice


async def again(rig):
    """The listener, signed in anew a day later."""
    signed_in = await rig.house.accounts.signing_in.log_in(
        None, email="listener@example.com", password="SecurePass123!"
    )
    return await rig.house.accounts.viewer_for(signed_in.token)


async def test_a_station_turns_to_what_is_liked_and_likes_given_elsewhere_change_nothing(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    first, at = await page(rig, "genre:jazz", viewer=viewer)
    plain, _ = await page(rig, "genre:jazz", at, viewer=viewer)
    await likes(rig, viewer.user_id, next(id for id in plain if id not in first), "metal1-1")
    assert (await page(rig, "genre:jazz", at, viewer=viewer))[0] == plain
    liked = first[0]
    await likes(rig, viewer.user_id, liked)
    after, _ = await page(rig, "genre:jazz", at, viewer=viewer)
    artist = liked.split("-")[0]
    assert artists(after).index(artist) <= 1 and artists(after).count(artist) > artists(plain).count(artist)


async def test_a_page_costs_the_same_however_far_the_station_went(rig):
    await two_camps(rig)
    viewer = await rig.sign_up("listener")
    _, at = await page(rig, "artist:jazz0", viewer=viewer, n=24)
    counts = []
    for _ in range(4):
        rig.engine.asked.clear()
        _, at = await page(rig, "artist:jazz0", at, viewer=viewer)
        counts.append(sum(rig.engine.asked.values()))
    assert max(counts) == min(counts) <= 50


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_in_a_library_of_few_songs_by_one_artist_nothing_comes_twice_in_a_row(rig, count):
    await rig.artist("solo")
    for number in range(count):
        await rig.song(f"solo-{number}", "solo")
    first, at = await page(rig, "artist:solo")
    assert len(first) == count
    if count == 1:
        assert at is None
        return
    got = first
    for _ in range(4):
        ids, at = await page(rig, "artist:solo", at)
        assert sorted(ids) == sorted(first)
        got = got + ids
    assert all(one != other for one, other in itertools.pairwise(got))


async def test_a_seed_without_any_song_gives_an_empty_station(rig):
    await rig.artist("mute")
    assert await page(rig, "artist:mute") == ([], None)


@pytest.mark.parametrize("at", ["", "x", "é", "A" * 5000, "AAAA", write_place("artist:other", BEGINNING)])
async def test_a_cursor_that_is_not_this_stations_is_refused(rig, at):
    await rig.artist("mute")
    assert await rig.errors(PAGE, id="artist:mute", at=at) == [{"code": "INVALID", "field": "after"}]


def test_a_place_is_bounded_text_and_reads_back():
    far = since([f"song {number}" for number in range(2_000)], "artist")
    text = write_place("s", far)
    assert len(far.recent) == WINDOW and len(text) <= TEXT_LIMIT < 2_100
    assert read_place("s", text) == far
    for broken in (text[:-2], text[1:], text + "AAAA"):
        with pytest.raises(Invalid):
            read_place("s", broken)


def song(id, artist, **facts):
    """A song in outline."""
    made = Song(id, id, id, id, artist, artist, START, START)
    for name, value in facts.items():
        setattr(made, name, value)
    return made


def test_artists_are_kept_apart_wherever_that_can_be_had():
    pool = {f"{artist}{n}": song(f"{artist}{n}", artist) for artist, count in (("a", 5), ("b", 2), ("c", 2))
            for n in range(count)}  # fmt: skip
    # All of a's weigh most, and still theirs are not left for the end.
    got = stretch(pool, lambda each, _: 9.0 if each.artist_id == "a" else 1.0, BEGINNING, 9).songs
    assert [each.artist_id for each in got][::2] == ["a"] * 5
    last = since([], "a")
    assert stretch(pool, lambda each, _: 1.0, last, 1).songs[0].artist_id != "a"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 20), st.integers(0, 99))
def test_the_first_round_plays_all_once_with_artists_apart_as_far_as_can_be(songs_each, limit, seed):
    pool = {f"{artist}-{n}": song(f"{artist}-{n}", f"by {artist}") for artist, count in enumerate(songs_each)
            for n in range(count)}  # fmt: skip

    def weigh(each, shuffle):
        return mark(f"{seed}{shuffle}{each.id}")[0]

    place, got = BEGINNING, []
    while place is not None and len(got) < 3 * len(pool):
        part = stretch(pool, weigh, place, limit)
        assert len({each.id for each in part.songs}) == len(part.songs) == min(limit, len(pool))
        assert part == stretch(pool, weigh, place, limit)
        place, got = part.end, got + part.songs
    assert len({each.id for each in got[: len(pool)]}) == len(pool)
    assert all(one.id != other.id for one, other in itertools.pairwise(got))
    first = [each.artist_id for each in got[: len(pool)]]
    together = sum(one == other for one, other in itertools.pairwise(first))
    assert together == max(0, 2 * max(songs_each) - len(pool) - 1)


def test_no_song_comes_again_within_the_window_of_a_large_pool():
    pool = {f"s{n}": song(f"s{n}", f"a{n % 50}") for n in range(620)}
    place, got = BEGINNING, []
    for _ in range(14):
        part = stretch(pool, lambda each, _: float(mark(each.id)[0]), place, 100)
        place, got = part.end, got + [each.id for each in part.songs]
    assert len(got) == 1_400
    assert all(len(set(got[at : at + WINDOW])) == WINDOW for at in range(0, 900, 30))


def test_what_is_near_to_a_skipped_song_sinks_and_what_is_near_to_a_liked_one_rises():
    skipped, liked = song("x", "a", genre_ids=["g"]), song("y", "b", genre_ids=["h"])
    others = {each.id: each for each in (song("a2", "a"), song("g2", "c", genre_ids=["g"]), song("n", "d"),
                                         song("h2", "e", genre_ids=["h"]), song("plain", "f"))}  # fmt: skip
    today = date(2026, 6, 1)
    near = {"y": [Affinity("n", 2.0, "y")]}
    reactions = [Reaction("x", Deed.SKIPPED, today), Reaction("y", Deed.LIKED, today), Reaction("?", Deed.LIKED, today)]
    made = adapt(reactions, {"x": skipped, "y": liked}, today, lambda id, _: near.get(id, []))
    factors = {id: made.factor(each) for id, each in others.items()}
    assert factors["plain"] == 1.0
    assert factors["a2"] < factors["g2"] < 1.0 < factors["h2"] < factors["n"]
    assert made.factor(skipped) == 2**-3 and made.factor(liked) == 2**3
    month = adapt(reactions, {"x": skipped}, date(2026, 7, 1), lambda *_: [])
    assert month.songs == {"x": -0.5}
