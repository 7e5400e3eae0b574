"""Discover weekly: new every Monday, the same until then, nothing already played."""

import asyncio

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
    fresh = await rig.house.accounts.log_in(viewer, email="listener@example.com", password="SecurePass123!")
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


async def test_in_a_small_library_what_was_played_comes_last_and_hidden_songs_leave_the_list(music):
    viewer = await music.sign_up("listener")
    await plays(music, viewer.user_id, "b1")
    ids = [song["id"] for song in (await weekly(music, viewer))["songs"]]
    assert set(ids) == {"s1", "s2", "s3", "b1"} and ids[-1] == "b1"
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    assert [song["id"] for song in (await weekly(music, viewer))["songs"]] == [id for id in ids if id != "s1"]


async def test_an_empty_library_gives_an_empty_list(rig):
    viewer = await rig.sign_up("listener")
    assert (await weekly(rig, viewer))["songs"] == []
