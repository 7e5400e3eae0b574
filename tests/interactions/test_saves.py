"""Saved albums."""

import pytest

from services.errors import NotFound
from services.viewer import Viewer

SAVE = "mutation ($id: ID!) { saveAlbum(albumId: $id) { success album { id saveCount isSaved } } }"
UNSAVE = "mutation ($id: ID!) { unsaveAlbum(albumId: $id) { success album { saveCount isSaved } } }"
SAVED = "{ savedAlbums { edges { node { id } createdAt } totalCount pageInfo { hasNextPage } } }"
ME = Viewer(user_id="u")


async def test_an_album_is_saved_and_unsaved_once_however_often_it_is_said(music, client):
    token = (await music.sign_in("listener")).token
    for _ in range(2):
        saved = (await client.ask(SAVE, token, id="dawn"))["data"]["saveAlbum"]
        assert saved == {"success": True, "album": {"id": "dawn", "saveCount": 1, "isSaved": True}}
    for _ in range(2):
        unsaved = (await client.ask(UNSAVE, token, id="dawn"))["data"]["unsaveAlbum"]
        assert unsaved == {"success": True, "album": {"saveCount": 0, "isSaved": False}}


async def test_saved_albums_come_latest_first_without_those_that_are_hidden(music):
    for id in ("dawn", "noon", "dusk"):
        await music.data(SAVE, ME, id=id)
        music.clock.turn(1)
    await music.store.albums.update({"_id": "noon"}, {"$set": {"is_hidden": True}})
    music.engine.asked.clear()
    page = (await music.data(SAVED, ME))["savedAlbums"]
    assert [edge["node"]["id"] for edge in page["edges"]] == ["dusk", "dawn"]
    assert page["totalCount"] == 3
    assert music.engine.asked == {"saved_albums": 2, "albums": 1}
    assert (await music.data(UNSAVE, ME, id="noon"))["unsaveAlbum"] == {"success": True, "album": None}
    assert (await music.store.albums.get("noon")).save_count == 0


@pytest.mark.parametrize("id", ["lost", "nowhere", "", "\x00", "\ud800", "s1"])
async def test_an_album_that_is_absent_hidden_or_malformed_cannot_be_saved(music, id):
    with pytest.raises(NotFound, match="There is no such album"):
        await music.house.saves.save(ME, id)
    assert await music.store.saved_albums.count({}) == 0


async def test_whether_albums_are_saved_costs_one_command(music):
    await music.data(SAVE, ME, id="dusk")
    music.engine.asked.clear()
    albums = (await music.data("{ albums(orderBy: TITLE) { edges { node { id isSaved } } } }", ME))["albums"]
    assert {edge["node"]["id"]: edge["node"]["isSaved"] for edge in albums["edges"]} == {
        "dawn": False,
        "dusk": True,
        "future": False,
        "noon": False,
    }
    assert music.engine.asked == {"albums": 1, "saved_albums": 1}
