"""Every mutation, and the subscription, through the real services."""

import asyncio
import json
from datetime import timedelta

import pytest

from services.viewer import NOBODY
from tests.catalogue_rig import PASSWORD

REGISTER = """mutation ($e: String!, $u: String!, $p: String!) {
  register(email: $e, username: $u, password: $p, firstName: "Ann", lastName: "O") {
    user { id email username firstName lastName subscriptionType } token refreshToken } }"""
LOGIN = """mutation ($e: String!, $p: String!) {
  login(email: $e, password: $p) { user { id username subscriptionType } token refreshToken } }"""
REFRESH = "mutation ($t: String!) { refreshToken(refreshToken: $t) { token refreshToken user { username } } }"
PLAY = """mutation ($song: ID!, $play: ID, $at: DateTime) {
  playSong(songId: $song, source: PLAYLIST, sourceId: "playlist_123", playId: $play, startedAt: $at) {
    success song { id playCount album { playCount } } } }"""


async def test_somebody_registers_signs_in_renews_and_signs_out(client):
    made = (await client.ask(REGISTER, e="ann@example.com", u="ann", p=PASSWORD))["data"]["register"]
    assert {**made["user"], "id": "?"} == {
        "id": "?",
        "email": "ann@example.com",
        "username": "ann",
        "firstName": "Ann",
        "lastName": "O",
        "subscriptionType": "FREE",
    }
    signed_in = (await client.ask(LOGIN, e="ann@example.com", p=PASSWORD))["data"]["login"]
    assert signed_in["user"]["id"] == made["user"]["id"]
    fresh = (await client.ask(REFRESH, t=signed_in["refreshToken"]))["data"]["refreshToken"]
    assert fresh["user"] == {"username": "ann"}
    assert fresh["refreshToken"] != signed_in["refreshToken"]
    assert (await client.ask("{ me { username } }", fresh["token"]))["data"] == {"me": {"username": "ann"}}
    assert (await client.ask("mutation { logout { success } }", fresh["token"]))["data"] == {
        "logout": {"success": True}
    }
    gone = await client.post({"query": "{ me { id } }"}, fresh["token"])
    assert gone.code == 401
    assert json.loads(gone.body)["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"


async def test_a_token_that_is_no_good_any_more_does_not_keep_its_owner_from_a_new_one(client):
    made = (await client.ask(REGISTER, e="old@example.com", u="old", p=PASSWORD))["data"]["register"]
    fresh = await client.ask(REFRESH, token="nonsense", t=made["refreshToken"])
    assert fresh["data"]["refreshToken"]["user"] == {"username": "old"}
    again = await client.ask(LOGIN, token="nonsense", e="old@example.com", p=PASSWORD)
    assert again["data"]["login"]["user"]["id"] == made["user"]["id"]
    both = 'mutation { login(email: "a", password: "b") { token } logout { success } }'
    refused = await client.post({"query": both}, "nonsense")
    assert (refused.code, json.loads(refused.body)["errors"][0]["extensions"]["code"]) == (401, "TOKEN_INVALID")


@pytest.mark.parametrize(
    ("query", "variables", "extensions"),
    [
        (LOGIN, {"e": "known@example.com", "p": "wrong"}, {"code": "WRONG_CREDENTIALS"}),
        (LOGIN, {"e": "nobody@example.com", "p": "wrong"}, {"code": "WRONG_CREDENTIALS"}),
        (REGISTER, {"e": "known@example.com", "u": "other", "p": PASSWORD}, {"code": "CONFLICT"}),
        (REGISTER, {"e": "not an address", "u": "other", "p": PASSWORD}, {"code": "INVALID", "field": "email"}),
        (REGISTER, {"e": "o@example.com", "u": "", "p": PASSWORD}, {"code": "INVALID", "field": "username"}),
        (
            REGISTER,
            {"e": "o@example.com", "u": "other", "p": "short"},
            {"code": "PASSWORD_TOO_SHORT", "field": "password"},
        ),
    ],
)
async def test_a_refused_account_mutation_says_why_in_code_and_field(music, client, query, variables, extensions):
    await music.sign_in("known")
    answer = await client.ask(query, **variables)
    assert list(answer["data"].values()) == [None]
    assert [error["extensions"] for error in answer["errors"]] == [extensions]


async def test_a_refused_mutation_leaves_its_siblings_alone(music):
    viewer = await music.sign_up("listener")
    answer = await music.ask(
        """mutation { a: playSong(songId: "nowhere") { success } b: playSong(songId: "s1") { song { playCount } }
        c: playSong(songId: "s4") { success } }""",
        viewer,
    )
    assert answer["data"] == {"a": None, "b": {"song": {"playCount": 11}}, "c": None}
    told = [(error["path"], error["message"], error["extensions"]) for error in answer["errors"]]
    assert told == [
        (["a"], "There is no such song.", {"code": "NOT_FOUND"}),
        (["c"], "There is no such song.", {"code": "NOT_FOUND"}),
    ]


async def test_a_play_counts_once_however_often_it_is_reported(music):
    viewer = await music.sign_up("listener")
    told = []
    for play in ("p1", "p1", "p2"):
        told.append((await music.data(PLAY, viewer, song="s1", play=play))["playSong"])
        music.clock.turn(0.2)
    assert [each["song"]["playCount"] for each in told] == [11, 11, 12]
    assert [each["song"]["album"]["playCount"] for each in told] == [1, 1, 2]
    ledger = await music.store.plays.find({}, sort=[("_id", 1)])
    assert [play.id for play in ledger] == [f"{viewer.user_id}:p1", f"{viewer.user_id}:p2"]
    assert (ledger[0].song_id, ledger[0].album_id, ledger[0].artist_ids) == ("s1", "dawn", ["anna", "bert", "ghost"])
    assert (ledger[0].source, ledger[0].source_id, ledger[0].completed) == ("playlist", "playlist_123", False)


async def test_without_a_play_id_the_same_song_within_a_second_counts_once(music):
    viewer = await music.sign_up("listener")
    counts = []
    for pause in (0.2, 0.2, 1.0, 0.0):
        counts.append((await music.data(PLAY, viewer, song="s1"))["playSong"]["song"]["playCount"])
        music.clock.turn(pause)
    assert counts == [11, 11, 11, 12]


async def test_two_listeners_may_use_the_same_play_id(music):
    for number, name in enumerate(("one", "two")):
        viewer = await music.sign_up(name)
        assert (await music.data(PLAY, viewer, song="s1", play="p"))["playSong"]["song"]["playCount"] == 11 + number


async def test_a_private_session_records_and_tells_nothing(music):
    viewer = await music.sign_up("listener")
    await music.store.users.update({"_id": viewer.user_id}, {"$set": {"preferences.private_session": True}})
    assert (await music.data(PLAY, viewer, song="s1"))["playSong"]["success"] is True
    assert await music.store.plays.count({}) == 0
    assert (await music.house.songs.get(NOBODY, "s1")).play_count == 10
    assert await music.house.now_playing.current(viewer, viewer.user_id) is None


@pytest.mark.parametrize(
    ("argument", "field"),
    [
        ('playId: "has space"', "playId"),
        ('playId: ""', "playId"),
        (f'sourceId: "{"x" * 65}"', "sourceId"),
        ('startedAt: "2026-08-01T00:00:00Z"', "startedAt"),
        ('startedAt: "2026-01-01T00:00:00Z"', "startedAt"),
        ("msPlayed: -1", "msPlayed"),
        ("msPlayed: 90000000", "msPlayed"),
    ],
)
async def test_an_impossible_report_is_refused_and_changes_nothing(music, argument, field):
    viewer = await music.sign_up("listener")
    errors = await music.errors(f'mutation {{ playSong(songId: "s1", {argument}) {{ success }} }}', viewer)
    assert errors == [{"code": "INVALID", "field": field}]
    assert await music.store.plays.count({}) == 0


async def test_a_play_reported_late_is_recorded_when_it_was_but_is_not_the_present(music):
    viewer = await music.sign_up("listener")
    at = music.clock.now() - timedelta(hours=2)
    await music.data(PLAY, viewer, song="s1", at=at.isoformat())
    assert [play.started_at for play in await music.store.plays.find({})] == [at]
    assert await music.house.now_playing.current(viewer, viewer.user_id) is None


async def test_now_playing_is_pushed_as_it_changes_and_read_anew_each_time(music):
    viewer, friend = await music.sign_up("listener"), await music.sign_up("friend")
    await music.following(friend.user_id, viewer.user_id)
    query = """subscription ($u: ID!) { nowPlaying(userId: $u) {
      user { username email } song { title playCount artist { name } } timestamp } }"""
    stream = await music.listen(query, friend, u=viewer.user_id)
    for count in (11, 12):
        at = music.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        await music.data(PLAY, viewer, song="s1", play=f"p{count}")
        assert await anext(stream) == {
            "data": {
                "nowPlaying": {
                    "user": {"username": "listener", "email": None},
                    "song": {"title": "First", "playCount": count, "artist": {"name": "Anna"}},
                    "timestamp": at,
                }
            }
        }
        music.clock.turn(5)
    await music.store.songs.update({"_id": "s1"}, {"$set": {"is_hidden": True}})
    again = await music.listen(query, friend, u=viewer.user_id)
    assert (await anext(again))["data"]["nowPlaying"]["song"] is None
    await again.aclose()
    await stream.aclose()


async def test_a_subscription_that_is_refused_answers_at_once(music):
    friend = await music.sign_up("friend")
    query = 'subscription { nowPlaying(userId: "nobody") { timestamp } }'
    refused = await music.listen(query, friend)
    assert refused["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert (await music.listen(query, NOBODY))["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert (await music.listen("{ me { id } }", friend))["errors"][0]["extensions"] == {"code": "NOT_A_SUBSCRIPTION"}
    assert (await music.ask(query, friend))["errors"][0]["extensions"] == {"code": "SUBSCRIPTION_UNSUPPORTED"}


async def test_reports_at_once_lose_nothing_and_repeats_among_them_count_once(music):
    viewer = await music.sign_up("listener")
    plays = [f"p{number % 8}" for number in range(24)]
    await asyncio.gather(*(music.data(PLAY, viewer, song="s1", play=play) for play in plays))
    assert (await music.house.songs.get(NOBODY, "s1")).play_count == 18
    assert (await music.house.albums.get(NOBODY, "dawn")).play_count == 8
    assert await music.store.plays.count({}) == 8
