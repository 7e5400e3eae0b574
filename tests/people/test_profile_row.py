"""What somebody shows of themselves, through the real door: page, picture, bio, followers, playlists, to whom."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

SEEN = """query { user(username: "ann") { username bio profileImage profileVisibility followerCount isFollowed
  followers { edges { node { username } } } followedUsers { edges { node { username } } }
  followedArtists { name } publicPlaylists { name } } }"""
SHOW = "mutation ($to: ProfileVisibility) { updateProfile(profileVisibility: $to) { user { profileVisibility } } }"
MAKE = "mutation ($name: String!, $open: Boolean!) { createPlaylist(name: $name, isPublic: $open) { playlist { id } } }"
OPEN = {
    "bio": "I listen.",
    "followers": {"edges": [{"node": {"username": "fan"}}]},
    "followedUsers": {"edges": [{"node": {"username": "fan"}}]},
    "followedArtists": [{"name": "Anna"}],
    "publicPlaylists": [{"name": "Two"}, {"name": "One"}],
}
CLOSED = {
    "bio": "", "followers": {"edges": []}, "followedUsers": {"edges": []}, "followedArtists": [], "publicPlaylists": [],
}  # fmt: skip


@pytest.fixture
async def people(music, client):
    """Ann with a picture, a bio, two public playlists and a private one; a fan who follows her and a stranger."""
    signed = {name: await music.sign_in(name) for name in ("ann", "fan", "eve")}
    tokens = {name: each.token for name, each in signed.items()} | {"nobody": None}
    ids = {name: each.user.id for name, each in signed.items()}
    held = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(held, "PNG")
    picture = base64.b64encode(held.getvalue()).decode()
    text = 'mutation ($it: String!) { updateProfile(bio: "I listen.", profileImage: $it) { user { profileImage } } }'
    assert "errors" not in await client.ask(text, tokens["ann"], it=picture)
    for name, is_open in (("One", True), ("Hidden", False), ("Two", True)):
        assert "errors" not in await client.ask(MAKE, tokens["ann"], name=name, open=is_open)
        music.clock.turn(1)
    follow = "mutation ($id: ID!) { followUser(userId: $id) { success } }"
    for who, whom in (("fan", "ann"), ("ann", "fan")):
        assert "errors" not in await client.ask(follow, tokens[who], id=ids[whom])
    assert "errors" not in await client.ask('mutation { followArtist(artistId: "anna") { success } }', tokens["ann"])
    return tokens, ids


async def test_what_is_open_to_everyone_to_followers_and_to_oneself(client, people):
    tokens, _ = people
    for to, open_to in (
        ("EVERYONE", {"ann", "fan", "eve", "nobody"}),
        ("FOLLOWERS", {"ann", "fan"}),
        ("ONLY_ME", {"ann"}),
    ):
        await client.ask(SHOW, tokens["ann"], to=to)
        for name, token in tokens.items():
            seen = (await client.ask(SEEN, token))["data"]["user"]
            shown = OPEN if name in open_to else CLOSED
            assert {key: seen[key] for key in shown} == shown, (to, name)
            # What is never closed: the name, the picture, how many follow, and how it is closed.
            assert (seen["username"], seen["profileVisibility"], seen["followerCount"]) == ("ann", to, 1)
            assert seen["profileImage"].startswith("/covers/") and seen["isFollowed"] is (name == "fan")
            assert (await client.fetch(seen["profileImage"])).code == 200


async def test_public_playlists_come_in_pages(client, people):
    tokens, _ = people
    page = 'query ($at: Int) { user(username: "ann") { publicPlaylists(limit: 1, offset: $at) { name } } }'
    pages = [(await client.ask(page, tokens["eve"], at=at))["data"]["user"]["publicPlaylists"] for at in (0, 1, 2)]
    assert pages == [[{"name": "Two"}], [{"name": "One"}], []]
    for name, token in tokens.items():
        found = (await client.ask('{ user(username: "ann") { publicPlaylists { name } } }', token))["data"]["user"]
        assert found["publicPlaylists"] == OPEN["publicPlaylists"], name
    wrong = await client.ask('{ user(username: "ann") { publicPlaylists(limit: 0) { name } } }')
    assert wrong["errors"][0]["extensions"]["code"] == "INVALID"


async def test_a_block_takes_the_profile_away_and_a_mute_does_not(client, people):
    tokens, ids = people
    await client.ask("mutation ($id: ID!) { muteUser(userId: $id) { success } }", tokens["eve"], id=ids["ann"])
    assert (await client.ask(SEEN, tokens["eve"]))["data"]["user"]["bio"] == "I listen."
    await client.ask("mutation ($id: ID!) { blockUser(userId: $id) { success } }", tokens["ann"], id=ids["fan"])
    assert (await client.ask(SEEN, tokens["fan"]))["data"]["user"] is None
    seen = (await client.ask(SEEN, tokens["eve"]))["data"]["user"]
    assert (seen["followerCount"], seen["followers"], seen["followedUsers"]) == (0, {"edges": []}, {"edges": []})
