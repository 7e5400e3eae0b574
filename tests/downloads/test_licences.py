"""Who may have downloads, for how long, on how many devices; and what ends a licence before its time."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from services.viewer import SYSTEM
from tests.downloads.place import DOWNLOAD, SYNC, Place, open_place, write_song

DEVICES = "{ myDownloadDevices { deviceId name } }"
REMOVE = "mutation($d: ID!) { removeDownloadDevice(deviceId: $d) { devices { deviceId } } }"
REVOKE = "mutation($id: ID!) { revokeDownload(id: $id) { download { id state licence { reason } } } }"
MINE = "{ myDownloads { edges { node { id state licence { reason } } } totalCount } }"


def code_of(answer: Any) -> tuple[int, str]:
    return answer.code, json.loads(answer.body)["error"]["code"]


async def one(place: Place, title: str = "Short", who: str = "ann", **what: Any) -> tuple[Any, str]:
    """A download of one song, ready, and the song's path."""
    asked = await place.request(who, songs=[place.songs[title]], **what)
    await place.ready(asked["id"], who)
    return asked, f"/download/{asked['id']}/{place.songs[title]}"


async def test_the_free_tier_is_refused_and_nothing_is_kept(place: Place) -> None:
    refused = await place.request("lis", songs=[place.songs["Short"]])
    assert refused["code"] == "PAYMENT_REQUIRED"
    assert await place.request("mod", songs=[place.songs["Short"]]) == {"code": "PAYMENT_REQUIRED"}
    assert (await place.request(None, songs=[place.songs["Short"]]))["code"] == "UNAUTHENTICATED"  # type: ignore[arg-type]
    assert await place.store.downloads.count({}) == await place.store.download_devices.count({}) == 0


async def test_losing_the_tier_ends_licences_until_it_is_back(place: Place) -> None:
    asked, path = await one(place)
    await place.house.accounts.set_tier(SYSTEM, "ann", "free")
    assert code_of(await place.fetch(path, "ann")) == (402, "PAYMENT_REQUIRED")
    told = await place.ask(DOWNLOAD, "ann", id=asked["id"])
    assert (told["state"], told["licence"]["reason"], told["manifestUrl"]) == ("REVOKED", "TIER", None)
    assert code_of(await place.fetch(f"/download/{asked['id']}/manifest.json", "ann")) == (402, "PAYMENT_REQUIRED")
    assert (await place.ask(SYNC, "ann", id=asked["id"], known=0))["code"] == "PAYMENT_REQUIRED"
    await place.house.accounts.set_tier(SYSTEM, "ann", "student", days=1)
    # Back again, but only a sync gives a new term.
    assert code_of(await place.fetch(path, "ann")) == (403, "LICENCE_EXPIRED")
    assert (await place.ask(SYNC, "ann", id=asked["id"], known=0))["download"]["state"] == "READY"
    assert (await place.fetch(path, "ann")).code == 200
    place.clock.turn(days=2)
    await place.sign_in()
    assert code_of(await place.fetch(path, "ann")) == (402, "PAYMENT_REQUIRED")


async def test_a_licence_runs_out_and_a_sync_renews_it(place: Place) -> None:
    asked, path = await one(place)
    place.clock.turn(days=30, seconds=1)
    await place.sign_in()
    assert code_of(await place.fetch(path, "ann")) == (403, "LICENCE_EXPIRED")
    assert code_of(await place.fetch(f"/download/{asked['id']}/manifest.json", "ann")) == (403, "LICENCE_EXPIRED")
    told = await place.ask(SYNC, "ann", id=asked["id"], known=0)
    assert told["download"]["licence"]["expiresAt"] > asked["licence"]["expiresAt"]
    assert (await place.fetch(path, "ann")).code == 200


async def test_a_revoked_download_stays_over_and_may_be_asked_for_anew(place: Place) -> None:
    asked, path = await one(place)
    assert (await place.ask(REVOKE, "bob", id=asked["id"]))["code"] == "NOT_FOUND"
    ended = (await place.ask(REVOKE, "ann", id=asked["id"]))["download"]
    assert (ended["state"], ended["licence"]["reason"]) == ("REVOKED", "USER")
    assert code_of(await place.fetch(path, "ann")) == (410, "LICENCE_REVOKED")
    assert (await place.ask(SYNC, "ann", id=asked["id"], known=0))["code"] == "LICENCE_REVOKED"
    # Said twice, and by staff, it is over for the first reason.
    assert (await place.ask(REVOKE, "mod", id=asked["id"]))["download"]["licence"]["reason"] == "USER"
    again, path = await one(place)
    assert again["id"] != asked["id"]
    assert (await place.ask(REVOKE, "mod", id=again["id"]))["download"]["licence"]["reason"] == "STAFF"
    assert code_of(await place.fetch(path, "ann")) == (410, "LICENCE_REVOKED")
    listed = await place.ask(MINE, "ann")
    assert [edge["node"]["id"] for edge in listed["edges"]] == [again["id"], asked["id"]]
    assert (await place.ask(MINE, "bob"))["totalCount"] == 0


async def test_a_suspended_listener_gets_nothing_and_the_proof_ends_their_licences(place: Place) -> None:
    asked, path = await one(place)
    keeper, kept = await one(place, who="bob")
    await place.store.users.update({"_id": place.ids["ann"]}, {"$set": {"is_suspended": True}})
    place.clock.turn(seconds=6)
    assert (await place.fetch(path, "ann")).code == 401
    assert await place.house.download_licences.prove() == 1
    assert (await place.store.downloads.get(asked["id"])).revoke_reason == "suspended"
    assert await place.house.download_licences.prove() == 0
    assert (await place.fetch(kept, "bob")).code == 200
    place.clock.turn(days=200)
    await place.house.download_licences.prove()
    assert await place.store.downloads.count({}) == 0
    assert keeper["id"] != asked["id"]


async def test_the_sixth_device_is_refused_however_many_ask_at_once(place: Place) -> None:
    song = [place.songs["Short"]]
    answers = await asyncio.gather(*(place.request(device=f"d{number}", songs=song) for number in range(9)))
    assert [answer.get("code", "ok") for answer in answers].count("TOO_MANY_DEVICES") == 4
    kept = await place.ask(DEVICES, "ann")
    assert len(kept) == 5
    assert {each["deviceId"] for each in kept} == {answer["deviceId"] for answer in answers if "deviceId" in answer}
    # A device that is on the list may ask for more; another listener has five of their own.
    assert "id" in await place.request(device=kept[0]["deviceId"], songs=[place.songs["Third"]], name="Kitchen")
    assert (await place.ask(DEVICES, "ann"))[0]["name"] == "Kitchen"
    assert "id" in await place.request("bob", "other", songs=song)


async def test_a_removed_device_loses_its_licences_and_its_place(place: Place) -> None:
    asked, path = await one(place)
    assert (await place.ask(REMOVE, "bob", d="phone"))["code"] == "NOT_FOUND"
    assert await place.ask(REMOVE, "ann", d="phone") == {"devices": []}
    assert (await place.ask(REMOVE, "ann", d="phone"))["code"] == "NOT_FOUND"
    assert code_of(await place.fetch(path, "ann")) == (410, "LICENCE_REVOKED")
    assert (await place.ask(SYNC, "ann", id=asked["id"], known=0))["code"] == "LICENCE_REVOKED"
    again = await place.request(songs=[place.songs["Short"]])
    assert again["id"] != asked["id"]


async def test_a_hidden_song_is_refused_at_once_and_leaves_at_the_next_sync(place: Place) -> None:
    asked = await place.request(album=place.album, format="MP3", quality="LOW")
    await place.ready(asked["id"])
    known = (await place.ask(SYNC, "ann", id=asked["id"], known=0))["download"]["revision"]
    hidden = place.songs["Third"]
    hide = "mutation($id: ID!) { setHidden(kind: SONG, id: $id, hidden: true) { __typename } }"
    await place.ask(hide, "mod", id=hidden)
    assert (await place.store.songs.get(hidden)).is_hidden
    assert code_of(await place.fetch(f"/download/{asked['id']}/{hidden}", "ann")) == (410, "ITEM_REVOKED")
    told = await place.ask(SYNC, "ann", id=asked["id"], known=known)
    assert [gone["songId"] for gone in told["removed"]] == [hidden]
    assert hidden not in told["download"]["order"]
    assert code_of(await place.fetch(f"/download/{asked['id']}/{hidden}", "ann")) == (404, "NOT_FOUND")


async def test_a_playlist_that_is_gone_ends_its_downloads(place: Place) -> None:
    playlist = await place.playlist("Short", who="bob")
    asked = await place.request(playlist=playlist)
    await place.ready(asked["id"])
    await place.ask("mutation($id: ID!) { deletePlaylist(playlistId: $id) { success } }", "bob", id=playlist)
    assert (await place.ask(SYNC, "ann", id=asked["id"], known=0))["code"] == "SOURCE_GONE"
    assert (await place.ask(SYNC, "ann", id=asked["id"], known=0))["code"] == "LICENCE_REVOKED"
    assert (await place.ask(DOWNLOAD, "ann", id=asked["id"]))["licence"]["reason"] == "SOURCE"


@pytest.mark.parametrize("form", ["MP3", "ORIGINAL"])
async def test_a_changed_source_is_never_sent_in_place_of_what_was_promised(place: Place, form: str) -> None:
    asked, path = await one(place, format=form)
    before = await place.ask(DOWNLOAD, "ann", id=asked["id"])
    write_song(next(place.music.rglob("02 Short.wav")), 2.25, 777)
    place.clock.turn(seconds=2)
    assert code_of(await place.fetch(path, "ann")) == (409, "RENDITION_CHANGED")
    after = await place.ready(asked["id"])
    assert after["revision"] > before["revision"]
    assert after["items"][0]["etag"] != before["items"][0]["etag"]
    told = await place.ask(SYNC, "ann", id=asked["id"], known=before["revision"])
    assert [item["songId"] for item in told["changed"]] == [place.songs["Short"]]
    got = await place.fetch(path, "ann")
    assert (got.code, got.headers["ETag"]) == (200, after["items"][0]["etag"])
    manifest = await place.manifest(told["manifestUrl"])
    assert manifest["items"][0]["size"] == len(got.body)


async def test_a_file_that_is_gone_fails_alone_and_comes_back(place: Place) -> None:
    file = next(place.music.rglob("03 Third.wav"))
    kept = file.read_bytes()
    file.unlink()
    asked = await place.request(album=place.album, format="MP3", quality="LOW")
    done = await place.ready(asked["id"])
    assert (done["state"], done["readyCount"], done["failedCount"]) == ("READY", 3, 1)
    path = f"/download/{asked['id']}/{place.songs['Third']}"
    assert code_of(await place.fetch(path, "ann")) == (409, "SOURCE_MISSING")
    file.write_bytes(kept)
    await place.ask(SYNC, "ann", id=asked["id"], known=0)
    assert (await place.ready(asked["id"]))["readyCount"] == 4
    assert (await place.fetch(path, "ann")).code == 200


async def test_a_ticket_opens_its_download_and_nothing_else(place: Place) -> None:
    asked, path = await one(place)
    other, _ = await one(place, "Third")
    [item] = (await place.ask(DOWNLOAD, "ann", id=asked["id"]))["items"]
    ticket = item["url"].partition("ticket=")[2]
    assert (await place.fetch(item["url"])).code == 200
    assert (await place.fetch(f"/download/{asked['id']}/manifest.json?ticket={ticket}")).code == 200
    for elsewhere in (f"/download/{other['id']}/{place.songs['Third']}", f"/stream/{place.songs['Short']}"):
        assert code_of(await place.fetch(f"{elsewhere}?ticket={ticket}")) == (401, "TICKET_INVALID")
    streamed = await place.ask("query($id: ID!) { song(id: $id) { audioUrl } }", "ann", id=place.songs["Short"])
    stream_ticket = streamed["audioUrl"].partition("ticket=")[2]
    assert code_of(await place.fetch(f"{path}?ticket={stream_ticket}")) == (401, "TICKET_INVALID")
    # Somebody else's, one's own of nothing, and nobody: all the same or sign in.
    assert code_of(await place.fetch(path, "bob")) == (404, "NOT_FOUND")
    assert code_of(await place.fetch(f"/download/never-was/{place.songs['Short']}", "ann")) == (404, "NOT_FOUND")
    assert code_of(await place.fetch(f"/download/{asked['id']}/{place.songs['Third']}", "ann")) == (404, "NOT_FOUND")
    assert code_of(await place.fetch(path)) == (401, "UNAUTHENTICATED")
    assert await place.ask(DOWNLOAD, "bob", id=asked["id"]) is None
    assert (await place.ask(SYNC, "bob", id=asked["id"], known=0))["code"] == "NOT_FOUND"


async def test_words_at_their_edges(place: Place) -> None:
    song = [place.songs["Short"]]
    assert (await place.request(songs=[]))["field"] == "songIds"
    assert (await place.request(songs=["x"] * 1001))["field"] == "songIds"
    assert (await place.request())["code"] == "INVALID"
    assert (await place.request(songs=song, album=place.album))["code"] == "INVALID"
    assert (await place.request(songs=[*song, "never-was"]))["code"] == "NOT_FOUND"
    assert (await place.request(album="never-was"))["code"] == "NOT_FOUND"
    assert (await place.request(playlist="\0" * 3))["code"] == "NOT_FOUND"
    for bad in ("", "x" * 65, "a b", "é", "../x"):
        assert (await place.request(device=bad, songs=song))["field"] == "deviceId"
    assert (await place.request(songs=song, name="x" * 61))["field"] == "deviceName"
    assert await place.store.downloads.count({}) == await place.store.download_devices.count({}) == 0
    asked = await place.request(device="x" * 64, songs=song * 1000, name="x" * 60)
    assert asked["songCount"] == 1
    id = asked["id"]
    for known, first, after in ((-1, 1, None), (99, 1, None), (0, 0, None), (0, 101, None), (0, 1, "never")):
        told = await place.ask(SYNC, "ann", id=id, known=known, first=first, after=after)
        assert told["code"] == "INVALID", (known, first, after)
    for words in ("since=-1", "since=x", "first=0", "first=101", "since=99", "after=never", "since=" + "9" * 16):
        assert code_of(await place.fetch(f"/download/{id}/manifest.json?{words}", "ann")) == (400, "INVALID"), words
    for limit, offset in ((0, 0), (1001, 0), (1, -1), (1, 10_001)):
        text = f'{{ download(id: "{id}") {{ order(limit: {limit}, offset: {offset}) }} }}'
        assert (await place.ask(text, "ann"))["code"] == "INVALID"
    empty = await place.request(playlist=await place.playlist())
    assert (empty["state"], empty["songCount"], empty["progress"]) == ("READY", 0, 1.0)
    assert (await place.manifest(empty["manifestUrl"]))["order"] == []


async def test_limits_hold_for_songs_and_lists_and_requests(tmp_path: Path) -> None:
    settings = {"TIERS_PREMIUM_DOWNLOAD_SONGS": "3", "DOWNLOADS_LISTS": "2", "TIERS_PREMIUM_DOWNLOAD_DEVICES": "2"}
    async with open_place(tmp_path, **settings) as place:
        refused = await place.request(album=place.album)
        assert refused["code"] == "TOO_MANY_SONGS"
        assert await place.store.downloads.count({}) == await place.store.download_devices.count({}) == 0
        playlist = await place.playlist("Long", "Short")
        first = await place.request(playlist=playlist)
        # A list that grows is kept as far as there is room.
        await place.add(playlist, "Third", "Fourth")
        told = await place.ask(SYNC, "ann", id=first["id"], known=0)
        assert told["download"]["order"] == [place.songs[title] for title in ("Long", "Short", "Third")]
        assert (await place.request(songs=[place.songs["Fourth"]]))["code"] == "TOO_MANY_SONGS"
        assert "id" in await place.request(device="tablet", songs=[place.songs["Fourth"]])
        assert (await place.request(device="tablet", songs=[place.songs["Short"]]))["code"] == "TOO_MANY_DOWNLOADS"
        await place.ask(REVOKE, "ann", id=first["id"])
        assert "id" in await place.request(songs=[place.songs["Fourth"]])
        for _ in range(60):
            last = await place.request(songs=[place.songs["Fourth"]])
        assert (last["code"], last["retryAfter"] > 0) == ("TOO_MANY", True)
