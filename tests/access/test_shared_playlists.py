"""Links to playlists: they point, and open nothing to anybody."""

from __future__ import annotations

import pytest

from services.playlists.collaborators import PlaylistRole
from services.playlists.making import PlaylistDraft
from tests.catalogue_rig import client, music, rig

__all__ = ["client", "music", "rig"]

MAKE = """mutation ($id: ID) { createShareLink(playlistId: $id) {
  shareLink { token thing { ... on Playlist { name } } } } }"""
OPEN = "query ($token: ID!) { sharedThing(token: $token) { ... on Playlist { name } } }"


@pytest.fixture
async def ann(music):
    return await music.sign_up("ann")


async def made(music, viewer, name, *songs, **more):
    playlist = await music.house.playlist_making.create(viewer, PlaylistDraft(name, **more))
    if songs:
        await music.house.playlist_editing.add_songs(viewer, playlist.id, songs)
    return playlist


async def linked(music, viewer, id):
    link = (await music.data(MAKE, viewer, id=id))["createShareLink"]["shareLink"]
    return link["token"]


async def test_a_shared_playlist_has_a_page_that_tells_of_it(music, client, ann):
    playlist = await made(music, ann, "Road songs", "s1", "s3")
    token = await linked(music, ann, playlist.id)
    page = (await client.fetch(f"/share/{token}")).body.decode()
    for tag in (
        '<meta property="og:type" content="music.playlist">',
        '<meta property="og:title" content="Road songs">',
        '<meta property="og:description" content="Playlist · ann · 2 songs · 7:20">',
        '<meta property="music:song_count" content="2">',
        f"/playlist/{playlist.slug}",
    ):
        assert tag in page
    assert (await client.post({"query": OPEN, "variables": {"token": token}})).body == (
        b'{"data":{"sharedThing":{"name":"Road songs"}}}'
    )


async def test_a_link_to_a_private_playlist_opens_it_to_nobody_else(music, client, ann):
    bob, carl = await music.sign_up("bob"), await music.sign_up("carl")
    playlist = await made(music, ann, "Secret", "s1", is_public=False)
    await music.house.playlist_collaborators.invite(ann, playlist.id, "bob", PlaylistRole.VIEWER)
    token = await linked(music, bob, playlist.id)
    absent = await client.fetch(f"/share/{'A' * 24}")
    page = await client.fetch(f"/share/{token}")
    assert (page.code, page.body) == (404, absent.body)
    assert [(await music.data(OPEN, viewer, token=token))["sharedThing"] for viewer in (ann, bob, carl)] == [
        {"name": "Secret"},
        {"name": "Secret"},
        None,
    ]
    assert await music.errors(MAKE, carl, id=playlist.id) == await music.errors(MAKE, carl, id="nowhere")
    await music.house.playlist_making.update(ann, playlist.id, {"is_public": True})
    assert (await client.fetch(f"/share/{token}")).code == 200
    await music.store.playlists.update({"_id": playlist.id}, {"$set": {"is_hidden": True}})
    assert (await client.fetch(f"/share/{token}")).code == 404
    await music.house.playlist_making.delete(ann, playlist.id)
    assert (await music.data(OPEN, bob, token=token))["sharedThing"] is None


async def test_what_a_closed_profile_is_called_is_no_secret_and_a_suspended_one_is(music, client, ann):
    playlist = await made(music, ann, "Mine")
    token = await linked(music, ann, playlist.id)
    await music.store.users.update({"_id": ann.user_id}, {"$set": {"is_suspended": True}})
    page = (await client.fetch(f"/share/{token}")).body.decode()
    assert '<meta property="og:description" content="Playlist">' in page
