"""Discover weekly: new every Monday where somebody is, the same until then, nothing already played."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.accounts.own_time import monday_of
from services.accounts.preferences import PreferencesEdit
from services.accounts.time_zones import begins, day_in, zone_named
from services.clock import SetClock
from services.discovery.shelf import Shelf
from services.discovery.weekly import WeeklyLists
from services.viewer import Viewer
from storage.collections.store import Store
from storage.records import WeeklyList
from tests.catalogue_rig import START
from tests.discovery.listeners import plays, two_camps

WEEKLY = """query { discoverWeekly { id songs { id title artist { name } album { coverImage } } refreshDate } }"""


async def weekly(rig, viewer):
    """The answer."""
    return (await rig.data(WEEKLY, viewer))["discoverWeekly"]


async def big_library(rig):
    """Two camps, and a third of songs that nobody played."""
    await two_camps(rig)
    await rig.artist("quiet")
    for number in range(60):
        await rig.song(f"quiet-{number}", "quiet")


async def test_the_list_holds_thirty_songs_that_were_never_played(rig):
    await big_library(rig)
    viewer = await rig.sign_up("listener")
    heard = {f"{genre}{a}-{n}" for genre in ("jazz", "metal") for a in range(4) for n in range(6)}
    await plays(rig, viewer.user_id, *sorted(heard))
    made = await weekly(rig, viewer)
    ids = [song["id"] for song in made["songs"]]
    assert len(set(ids)) == 30
    assert not heard & set(ids)
    # START is a Monday.
    assert (made["id"], made["refreshDate"]) == (f"{viewer.user_id}:2026-06-01", "2026-06-08T00:00:00.000Z")


async def test_the_list_stays_all_week_whatever_is_played_and_changes_on_monday(rig):
    await big_library(rig)
    viewer = await rig.sign_up("listener")
    first = await weekly(rig, viewer)
    await plays(rig, viewer.user_id, *[song["id"] for song in first["songs"][:10]])
    rig.clock.turn(6 * 86_400)
    fresh = await rig.house.accounts.signing_in.log_in(viewer, email="listener@example.com", password="SecurePass123!")
    again = await rig.house.accounts.viewer_for(fresh.token)
    assert await weekly(rig, again) == first
    rig.clock.turn(86_400)
    second = await weekly(rig, again)
    assert (second["id"], second["refreshDate"]) == (f"{viewer.user_id}:2026-06-08", "2026-06-15T00:00:00.000Z")
    assert not {song["id"] for song in first["songs"]} & {song["id"] for song in second["songs"]}
    assert await rig.store.weekly_lists.count({}) == 1


async def test_two_requests_at_once_are_given_the_same_list(rig):
    await big_library(rig)
    viewer = await rig.sign_up("listener")
    one, other = await asyncio.gather(weekly(rig, viewer), weekly(rig, viewer))
    assert one == other


async def test_in_a_small_library_the_list_is_short_and_what_was_played_is_not_in_it(music):
    viewer = await music.sign_up("listener")
    await plays(music, viewer.user_id, "b1")
    ids = [song["id"] for song in (await weekly(music, viewer))["songs"]]
    assert sorted(ids) == ["s1", "s2", "s3"]
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    assert [song["id"] for song in (await weekly(music, viewer))["songs"]] == [id for id in ids if id != "s1"]


async def test_an_empty_library_gives_an_empty_list(rig):
    viewer = await rig.sign_up("listener")
    assert (await weekly(rig, viewer))["songs"] == []


async def test_somebody_who_played_everything_gets_no_song_rather_than_a_known_one(music):
    viewer = await music.sign_up("listener")
    await plays(music, viewer.user_id, "b1", "s1", "s2", "s3")
    assert (await weekly(music, viewer))["songs"] == []


async def test_enough_is_read_for_somebody_who_played_all_that_is_popular(rig):
    await rig.artist("loud")
    for number in range(540):
        await rig.song(f"song-{number:03}", "loud", play_count=1_000 - number, created_at=START)
    viewer = await rig.sign_up("listener")
    await plays(rig, viewer.user_id, *[f"song-{number:03}" for number in range(505)])
    ids = [song["id"] for song in (await weekly(rig, viewer))["songs"]]
    assert len(set(ids)) == 30 and min(ids) >= "song-505"


# START is Monday, 12:00 UTC.
@pytest.mark.parametrize(
    ("zone", "week", "refresh"),
    [
        ("Pacific/Kiritimati", "2026-06-01", "2026-06-07T10:00:00.000Z"),
        ("Pacific/Niue", "2026-06-01", "2026-06-08T11:00:00.000Z"),
        ("America/New_York", "2026-06-01", "2026-06-08T04:00:00.000Z"),
        ("Asia/Kathmandu", "2026-06-01", "2026-06-07T18:15:00.000Z"),
    ],
)
async def test_the_week_begins_where_the_listener_is(music, zone, week, refresh):
    viewer = await music.sign_up("listener")
    await music.house.preferences.update(viewer, PreferencesEdit(time_zone=zone))
    made = await weekly(music, viewer)
    assert (made["id"], made["refreshDate"]) == (f"{viewer.user_id}:{week}", refresh)


async def test_whoever_flies_back_over_the_date_line_gets_no_second_list(music):
    viewer = await music.sign_up("listener")
    first = await weekly(music, viewer)
    # Two hours into Monday of the week there; still Sunday here.
    music.clock.turn(6 * 86_400)
    await music.house.preferences.update(viewer, PreferencesEdit(time_zone="Pacific/Kiritimati"))
    fresh = await weekly_of(music, viewer)
    assert fresh.id.endswith(":2026-06-08") != first["id"].endswith(":2026-06-08")
    await music.house.preferences.update(viewer, PreferencesEdit(time_zone="Pacific/Niue"))
    again = await weekly_of(music, viewer)
    assert (again.id, again.songs) == (fresh.id, fresh.songs)
    assert again.refresh_date == datetime(2026, 6, 15, 11, tzinfo=UTC)


async def weekly_of(rig, viewer):
    """The list without a document: the session may be over by then."""
    return await rig.house.weekly_lists.this_week(viewer)


def test_a_day_begins_when_clocks_that_go_forward_at_midnight_have_done_so():
    # In Santiago 2026-09-06 has no first hour; Lord Howe goes forward by half an hour at two.
    assert begins(zone_named("America/Santiago"), date(2026, 9, 6)) == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert begins(zone_named("Australia/Lord_Howe"), date(2026, 10, 5)) == datetime(2026, 10, 4, 13, tzinfo=UTC)
    assert begins(zone_named("Nowhere/Any_More"), date(2026, 9, 6)) == datetime(2026, 9, 6, tzinfo=UTC)


ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Niue", "America/Santiago", "Europe/Berlin", "Africa/Cairo",
         "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"]  # fmt: skip


class Travelling:
    """Stands for somebody's zone, the kept lists and what is recommended: only the weeks are tried."""

    def __init__(self, clock):
        self.clock, self.zone, self.kept, self.made = clock, "UTC", None, []
        self.weekly_lists = self

    async def today(self, _):
        zone = zone_named(self.zone)
        return day_in(zone, self.clock.now()), zone

    async def get(self, _):
        return self.kept

    async def get_many(self, *_):
        return {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, 500 * 24),
    steps=st.lists(st.tuples(st.integers(0, 9 * 24), st.sampled_from(ZONES)), min_size=1, max_size=25),
)
def test_nobody_gets_two_lists_of_one_week_wherever_they_go(io_loop, start, steps):
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=start))
    world = Travelling(clock)
    lists = WeeklyLists(world, clock, world, None, None, Shelf(Store(None)), world)

    async def make(_viewer, user_id, week, last):
        world.made.append(week)
        world.kept = WeeklyList(user_id, week, [], clock.now())
        return world.kept

    lists._make = make

    async def travel():
        for hours, zone in steps:
            clock.turn(hours * 3600)
            world.zone = zone
            shown = await lists.this_week(Viewer("u"))
            here, _ = await world.today("u")
            week = date.fromisoformat(shown.id.partition(":")[2])
            assert monday_of(here) <= week <= monday_of(here) + timedelta(days=7)
            assert clock.now() < shown.refresh_date
            clock.turn((shown.refresh_date - clock.now()).total_seconds() - 1)
            assert (await lists.this_week(Viewer("u"))).id == shown.id
            if hours % 2:
                clock.turn(1)
                assert (await lists.this_week(Viewer("u"))).id != shown.id

    io_loop.run_sync(travel)
    assert world.made == sorted(set(world.made))
