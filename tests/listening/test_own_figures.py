"""What somebody listened to over some days: theirs alone, in their zone, read from the ledger as it is now."""

from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.listening.own_figures import longest_streak

FIGURES = """query($from: Date, $to: Date, $zone: String) { myListening(from: $from, to: $to, timeZone: $zone) {
  from to plays minutes songs artists streakDays isCut
  days { day plays minutes } hours { hour plays minutes } genres { genre { name } plays } } }"""


async def listen(music, viewer, song, at, **heard):
    await music.house.plays.record(viewer, song, play_id=f"{song}.{at.timestamp()}", started_at=at, **heard)


async def figures(music, viewer, **words):
    return (await music.data(FIGURES, viewer, **words))["myListening"]


async def test_days_and_hours_are_those_of_the_listeners_zone(music):
    viewer, other = await music.sign_up("listener"), await music.sign_up("other")
    midnight = music.clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    late = midnight - timedelta(hours=1)
    await listen(music, viewer, "s1", late, ms_played=90_000)
    await listen(music, viewer, "s1", late - timedelta(days=1), ms_played=30_000)
    await listen(music, viewer, "b1", late - timedelta(days=5), ms_played=60_000)
    await listen(music, other, "s3", late, ms_played=60_000)
    music.engine.asked.clear()
    told = await figures(music, viewer, zone="Asia/Kathmandu")
    assert music.engine.asked == {"plays": 1, "songs": 1, "genres": 1}
    # 23:00 in UTC is 04:45 of the next day there.
    today = midnight.date()
    assert [(day["day"], day["plays"], day["minutes"]) for day in told["days"] if day["plays"]] == [
        ((today - timedelta(days=5)).isoformat(), 1, 1.0),
        ((today - timedelta(days=1)).isoformat(), 1, 0.5),
        (today.isoformat(), 1, 1.5),
    ]
    assert [(hour["hour"], hour["plays"]) for hour in told["hours"] if hour["plays"]] == [(4, 3)]
    assert (told["plays"], told["minutes"], told["songs"], told["streakDays"], told["isCut"]) == (3, 3.0, 2, 2, False)
    assert (len(told["days"]), len(told["hours"])) == (28, 24)
    assert (await figures(music, other))["plays"] == 1


async def test_what_is_taken_out_of_the_history_is_not_in_the_figures(music):
    viewer = await music.sign_up("listener")
    await listen(music, viewer, "s1", music.clock.now() - timedelta(hours=1), ms_played=60_000)
    assert (await figures(music, viewer))["plays"] == 1
    await music.house.history.clear(viewer)
    told = await figures(music, viewer)
    assert (told["plays"], told["minutes"], told["genres"], told["streakDays"]) == (0, 0.0, [], 0)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"from": "2026-02-02", "to": "2026-02-01"}, "from"),
        ({"to": "2999-01-01"}, "to"),
        ({"from": "1999-12-31", "to": "2000-01-02"}, "from"),
        ({"from": "2020-01-01"}, "from"),
        ({"zone": "Mars/Olympus"}, "timeZone"),
    ],
)
async def test_a_range_that_is_none_is_refused_with_the_field(music, words, field):
    viewer = await music.sign_up("listener")
    [error] = await music.errors(FIGURES, viewer, **words)
    assert (error["code"], error["field"]) == ("INVALID", field)


@given(st.sets(st.integers(0, 60), max_size=40))
def test_a_streak_is_the_longest_run_of_days(numbers):
    begin = date(2026, 1, 1)
    longest = max((len(run) for run in "".join("x" if n in numbers else " " for n in range(62)).split()), default=0)
    assert longest_streak(begin + timedelta(days=number) for number in numbers) == longest
