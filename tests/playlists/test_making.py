"""Making, renaming and deleting: slugs, bounds, what null means, and what a crash leaves."""

from __future__ import annotations

import asyncio

import pytest

from services.errors import TooLarge
from services.playlists import making
from services.playlists.access import PlaylistRole
from services.playlists.making import PlaylistDraft
from services.playlists.words import Duplicates
from tests.playlists.stage import make, picture, stored

CREATE = """mutation ($name: String!, $description: String, $cover: String) {
  createPlaylist(name: $name, description: $description, coverImage: $cover) {
    playlist { id name slug description isPublic isCollaborative isEditorial duplicates coverImage(size: 300)
      songCount totalDuration followerCount rev isMine canEdit } } }"""
UPDATE = """mutation ($id: ID!, $name: String, $description: String, $public: Boolean, $cover: String,
    $duplicates: Duplicates, $together: Boolean) {
  updatePlaylist(playlistId: $id, name: $name, description: $description, isPublic: $public, coverImage: $cover,
    duplicates: $duplicates, isCollaborative: $together) {
    playlist { name slug description isPublic isCollaborative duplicates coverImage rev } } }"""
BY_SLUG = "query ($slug: String!) { playlist(slug: $slug) { name slug } }"


@pytest.fixture
async def ann(music):
    return await music.sign_up("ann")


async def test_a_new_playlist_is_public_empty_and_mine(music, ann):
    made = (await music.data(CREATE, ann, name="  Cafe\u0301 del Mar ", description="a\r\nb\tc"))["createPlaylist"]
    assert made["playlist"].pop("id")
    assert made["playlist"] == {
        "name": "Café del Mar",
        "slug": "cafe-del-mar",
        "description": "a\nb c",
        "isPublic": True,
        "isCollaborative": False,
        "isEditorial": False,
        "duplicates": "ALLOW",
        "coverImage": None,
        "songCount": 0,
        "totalDuration": 0,
        "followerCount": 0,
        "rev": 0,
        "isMine": True,
        "canEdit": True,
    }


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u3000 "}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x" * 1_000_000}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\ud800"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "ok", "description": "x" * 2001}, "description"),
        ({"name": "ok", "description": "a\x07b"}, "description"),
        ({"name": "ok", "description": "a\u2066b"}, "description"),
        ({"name": "ok", "cover": "base64_data"}, "coverImage"),
        ({"name": "ok", "cover": ""}, "coverImage"),
        ({"name": "ok", "cover": "AAAA"}, "coverImage"),
    ],
)
async def test_words_that_will_not_do_are_refused_by_field_and_leave_nothing(music, ann, words, field):
    assert await music.errors(CREATE, ann, **words) == [{"code": "INVALID", "field": field}]
    assert await music.store.playlists.count({}) == 0
    made = await make(music, ann)
    words = {**words} if field == "name" else {key: words[key] for key in words if key != "name"}
    assert await music.errors(UPDATE, ann, id=made.id, **words) == [{"code": "INVALID", "field": field}]
    assert await stored(music, made.id) == made


async def test_slugs_are_unique_and_old_ones_keep_resolving(music, ann):
    making_ = music.house.playlist_making
    made = [await making_.create(ann, PlaylistDraft("Road Trip")) for _ in range(3)]
    assert [each.slug for each in made] == ["road-trip", "road-trip-2", "road-trip-3"]
    assert (await making_.create(ann, PlaylistDraft("★"))).slug == "playlist"
    renamed = (await music.data(UPDATE, ann, id=made[0].id, name="Summer"))["updatePlaylist"]["playlist"]
    assert (renamed["name"], renamed["slug"]) == ("Summer", "summer")
    assert await music.data(BY_SLUG, slug="road-trip") == {"playlist": {"name": "Summer", "slug": "summer"}}
    assert (await making_.create(ann, PlaylistDraft("Road trip!"))).slug == "road-trip-4"
    # The same address for a name that is spelt otherwise, and the old one back for the old name.
    for name, slug in (("SUMMER", "summer"), ("Road Trip", "road-trip")):
        renamed = (await music.data(UPDATE, ann, id=made[0].id, name=name))["updatePlaylist"]["playlist"]
        assert (renamed["name"], renamed["slug"]) == (name, slug)
    assert (await stored(music, made[0].id)).old_slugs == ["summer"]
    assert await music.data(BY_SLUG, slug="summer") == {"playlist": {"name": "Road Trip", "slug": "road-trip"}}


async def test_playlists_made_at_once_under_one_name_all_get_their_own_slug(music, ann):
    made = await asyncio.gather(*(music.house.playlist_making.create(ann, PlaylistDraft("Same")) for _ in range(8)))
    assert sorted(each.slug for each in made) == sorted(["same", *(f"same-{n}" for n in range(2, 9))])


async def test_absent_leaves_as_it_is_and_null_clears_what_can_be_empty(music, ann):
    cover = picture()
    made = await make(music, ann, "Mix", "s1", description="words", duplicates=Duplicates.REFUSE, cover_image=cover)
    assert made.cover_id is not None
    same = (await music.data(UPDATE, ann, id=made.id))["updatePlaylist"]["playlist"]
    assert (same["description"], same["coverImage"], same["rev"]) == ("words", f"/covers/{made.cover_id}", 1)
    nulls = dict.fromkeys(("name", "public", "duplicates", "together"))
    same = (await music.data(UPDATE, ann, id=made.id, **nulls))["updatePlaylist"]["playlist"]
    assert (same["name"], same["isPublic"], same["duplicates"], same["rev"]) == ("Mix", True, "REFUSE", 1)
    cleared = (await music.data(UPDATE, ann, id=made.id, description=None, cover=None))["updatePlaylist"]["playlist"]
    assert (cleared["description"], cleared["coverImage"], cleared["rev"]) == ("", None, 2)
    everything = {"name": "New", "description": "d", "public": False, "duplicates": "ALLOW", "together": True}
    changed = (await music.data(UPDATE, ann, id=made.id, **everything, cover=cover))["updatePlaylist"]["playlist"]
    assert changed == {
        "name": "New",
        "slug": "new",
        "description": "d",
        "isPublic": False,
        "isCollaborative": True,
        "duplicates": "ALLOW",
        "coverImage": f"/covers/{made.cover_id}",
        "rev": 3,
    }
    assert [entry.song_id for entry in (await stored(music, made.id)).entries] == ["s1"]


async def test_a_picture_made_from_the_songs_stands_in_for_a_chosen_one(music, ann):
    made = await make(music, ann, mosaic_id="m0saic")
    query = f'{{ playlist(id: "{made.id}") {{ coverImage(size: 96) }} }}'
    assert (await music.data(query))["playlist"] == {"coverImage": "/covers/m0saic?size=96"}


async def test_somebody_owns_so_many_playlists_and_no_more(music, ann, monkeypatch):
    monkeypatch.setattr(making, "PLAYLISTS_LIMIT", 2)
    await make(music, ann)
    await make(music, ann)
    with pytest.raises(TooLarge) as refusal:
        await make(music, ann)
    assert refusal.value.reason == "TOO_MANY_PLAYLISTS"


async def test_a_deleted_playlist_takes_its_followers_and_links_along(music, ann):
    made, kept = await make(music, ann), await make(music, ann, "Kept")
    for each in (made, kept):
        await music.house.playlist_following.follow(ann, each.id)
        await music.house.playlist_collaborators.create_link(ann, each.id, PlaylistRole.VIEWER)
    await music.house.playlist_making.delete(ann, made.id)
    assert [edge.target_id for edge in await music.store.playlist_followers.find({})] == [kept.id]
    assert [invite.playlist_id for invite in await music.store.playlist_invites.find({})] == [kept.id]
    assert (await music.data(BY_SLUG, slug=made.slug))["playlist"] is None
    assert (await music.data("{ myPlaylists { name } followedPlaylists { name } }", ann)) == {
        "myPlaylists": [{"name": "Kept"}],
        "followedPlaylists": [{"name": "Kept"}],
    }


async def test_the_nightly_proof_puts_right_what_a_crash_left(music, ann):
    made = await make(music, ann, "Mix", "s1", "s3")
    gone = await make(music, ann, "Gone")
    bob = await music.sign_up("bob")
    for viewer in (ann, bob):
        await music.house.playlist_following.follow(viewer, made.id)
    await music.house.playlist_following.follow(bob, gone.id)
    await music.house.playlist_collaborators.create_link(ann, gone.id, PlaylistRole.VIEWER)
    expiring = await music.house.playlist_collaborators.create_link(ann, made.id, PlaylistRole.VIEWER, 1)
    recount = music.house.playlist_upkeep.recount
    assert await recount() == 0
    before = await stored(music, made.id)
    await music.store.playlists.delete({"_id": gone.id})
    await music.store.playlists.update({"_id": made.id}, {"$set": {"follower_count": 7, "total_duration_ms": 1}})
    await music.store.songs.update({"_id": "s1"}, {"$set": {"duration_ms": 210_000}})
    music.clock.turn(3601)
    # The edge and the link of the playlist that went, the link that ran out, the totals.
    assert await recount() == 4
    assert await recount() == 0
    assert await music.house.edge_counts.recount(settle_s=0) == 1
    assert await music.house.edge_counts.recount(settle_s=0) == 0
    after = await stored(music, made.id)
    assert (after.follower_count, after.total_duration_ms) == (2, before.total_duration_ms + 10_000)
    assert [entry.duration_ms for entry in after.entries] == [210_000, 240_400]
    assert await music.store.playlist_invites.get(expiring.invite.id) is None
    assert await music.store.playlist_followers.count({}) == 2
