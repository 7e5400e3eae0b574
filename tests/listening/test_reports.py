"""Offline batches, completion updates, and what counts as a play."""

from datetime import timedelta

import pytest

from services.events import PlayRecorded
from services.viewer import NOBODY
from tests.catalogue_rig import START

REPORT = """mutation ($plays: [PlayReport!]!) {
  reportPlays(plays: $plays) { recordedCount answers { playId outcome code message field } } }"""


def report(play="p1", song="s1", hours=2.0, **more):
    return {"playId": play, "songId": song, "startedAt": (START - timedelta(hours=hours)).isoformat(), **more}


async def outcomes(music, viewer, *reports):
    answers = (await music.data(REPORT, viewer, plays=list(reports)))["reportPlays"]["answers"]
    return [(each["playId"], each["outcome"], each["code"], each["field"]) for each in answers]


async def test_each_report_of_a_batch_is_answered_by_itself(music):
    viewer = await music.sign_up("listener")
    await music.house.plays.record(viewer, "s1", play_id="before")
    heard = []
    music.house.bus.hear(PlayRecorded, heard.append)
    assert await outcomes(
        music,
        viewer,
        report("a", msPlayed=200_000, completed=True, source="RADIO", sourceId="r1"),
        report("before"),
        report("b", song="s4"),
        report("c", song="nowhere"),
        report("a"),
        report("d", hours=31 * 24),
        report("e", hours=-1),
        report("f", msPlayed=-1),
        report("has space"),
        report("g", msPlayed=29_999),
        report("h", song="s2", hours=30 * 24 - 1),
        report("i", song="no id\x00"),
    ) == [
        ("a", "RECORDED", None, None),
        ("before", "REPEATED", None, None),
        ("b", "REFUSED", "NOT_FOUND", None),
        ("c", "REFUSED", "NOT_FOUND", None),
        ("a", "REPEATED", None, None),
        ("d", "REFUSED", "INVALID", "startedAt"),
        ("e", "REFUSED", "INVALID", "startedAt"),
        ("f", "REFUSED", "INVALID", "msPlayed"),
        ("has space", "REFUSED", "INVALID", "playId"),
        ("g", "REFUSED", "TOO_SHORT", "msPlayed"),
        ("h", "RECORDED", None, None),
        ("i", "REFUSED", "NOT_FOUND", None),
    ]
    assert [(each.song_id, each.play_id) for each in heard] == [
        ("s1", f"{viewer.user_id}:a"),
        ("s2", f"{viewer.user_id}:h"),
    ]
    kept = await music.store.plays.get(f"{viewer.user_id}:a")
    assert (kept.started_at, kept.recorded_at) == (START - timedelta(hours=2), music.clock.now())
    assert (kept.ms_played, kept.completed, kept.source, kept.source_id) == (200_000, True, "radio", "r1")
    songs = await music.house.songs.get_many(NOBODY, ["s1", "s2"])
    assert {id: song.play_count for id, song in songs.items()} == {"s1": 12, "s2": 21}
    assert (await music.house.albums.get(NOBODY, "dawn")).play_count == 3
    assert await music.store.plays.count({}) == 3
    assert await music.house.now_playing.current(viewer, viewer.user_id) is not None  # by `before`, not by the batch


async def test_a_batch_costs_the_same_however_long_it_is(music):
    viewer = await music.sign_up("listener")
    for number, reports in enumerate(([report("x")], [report(f"y{n}", song=f"s{n % 3 + 1}") for n in range(100)])):
        music.engine.asked.clear()
        answers = await outcomes(music, viewer, *reports)
        assert {each[1] for each in answers} == {"RECORDED"}, number
        assert music.engine.asked == {"songs": 2, "users": 1, "plays": 2, "albums": 1}
    music.engine.asked.clear()
    again = [report(f"y{n}", song=f"s{n % 3 + 1}", msPlayed=5, completed=True) for n in range(100)]
    assert {each[1] for each in await outcomes(music, viewer, *again)} == {"REPEATED"}
    assert music.engine.asked == {"songs": 1, "users": 1, "plays": 3}


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_is_1_to_100_reports(music, count):
    viewer = await music.sign_up("listener")
    errors = await music.errors(REPORT, viewer, plays=[report(f"p{n}") for n in range(count)])
    assert errors == [{"code": "INVALID", "field": "plays"}]
    assert await music.store.plays.count({}) == 0


async def test_a_private_session_keeps_no_batch(music):
    viewer = await music.sign_up("listener")
    await music.store.users.update({"_id": viewer.user_id}, {"$set": {"preferences.private_session": True}})
    heard = []
    music.house.bus.hear(PlayRecorded, heard.append)
    assert await outcomes(music, viewer, report("a"), report("b c")) == [
        ("a", "NOT_KEPT", None, None),
        ("b c", "REFUSED", "INVALID", "playId"),
    ]
    assert (await music.store.plays.count({}), heard) == (0, [])
    assert (await music.house.songs.get(NOBODY, "s1")).play_count == 10


async def test_a_later_report_may_raise_what_was_heard_but_nothing_else(music):
    viewer = await music.sign_up("listener")
    plays = music.house.plays
    told = []
    music.house.bus.hear(PlayRecorded, told.append)
    await plays.record(viewer, "s1", play_id="p", ms_played=1000)
    await plays.record(viewer, "s1", play_id="p", ms_played=90_000, completed=True)
    await plays.record(viewer, "s1", play_id="p", ms_played=500)
    await plays.record(viewer, "s2", play_id="p", ms_played=99_000)
    assert await outcomes(music, viewer, report("p", msPlayed=95_000)) == [("p", "REPEATED", None, None)]
    (kept,) = await music.store.plays.find({})
    assert (kept.song_id, kept.ms_played, kept.completed) == ("s1", 95_000, True)
    assert kept.started_at > START
    songs = await music.house.songs.get_many(NOBODY, ["s1", "s2"])
    assert {id: song.play_count for id, song in songs.items()} == {"s1": 11, "s2": 20}
    assert len(told) == 1


@pytest.mark.parametrize(
    ("ms_played", "duration_ms", "outcome"),
    [
        (29_999, 200_000, "REFUSED"),
        (30_000, 200_000, "RECORDED"),
        (9_999, 20_000, "REFUSED"),
        (10_000, 20_000, "RECORDED"),
        (0, 0, "REFUSED"),
        (None, 200_000, "RECORDED"),
    ],
)
async def test_a_skip_is_less_than_30_seconds_and_less_than_half(music, ms_played, duration_ms, outcome):
    viewer = await music.sign_up("listener")
    await music.song("short", "anna", duration_ms=duration_ms)
    assert [each[1] for each in await outcomes(music, viewer, report(song="short", msPlayed=ms_played))] == [outcome]
    assert await music.store.plays.count({}) == (outcome == "RECORDED")


@pytest.mark.parametrize(("said", "kept"), [("DE", "DE"), ("de", "DE"), (None, None), ("Germany", None)])
async def test_a_play_keeps_the_country_of_its_listener(music, said, kept):
    viewer = await music.sign_up("listener")
    await music.store.users.update({"_id": viewer.user_id}, {"$set": {"country": said}})
    await music.house.plays.record(viewer, "s1", play_id="a")
    await outcomes(music, viewer, report("b"))
    assert [play.country for play in await music.store.plays.find({})] == [kept, kept]
