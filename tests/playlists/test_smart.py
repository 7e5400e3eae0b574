"""Smart playlists: made, changed, tried out, kept fresh, and closed to edits."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from services.playlists.refreshing import Refreshing
from services.viewer import NOBODY, Role
from storage.records import Edge
from tests.playlists.stage import make, song_ids, stored

CREATE = """mutation ($rules: SmartRule!, $order: SmartOrder, $limit: Int) {
  createSmartPlaylist(name: "Mine", rules: $rules, orderBy: $order, limit: $limit) {
    playlist { id name isSmart orderBy songLimit matchCount refreshedAt songCount totalDuration canEdit rev
      rules { genre year { from to } all { liked not { mood } lastPlayed { withinDays } } }
      songs { id position song { id } addedBy { id } } } } }"""
UPDATE = """mutation ($id: ID!, $rules: SmartRule, $order: SmartOrder, $limit: Int) {
  updateSmartPlaylist(playlistId: $id, rules: $rules, orderBy: $order, limit: $limit) {
    playlist { rev matchCount songLimit orderBy songs { song { id } } } } }"""
SEE = "query ($id: ID!) { playlist(id: $id) { rev matchCount songCount refreshedAt songs { id song { id } } } }"
PREVIEW = """query ($rules: SmartRule!, $order: SmartOrder, $limit: Int) {
  previewSmartRules(rules: $rules, orderBy: $order, limit: $limit) { matchCount songs { id } } }"""
ALL = {"year": {"from": 0}}


async def smart(rig, viewer, rules, order="TITLE", limit=100):
    return (await rig.data(CREATE, viewer, rules=rules, order=order, limit=limit))["createSmartPlaylist"]["playlist"]


async def like(rig, viewer, song):
    await rig.store.liked_songs.insert(Edge(f"{viewer.user_id}:{song}", viewer.user_id, song, rig.clock.now()))


async def test_a_smart_playlist_is_filled_when_it_is_made(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, {"genre": "Rock"}, "POPULAR")
    assert [(row["position"], row["song"]["id"]) for row in made["songs"]] == [(0, "s3"), (1, "s1")]
    assert {row["addedBy"]["id"] for row in made["songs"]} == {ann.user_id}
    assert (made["isSmart"], made["orderBy"], made["songLimit"], made["matchCount"]) == (True, "POPULAR", 100, 2)
    assert (made["songCount"], made["totalDuration"], made["canEdit"], made["rev"]) == (2, 440, False, 0)
    assert made["rules"] == {"genre": "Rock", "year": None, "all": None}
    record = await stored(music, made["id"])
    assert (record.rules, record.refreshed_at) == ({"genre": "Rock"}, music.clock.now())


async def test_rules_are_told_as_they_were_given(music):
    ann = await music.sign_up("ann")
    tree = {"all": [{"liked": True}, {"not": {"mood": "calm"}}, {"lastPlayed": {"withinDays": 9}}]}
    told = (await smart(music, ann, tree))["rules"]
    blank = {"liked": None, "not": None, "lastPlayed": None}
    assert told["all"] == [
        {**blank, "liked": True},
        {**blank, "not": {"mood": "calm"}},
        {**blank, "lastPlayed": {"withinDays": 9}},
    ]
    told = (await smart(music, ann, {"year": {"from": 1990, "to": None}}))["rules"]
    assert told["year"] == {"from": 1990.0, "to": None}


async def test_the_limit_cuts_and_the_match_count_does_not(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL, "TITLE", 2)
    assert ([row["song"]["id"] for row in made["songs"]], made["matchCount"]) == (["b1", "s1"], 4)


async def test_looking_after_a_minute_fills_it_anew_and_entries_keep_their_ids(music):
    ann = await music.sign_up("ann")
    for song in ("s1", "s2"):
        await like(music, ann, song)
    made = await smart(music, ann, {"liked": True})
    before = {row["song"]["id"]: row["id"] for row in made["songs"]}
    await like(music, ann, "b1")
    seen = (await music.data(SEE, ann, id=made["id"]))["playlist"]
    assert (list(before), len(seen["songs"]), seen["rev"]) == (["s1", "s2"], 2, 0)
    music.clock.turn(61)
    seen = (await music.data(SEE, NOBODY, id=made["id"]))["playlist"]
    assert [row["song"]["id"] for row in seen["songs"]] == ["b1", "s1", "s2"]
    assert (seen["rev"], seen["matchCount"], seen["songCount"]) == (1, 3, 3)
    assert {row["song"]["id"]: row["id"] for row in seen["songs"][1:]} == before


async def test_a_refresh_that_finds_the_same_is_no_edit(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL, "TITLE", 2)
    record = await stored(music, made["id"])
    music.clock.turn(61)
    await music.song("z9", "anna", title="Zebra", year=2000)
    seen = (await music.data(SEE, ann, id=made["id"]))["playlist"]
    after = await stored(music, made["id"])
    assert (seen["rev"], seen["matchCount"], after.updated_at) == (0, 5, record.updated_at)
    assert after.entries == record.entries
    assert after.refreshed_at == music.clock.now()


async def test_many_who_look_at_once_fill_it_once(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL)
    music.clock.turn(61)
    await music.house.announcer.settled()
    music.engine.asked.clear()
    await asyncio.gather(*(music.house.smart_refreshing.refresh(made["id"]) for _ in range(20)))
    assert dict(music.engine.asked) == {"playlists": 3, "users": 1, "songs": 2}


async def test_giving_up_waiting_does_not_stop_the_others(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, {"liked": True})
    await like(music, ann, "b1")
    first, second = (asyncio.ensure_future(music.house.smart_refreshing.refresh(made["id"])) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert await song_ids(music, made["id"]) == ["b1"]


async def test_the_job_fills_what_nobody_looked_at_oldest_first(music):
    ann = await music.sign_up("ann")
    old = await smart(music, ann, {"liked": True})
    music.clock.turn(300)
    young = await smart(music, ann, {"liked": True})
    ordinary = await make(music, ann, "Mix", "s1")
    await like(music, ann, "b1")
    music.clock.turn(400)
    assert await music.house.smart_refreshing.refresh_stale() == 1
    assert [await song_ids(music, each) for each in (old["id"], young["id"])] == [["b1"], []]
    music.clock.turn(301)
    assert await music.house.smart_refreshing.refresh_stale() == 1
    assert await song_ids(music, young["id"]) == ["b1"]
    assert await song_ids(music, ordinary.id) == ["s1"]
    assert await music.house.smart_refreshing.refresh_stale() == 0


async def test_rules_that_change_while_songs_are_chosen_win(music, monkeypatch):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, {"albumId": "dawn"})
    house, selecting = music.house, music.house.smart_playlists._selecting
    choose, changed = selecting.select, False

    async def choose_late(*arguments):
        nonlocal changed
        chosen = await choose(*arguments)
        if not changed:
            changed = True
            await music.store.playlists.update({"_id": made["id"]}, {"$set": {"rules": {"albumId": "noon"}}})
        return chosen

    monkeypatch.setattr(type(selecting), "select", lambda self, *arguments: choose_late(*arguments))
    await house.smart_refreshing.refresh(made["id"])
    assert await song_ids(music, made["id"]) == ["b1"]
    assert (await stored(music, made["id"])).match_count == 1


async def test_rules_order_and_limit_change_together_or_one_by_one(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL)
    answer = (await music.data(UPDATE, ann, id=made["id"], order="POPULAR", limit=2))["updateSmartPlaylist"]["playlist"]
    assert [row["song"]["id"] for row in answer["songs"]] == ["s3", "b1"]
    assert (answer["orderBy"], answer["songLimit"], answer["matchCount"]) == ("POPULAR", 2, 4)
    answer = (await music.data(UPDATE, ann, id=made["id"], rules={"isExplicit": True}))["updateSmartPlaylist"][
        "playlist"
    ]
    assert ([row["song"]["id"] for row in answer["songs"]], answer["orderBy"]) == (["s2"], "POPULAR")


async def test_who_wants_no_explicit_songs_gets_none_and_other_viewers_see_what_they_may(music):
    ann = await music.sign_up("ann")
    await music.store.users.update({"_id": ann.user_id}, {"$set": {"preferences.explicit_content": False}})
    made = await smart(music, ann, {"albumId": "dawn"})
    music.clock.turn(61)
    seen = (await music.data(SEE, ann, id=made["id"]))["playlist"]
    assert ([row["song"]["id"] for row in seen["songs"]], seen["matchCount"]) == (["s1", "s3"], 2)
    bob = await music.sign_up("bob")
    mine = await smart(music, bob, {"albumId": "dawn"})
    for viewer, ids in ((bob, ["s1", "s2", "s3"]), (replace(ann, explicit_content=False), ["s1", "s3"])):
        shown = (await music.data(SEE, viewer, id=mine["id"]))["playlist"]
        assert ([row["song"]["id"] for row in shown["songs"]], shown["songCount"]) == (ids, 3)


async def test_nobody_edits_what_rules_choose(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL)
    for edit in (
        'addSongToPlaylist(playlistId: $id, songId: "b1")',
        'removeSongFromPlaylist(playlistId: $id, songId: "s1")',
        'reorderPlaylistSongs(playlistId: $id, songId: "s1", newPosition: 0)',
    ):
        refused = await music.errors(f"mutation ($id: ID!) {{ {edit} {{ playlist {{ id }} }} }}", ann, id=made["id"])
        assert refused == [{"code": "SMART_PLAYLIST"}]
    assert (await stored(music, made["id"])).rev == 0


async def test_only_its_owner_changes_the_rules(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    made, plain = await smart(music, ann, ALL), await make(music, ann, "Mix", "s1")
    closed = await smart(music, ann, ALL)
    await music.store.playlists.update({"_id": closed["id"]}, {"$set": {"is_public": False}})
    assert await music.errors(UPDATE, bob, id=made["id"], limit=1) == [{"code": "DENIED"}]
    assert await music.errors(UPDATE, bob, id=closed["id"], limit=1) == [{"code": "NOT_FOUND"}]
    assert await music.errors(UPDATE, ann, id="none", limit=1) == [{"code": "NOT_FOUND"}]
    assert await music.errors(UPDATE, ann, id=plain.id, limit=1) == [{"code": "NOT_SMART"}]
    assert await music.errors(UPDATE, NOBODY, id=made["id"], limit=1) == [{"code": "UNAUTHENTICATED"}]
    admin = await music.sign_up("root", Role.ADMIN)
    answer = await music.data(UPDATE, admin, id=made["id"], limit=1)
    assert answer["updateSmartPlaylist"]["playlist"]["songLimit"] == 1


async def test_trying_rules_out_uses_ones_own_facts_alone(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    await like(music, ann, "b1")
    await music.house.plays.record(ann, "s1")
    await music.house.roll_ups.fold()
    for rules, ids in (({"liked": True}, ["b1"]), ({"playCount": {"from": 1}}, ["s1"])):
        found = (await music.data(PREVIEW, ann, rules=rules))["previewSmartRules"]
        assert found == {"matchCount": 1, "songs": [{"id": id} for id in ids]}
        assert (await music.data(PREVIEW, bob, rules=rules))["previewSmartRules"] == {"matchCount": 0, "songs": []}
    assert await music.errors(PREVIEW, NOBODY, rules=ALL) == [{"code": "UNAUTHENTICATED"}]


async def test_a_private_session_leaves_the_rules_as_they_were(music):
    ann = await music.sign_up("ann")
    await music.store.users.update({"_id": ann.user_id}, {"$set": {"preferences.private_session": True}})
    await music.house.plays.record(ann, "s1")
    await music.house.roll_ups.fold()
    found = await music.data(PREVIEW, ann, rules={"lastPlayed": {"withinDays": 1}})
    assert found["previewSmartRules"]["matchCount"] == 0


@pytest.mark.parametrize(
    ("variables", "refused"),
    [
        ({"rules": ALL, "limit": 0}, {"code": "INVALID", "field": "limit"}),
        ({"rules": ALL, "limit": 101}, {"code": "INVALID", "field": "limit"}),
        ({"rules": {"year": {}}}, {"code": "INVALID", "field": "rules.year"}),
        ({"rules": {"year": {"from": 3, "to": 2}}}, {"code": "INVALID", "field": "rules.year"}),
        ({"rules": {"all": []}}, {"code": "INVALID", "field": "rules.all"}),
        ({"rules": {"mood": "a\ud800"}}, {"code": "INVALID", "field": "rules.mood"}),
        ({"rules": {"added": {"withinDays": 0}}}, {"code": "INVALID", "field": "rules.added"}),
    ],
)
async def test_rules_out_of_bounds_are_refused_by_their_place(music, variables, refused):
    ann = await music.sign_up("ann")
    [found] = await music.errors(PREVIEW, ann, **variables)
    assert found["code"] == refused["code"]
    if found.get("field") != "rules":  # A door may refuse half a surrogate pair before the rules are read.
        assert found == refused


@pytest.mark.parametrize("rules", [{}, {"liked": True, "mood": "calm"}, {"liked": None}, {"added": {}}, {"tempi": 3}])
async def test_a_rule_says_exactly_one_thing(music, rules):
    ann = await music.sign_up("ann")
    response = await music.ask(PREVIEW, ann, rules=rules)
    assert "data" not in response or response["data"] is None
    assert await music.store.playlists.count({}) == 0


async def test_bounds_of_a_new_one(music):
    ann = await music.sign_up("ann")
    for limit in (0, 1001):
        assert await music.errors(CREATE, ann, rules=ALL, limit=limit) == [{"code": "INVALID", "field": "limit"}]
    assert await music.store.playlists.count({}) == 0


async def test_whose_owner_has_gone_stays_as_it_is(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL)
    await music.store.users.delete({"_id": ann.user_id})
    music.clock.turn(1000)
    await music.house.smart_refreshing.refresh_stale()
    assert len(await song_ids(music, made["id"])) == 4
    assert await music.house.smart_refreshing.refresh_stale() == 0


async def test_stopping_in_the_middle_leaves_it_whole(music):
    ann = await music.sign_up("ann")
    made = await smart(music, ann, ALL)
    refreshing: Refreshing = music.house.smart_refreshing
    waiting = asyncio.ensure_future(refreshing.refresh(made["id"]))
    await asyncio.sleep(0)
    await refreshing.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(await song_ids(music, made["id"])) == 4
    await refreshing.refresh(made["id"])
