"""Charts, trending artists, monthly listeners: made by jobs, read in one command."""

from datetime import timedelta

import pytest

from server.schedule import schedule
from services.listening import chart_making
from services.listening.charting.counting import count
from services.listening.play_counts import PlayCounts
from services.viewer import SYSTEM
from storage.records import Play

SPEC = """query {
  trendingCharts(type: GLOBAL, timeRange: WEEK) {
    songs {
      position
      song {
        id
        title
        artist {
          name
        }
      }
      playCount
    }
  }
}"""
ARTISTS = """query {
  trendingArtists(timeRange: WEEK, limit: 50) {
    id
    name
    profileImage
    monthlyListeners
    genres {
      name
    }
  }
}"""
CHART = """query ($type: ChartType!, $range: TimeRange!, $country: String, $genre: String, $limit: Int) {
  trendingCharts(type: $type, timeRange: $range, country: $country, genre: $genre, limit: $limit) {
    songs { position song { id } playCount change previousPosition peakPosition } asOf } }"""


async def listen(music, songs, days=0.0, country=None, user="u"):
    """Plays straight into the ledger, `songs` maps each to how often."""
    at = music.clock.now() - timedelta(days=days)
    for id, times in songs.items():
        song = await music.store.songs.get(id)
        for _ in range(times):
            number = music.clock.new_id()
            play = Play(number, user, id, at, music.clock.now(), song.album_id, song.artist_ids, country=country)
            await music.store.plays.insert(play)


async def make(music):
    await music.house.roll_ups.fold()
    await music.house.chart_making.make()


async def places(music, type="GLOBAL", range="WEEK", viewer=SYSTEM, **more):
    chart = (await music.data(CHART, viewer, type=type, range=range, **more))["trendingCharts"]
    return [(each["position"], each["song"]["id"], each["playCount"]) for each in chart["songs"]]


async def test_the_specifications_documents_answer_before_and_after_the_first_chart(music):
    assert await music.data(SPEC) == {"trendingCharts": {"songs": []}}
    assert await music.data(ARTISTS) == {"trendingArtists": []}
    await make(music)
    assert await music.data(SPEC) == {"trendingCharts": {"songs": []}}
    await listen(music, {"s1": 2, "b1": 3})
    await make(music)
    await music.house.listeners.recount()
    music.engine.asked.clear()
    assert (await music.data(SPEC))["trendingCharts"]["songs"] == [
        {"position": 1, "song": {"id": "b1", "title": "Bees", "artist": {"name": "Bert"}}, "playCount": 3},
        {"position": 2, "song": {"id": "s1", "title": "First", "artist": {"name": "Anna"}}, "playCount": 2},
    ]
    assert music.engine.asked == {"charts": 1, "songs": 1, "artists": 1}
    music.engine.asked.clear()
    assert (await music.data(ARTISTS))["trendingArtists"] == [
        {"id": "bert", "name": "Bert", "profileImage": None, "monthlyListeners": 1, "genres": []},
        {"id": "anna", "name": "Anna", "profileImage": None, "monthlyListeners": 1, "genres": [{"name": "indie"}]},
    ]
    assert music.engine.asked == {"charts": 1, "artists": 1, "genres": 1}


async def test_a_full_chart_costs_what_a_short_one_costs(music):
    for number in range(120):
        await music.song(f"x{number:03}", "anna")
    await listen(music, {"s1": 3} | {f"x{number:03}": 1 for number in range(120)})
    await make(music)
    for limit in (1, 100):
        music.engine.asked.clear()
        found = await places(music, limit=limit)
        assert (len(found), found[0]) == (limit, (1, "s1", 3))
        assert music.engine.asked == {"charts": 1, "songs": 1}
    assert found[-1] == (100, "x098", 1)


async def test_each_range_counts_its_own_days(music):
    for days, song in ((0, "s1"), (1, "s2"), (6, "s3"), (7, "b1"), (29, "s1"), (30, "s2")):
        await listen(music, {song: 1}, days=days)
    await make(music)
    assert await places(music, range="DAY") == [(1, "s1", 1), (2, "s2", 1)]
    assert await places(music, range="WEEK") == [(1, "s1", 1), (2, "s2", 1), (3, "s3", 1)]
    assert await places(music, range="MONTH") == [(1, "s1", 2), (2, "b1", 1), (3, "s2", 1), (4, "s3", 1)]
    assert await places(music, range="ALL_TIME") == [(1, "s1", 2), (2, "s2", 2), (3, "b1", 1), (4, "s3", 1)]
    music.clock.turn(86_400 * 40)
    await make(music)
    assert await places(music, range="MONTH") == []
    assert len(await places(music, range="ALL_TIME")) == 4


async def test_a_country_has_its_own_chart_and_a_genre_takes_in_those_below_it(music):
    await listen(music, {"s1": 3, "s2": 1}, country="DE")
    await listen(music, {"b1": 2, "s3": 4}, country="FR")
    await make(music)
    assert await places(music, "COUNTRY", country="de") == [(1, "s1", 3), (2, "s2", 1)]
    assert await places(music, "COUNTRY", country="FR", range="ALL_TIME") == [(1, "s3", 4), (2, "b1", 2)]
    assert await places(music, "COUNTRY", country="XX") == []
    for name in ("rock", "slug-indie"):
        assert await places(music, "GENRE", genre=name) == [(1, "s3", 4), (2, "s1", 3)]
    assert await places(music, "GENRE", genre="Shoegaze") == [(1, "s3", 4)]


async def test_a_song_that_a_viewer_may_not_see_leaves_a_gap(music):
    await listen(music, {"s1": 1, "s2": 3, "b1": 2, "s4": 9})
    await make(music)
    picky = await music.sign_up("picky")
    await music.store.users.update({"_id": picky.user_id}, {"$set": {"preferences.explicit_content": False}})
    picky = await music.house.accounts.viewer_of_session(picky.user_id, picky.session_id)
    if picky.explicit_content:
        music.clock.turn(10)
        picky = await music.house.accounts.viewer_of_session(picky.user_id, picky.session_id)
    assert await places(music) == [(1, "s2", 3), (2, "b1", 2), (3, "s1", 1)]
    assert await places(music, viewer=picky) == [(2, "b1", 2), (3, "s1", 1)]
    assert await places(music, viewer=picky, limit=1) == [(2, "b1", 2)]
    await music.store.artists.update({"_id": "bert"}, {"$set": {"is_hidden": True}})
    assert [each["id"] for each in (await music.data(ARTISTS))["trendingArtists"]] == ["anna"]


async def test_places_are_compared_with_those_when_the_day_before_ended(music):
    moves = """{ trendingCharts(type: GLOBAL, timeRange: WEEK) {
      songs { song { id } previousPosition change peakPosition } asOf } }"""

    async def told():
        await make(music)
        chart = (await music.data(moves))["trendingCharts"]
        assert chart["asOf"] == music.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        songs = chart["songs"]
        return [(s["song"]["id"], s["previousPosition"], s["change"], s["peakPosition"]) for s in songs]

    await listen(music, {"s1": 3, "s2": 2})
    assert await told() == [("s1", None, None, 1), ("s2", None, None, 2)]
    await listen(music, {"s2": 2})
    assert await told() == [("s2", None, None, 1), ("s1", None, None, 1)]
    music.clock.turn(86_400)
    await listen(music, {"s1": 5, "b1": 6})
    for _ in range(2):
        assert await told() == [("s1", 2, 1, 1), ("b1", None, None, 2), ("s2", 1, -2, 1)]
        music.clock.turn(60)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("type: COUNTRY, timeRange: WEEK", {"code": "INVALID", "field": "country"}),
        ('type: COUNTRY, timeRange: WEEK, country: "Germany"', {"code": "INVALID", "field": "country"}),
        ('type: COUNTRY, timeRange: WEEK, country: ""', {"code": "INVALID", "field": "country"}),
        ('type: GLOBAL, timeRange: WEEK, country: "DE"', {"code": "INVALID", "field": "country"}),
        ('type: GLOBAL, timeRange: WEEK, genre: "rock"', {"code": "INVALID", "field": "genre"}),
        ("type: GENRE, timeRange: WEEK", {"code": "INVALID", "field": "genre"}),
        ('type: GENRE, timeRange: WEEK, genre: " "', {"code": "INVALID", "field": "genre"}),
        ('type: GENRE, timeRange: WEEK, genre: "polka"', {"code": "NOT_FOUND"}),
        ('type: GENRE, timeRange: WEEK, genre: "\\u0000"', {"code": "NOT_FOUND"}),
        ("type: GLOBAL, timeRange: YEAR", {"code": "INVALID", "field": "timeRange"}),
        ("type: GLOBAL, timeRange: WEEK, limit: 0", {"code": "INVALID", "field": "limit"}),
        ("type: GLOBAL, timeRange: WEEK, limit: 101", {"code": "INVALID", "field": "limit"}),
    ],
)
async def test_a_chart_that_cannot_be_is_refused(music, arguments, told):
    assert await music.errors(f"{{ trendingCharts({arguments}) {{ asOf }} }}") == [told]


async def test_monthly_listeners_are_different_people_in_28_days(music):
    for user, days in (("u", 0), ("u", 3), ("v", 27), ("w", 29)):
        await listen(music, {"b1": 1}, days=days, user=user)
    await listen(music, {"s1": 1}, user="x")
    await music.house.roll_ups.fold()
    assert await music.house.listeners.recount() == 3
    artists = await music.house.artists.get_many(SYSTEM, ["anna", "bert", "ghost"])
    assert {id: artist.monthly_listeners for id, artist in artists.items()} == {"anna": 1, "bert": 3, "ghost": 1}
    assert await music.house.listeners.recount() == 0
    music.clock.turn(86_400 * 2)
    assert await music.house.listeners.recount() == 1
    assert (await music.house.artists.get(SYSTEM, "bert")).monthly_listeners == 2


async def test_a_range_that_took_long_to_count_rests_for_longer(music, monkeypatch):
    making = music.house.chart_making
    await listen(music, {"s1": 1})
    await music.house.roll_ups.fold()

    async def slow(store, range, now):
        music.clock.turn(5 if range == "month" else 0)
        return await count(store, range, now)

    monkeypatch.setattr(chart_making, "count", slow)
    assert await making.make() == 16  # songs everywhere, in a genre and the one above it; artists; of four ranges
    monkeypatch.undo()
    music.clock.turn(60)
    assert await making.make() == 12
    music.clock.turn(60)
    assert await making.make() == 16


async def at_once(_seconds):
    return None


async def test_the_schedule_alone_brings_plays_into_the_charts_within_minutes(music):
    await listen(music, {"s1": 2})
    jobs = {job.name: job for job in schedule(music.house)}
    ours = {"fold plays": 60, "make charts": 120, "make trends": 300, "count listeners": 300, "prove roll-ups": 86_400}
    assert {name: jobs[name].seconds for name in ours} == ours
    assert jobs["prove play counts"].work == music.house.play_counts.recount
    proof = PlayCounts(music.store, pause=at_once)
    for _ in range(2):
        for name in ours:
            await jobs[name].work()
        await proof.recount()
        assert await places(music) == [(1, "s1", 2)]
    assert (await music.house.artists.get(SYSTEM, "anna")).monthly_listeners == 1
    assert (await music.house.songs.get(SYSTEM, "b1")).play_count == 0
