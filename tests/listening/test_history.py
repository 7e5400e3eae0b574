"""The listening history: a viewer's own, the newest first, removable and counted all the same."""

import base64
import json
from datetime import timedelta

import pytest

from tests.catalogue_rig import START

SPEC = """query {
  listeningHistory(limit: 100, timeRange: MONTH) {
    song {
      id
      title
      artist {
        name
      }
    }
    playedAt
    durationPlayed
    completed
  }
}"""
PAGE = """query ($n: Int, $after: String) { listeningHistoryConnection(first: $n, after: $after) {
  edges { node { id song { id } } cursor } pageInfo { hasNextPage endCursor } totalCount } }"""


async def played(music, viewer, *songs, **more):
    for number, song in enumerate(songs):
        await music.house.plays.record(viewer, song, play_id=f"{song}.{number}", **more)
        music.clock.turn(60)


async def test_the_specifications_document_answers(music):
    viewer, other = await music.sign_up("listener"), await music.sign_up("other")
    await music.house.plays.record(other, "b1")
    await music.house.plays.record(
        viewer, "s1", play_id="old", started_at=music.clock.now() - timedelta(days=29), ms_played=61_500, completed=True
    )
    await music.house.plays.record(viewer, "b1", play_id="new")
    at = music.clock.now()
    music.engine.asked.clear()
    assert (await music.data(SPEC, viewer))["listeningHistory"] == [
        {
            "song": {"id": "b1", "title": "Bees", "artist": {"name": "Bert"}},
            "playedAt": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "durationPlayed": None,
            "completed": False,
        },
        {
            "song": {"id": "s1", "title": "First", "artist": {"name": "Anna"}},
            "playedAt": (at - timedelta(days=29)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "durationPlayed": 62,
            "completed": True,
        },
    ]
    assert music.engine.asked == {"plays": 1, "songs": 1, "artists": 1}
    music.clock.turn(86400 * 1.5)
    assert len((await music.data(SPEC, viewer))["listeningHistory"]) == 1


async def test_a_hundred_rows_cost_what_one_costs(music):
    viewer = await music.sign_up("listener")
    for number in range(100):
        await music.house.plays.record(viewer, ("s1", "s2", "b1")[number % 3], play_id=str(number))
    for limit in (1, 100):
        music.engine.asked.clear()
        answer = await music.data(SPEC.replace("100", str(limit)), viewer)
        assert len(answer["listeningHistory"]) == limit
        assert music.engine.asked == {"plays": 1, "songs": 1, "artists": 1}


async def test_pages_stay_right_while_plays_are_added(music):
    viewer = await music.sign_up("listener")
    await played(music, viewer, "s1", "s2", "b1")
    first = (await music.data(PAGE, viewer, n=2))["listeningHistoryConnection"]
    assert ([each["node"]["song"]["id"] for each in first["edges"]], first["totalCount"]) == (["b1", "s2"], 3)
    await played(music, viewer, "s3")
    rest = (await music.data(PAGE, viewer, n=2, after=first["pageInfo"]["endCursor"]))["listeningHistoryConnection"]
    assert [each["node"]["song"]["id"] for each in rest["edges"]] == ["s1"]
    assert (rest["pageInfo"]["hasNextPage"], rest["totalCount"]) == (False, 4)


async def test_where_it_was_found_and_how_long_are_told(music):
    viewer = await music.sign_up("listener")
    query = """mutation { playSong(songId: "s1", source: PLAYLIST, sourceId: "playlist_123", msPlayed: 1499) {
      success } }"""
    await music.data(query, viewer)
    assert await music.data("{ listeningHistory { source sourceId durationPlayed durationPlayedMs } }", viewer) == {
        "listeningHistory": [
            {"source": "PLAYLIST", "sourceId": "playlist_123", "durationPlayed": 1, "durationPlayedMs": 1499}
        ]
    }


async def test_a_song_that_went_out_of_sight_leaves_its_row(music):
    viewer = await music.sign_up("listener")
    await played(music, viewer, "s1")
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    assert await music.data("{ listeningHistory { song { id } completed } }", viewer) == {
        "listeningHistory": [{"song": None, "completed": False}]
    }


REMOVE = "mutation ($id: ID!) { removeFromHistory(playId: $id) { success } }"
IDS = "{ listeningHistory { id } }"


async def test_a_removed_play_is_out_of_sight_and_stays_counted(music):
    viewer = await music.sign_up("listener")
    await played(music, viewer, "s1", "s2", "b1")
    shown = [each["id"] for each in (await music.data(IDS, viewer))["listeningHistory"]]
    await music.data(REMOVE, viewer, id=shown[0])
    await music.data(REMOVE, viewer, id=shown[0])
    await music.data(REMOVE, viewer, id="s2.1")
    assert [each["id"] for each in (await music.data(IDS, viewer))["listeningHistory"]] == [shown[2]]
    assert await music.store.plays.count({}) == 3
    assert await music.house.play_counts.recount(settle_s=0) == 5  # the furniture came with counts nobody played
    assert (await music.store.songs.get("s2")).play_count == 1
    clear = "mutation { clearListeningHistory { success removedCount } }"
    assert (await music.data(clear, viewer))["clearListeningHistory"] == {"success": True, "removedCount": 1}
    assert (await music.data(clear, viewer))["clearListeningHistory"] == {"success": True, "removedCount": 0}
    assert (await music.data(IDS, viewer))["listeningHistory"] == []
    again = 'mutation { playSong(songId: "s1", playId: "s1.0") { song { playCount } } }'
    assert (await music.data(again, viewer))["playSong"]["song"]["playCount"] == 1
    assert (await music.data(IDS, viewer))["listeningHistory"] == []


@pytest.mark.parametrize("id", ["", "nothing", "x" * 500, "\x00", "FOREIGN", "\u202ep"])
async def test_a_play_that_is_not_ones_own_is_not_found(music, id):
    viewer, other = await music.sign_up("listener"), await music.sign_up("other")
    await played(music, other, "s1")
    wanted = f"{other.user_id}:s1.0" if id == "FOREIGN" else id
    assert await music.errors(REMOVE, viewer, id=wanted) == [{"code": "NOT_FOUND"}]
    assert len((await music.data(IDS, other))["listeningHistory"]) == 1


@pytest.mark.parametrize(
    ("arguments", "field"), [("limit: 0", "limit"), ("limit: 101", "limit"), ("offset: -1", "offset")]
)
async def test_history_is_bounded(music, arguments, field):
    viewer = await music.sign_up("listener")
    errors = await music.errors(f"{{ listeningHistory({arguments}) {{ id }} }}", viewer)
    assert errors == [{"code": "INVALID", "field": field}]


async def test_each_range_looks_as_far_back_as_it_says(music):
    viewer = await music.sign_up("listener")
    for days in (0.5, 5, 25):
        at = START - timedelta(days=days)
        await music.house.plays.record(viewer, "s1", play_id=str(days), started_at=at)
    found = {}
    for name in ("DAY", "WEEK", "MONTH", "YEAR", "ALL_TIME"):
        answer = await music.data(f"{{ listeningHistory(timeRange: {name}) {{ id }} }}", viewer)
        found[name] = len(answer["listeningHistory"])
    assert found == {"DAY": 1, "WEEK": 2, "MONTH": 3, "YEAR": 3, "ALL_TIME": 3}


@pytest.mark.parametrize(
    "values",
    [
        [{"t": "2026-06-01T00:00:00"}, "x"],
        [{"t": "2026-06-01T00:00:00+00:00"}, 5],
        [5, "x"],
        [{"t": "0001-01-01T00:00:00+00:00"}, "x"],
        [{"t": "9999-12-31T23:59:59-10:00"}, "x"],
        ["x"],
    ],
)
async def test_a_cursor_that_somebody_wrote_themselves_is_refused_or_harmless(music, values):
    viewer = await music.sign_up("listener")
    await played(music, viewer, "s1")
    cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()
    answer = await music.ask(PAGE, viewer, n=2, after=cursor)
    if "errors" in answer:
        assert [error["extensions"] for error in answer["errors"]] == [{"code": "INVALID", "field": "after"}]
    else:
        assert answer["data"]["listeningHistoryConnection"]["totalCount"] == 1
