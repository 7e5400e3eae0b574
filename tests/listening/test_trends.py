"""Charts that one account cannot move, and what rises: by how many more different people listen than usual."""

from datetime import timedelta

import pytest

from services.listening.weights import weight
from storage.engine import Insert
from storage.records import Play
from tests.listening.test_charts import make, places

RISING = """query ($range: TimeRange!, $type: ChartType!, $genre: String) {
  trendingCharts(type: $type, genre: $genre, timeRange: $range, order: ACCELERATION) {
    songs { position song { id } playCount listeners usualListeners previousPosition change } asOf } }"""


async def listen(music, song_id, users, days=0, times=1, country=None):
    """Each of these people plays a song so many times, that many days ago."""
    song, at = await music.store.songs.get(song_id), music.clock.now() - timedelta(days=days)
    rows = []
    for user in users:
        for _ in range(times):
            row = Play(music.clock.new_id(), user, song_id, at, at, None, song.artist_ids, country=country)
            rows.append(Insert(music.store.plays.codec.encode(row)))
    for start in range(0, len(rows), 1000):
        await music.store.plays.bulk(rows[start : start + 1000])


async def rising(music, range="WEEK", type="GLOBAL", genre=None):
    await music.house.roll_ups.fold()
    await music.house.trend_making.make()
    chart = (await music.data(RISING, range=range, type=type, genre=genre))["trendingCharts"]
    return [(each["song"]["id"], each["listeners"], each["usualListeners"]) for each in chart["songs"]]


def people(count, first=0):
    return [f"p{first + number}" for number in range(count)]


def test_an_accounts_day_weighs_two_at_most():
    assert [weight(plays) for plays in (0, 1, 2, 5, 9, 10, 11, 10_000)] == [0, 1000, 1301, 1699, 1954, 2000, 2000, 2000]


async def test_thousands_of_plays_of_one_account_do_not_outrank_five_people(music):
    for day in range(6):
        await listen(music, "b1", ["loop"], days=day, times=10 if day else 1_950, country="DE")
    await listen(music, "s3", people(5), country="DE")
    await make(music)
    # The plays that are shown are the true ones.
    expected = [(1, "s3", 5), (2, "b1", 2_000)]
    for span in ("WEEK", "MONTH", "ALL_TIME"):
        assert await places(music, range=span) == expected
        assert await places(music, "COUNTRY", country="DE", range=span) == expected
    artists = await music.data("{ trendingArtists(timeRange: WEEK) { id } }")
    assert [each["id"] for each in artists["trendingArtists"]] == ["anna", "bert"]
    assert await music.house.roll_up_proof.prove() == 0
    assert (await music.store.plays_ever.get("b1")).plays == 2_000
    # One who plays it alone has moved nothing that rises, however often.
    assert await rising(music) == [("s3", 5, 0.0)]


async def test_one_account_that_plays_a_whole_album_in_a_loop_does_not_lift_its_artist(music):
    for number in range(8):
        await music.song(f"x{number}", "bert")
        await listen(music, f"x{number}", ["loop"], times=20)
    await listen(music, "s3", people(5))
    await make(music)
    artists = await music.data("{ trendingArtists(timeRange: WEEK) { id } }")
    assert [each["id"] for each in artists["trendingArtists"]] == ["anna", "bert"]


async def test_what_rises_outranks_what_is_always_played_and_the_numbers_are_those_of_the_ledger(music):
    # 20 people play s1 each day as ever; s3 had one listener a day and has eight now; b1 is new with four.
    for day in range(35):
        await listen(music, "s1", people(20), days=day)
        await listen(music, "s3", people(1 if day >= 3 else 8), days=day)
    await listen(music, "b1", people(4, first=50), times=3)
    found = await rising(music)
    # At noon, six and a half days of the week are over.
    assert found[0] == ("s3", 28, 6.5)
    assert ("b1", 4, 0.0) in found
    assert await places(music) == []
    await make(music)
    assert (await places(music))[0] == (1, "s1", 140)
    assert (await rising(music, type="GENRE", genre="indie"))[0] == ("s3", 28, 6.5)
    music.engine.asked.clear()
    await music.data(RISING, range="WEEK", type="GLOBAL")
    assert music.engine.asked == {"charts": 1, "songs": 1}
    # A month on nobody listened any more: nothing rises.
    music.clock.turn(86_400 * 31)
    assert await rising(music) == []


async def test_two_people_hidden_songs_and_an_empty_house_do_not_trend(music):
    assert await rising(music) == []
    await listen(music, "s1", people(2), times=5)
    await listen(music, "s1", people(2), days=1)
    await listen(music, "s4", people(9))
    assert await rising(music, "DAY") == []
    await listen(music, "s1", people(1, first=7))
    assert await rising(music, "DAY") == [("s1", 5, 0.0)]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("type: GLOBAL, timeRange: ALL_TIME", "timeRange"),
        ("type: GLOBAL, timeRange: YEAR", "timeRange"),
        ('type: COUNTRY, country: "DE", timeRange: WEEK', "order"),
    ],
)
async def test_acceleration_that_nobody_tells_is_refused(music, arguments, field):
    query = f"{{ trendingCharts({arguments}, order: ACCELERATION) {{ asOf }} }}"
    assert await music.errors(query) == [{"code": "INVALID", "field": field}]
