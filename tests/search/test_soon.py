"""What people change is found, and what they hide is not, through the real door, in suggestions too."""

from services.viewer import Role
from tests.search.test_indexing import until

FIND = """query ($q: String!) {
  searchSongs(query: $q) { edges { node { id } } } autocomplete(query: $q) { suggestions }
  search(query: $q, types: [PLAYLIST]) { playlists { id } } }"""
RETITLE = 'mutation { updateSong(songId: "b1", title: "Zeppelin") { song { id } } }'
HIDE = 'mutation { setHidden(kind: SONG, id: "b1", hidden: true) { __typename } }'
CREATE = 'mutation { createPlaylist(name: "Zebra Crossing") { playlist { id } } }'
MAKE_PRIVATE = "mutation ($id: ID!) { updatePlaylist(playlistId: $id, isPublic: false) { playlist { id } } }"


async def shown(client, query):
    """Songs, playlists and suggestions that nobody in particular is shown; None while the index is being made."""
    answer = await client.ask(FIND, q=query)
    if "errors" in answer:
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"SEARCH_AWAY"}, answer
        return None
    data = answer["data"]
    return (
        [edge["node"]["id"] for edge in data["searchSongs"]["edges"]],
        [playlist["id"] for playlist in data["search"]["playlists"]],
        data["autocomplete"]["suggestions"],
    )


async def becomes(client, query, expected):
    """Wait until that is what is shown."""

    async def there():
        return await shown(client, query) == expected

    await until(there)


async def test_a_new_title_a_hidden_song_and_a_private_playlist_show_in_every_list_at_once(music, client):
    token = (await music.sign_in("ada", Role.ADMIN)).token
    await music.house.indexing.start()
    await becomes(client, "bees", (["b1"], [], ["Bees"]))
    await done(client, RETITLE, token)
    await becomes(client, "zeppelin", (["b1"], [], ["Zeppelin"]))
    assert await shown(client, "bees") == ([], [], [])
    await done(client, HIDE, token)
    await becomes(client, "zeppelin", ([], [], []))
    made = (await done(client, CREATE, token))["createPlaylist"]["playlist"]["id"]
    await becomes(client, "zebra", ([], [made], ["Zebra Crossing"]))
    await done(client, MAKE_PRIVATE, token, id=made)
    await becomes(client, "zebra", ([], [], []))


async def done(client, document, token, **variables):
    """What a change gives."""
    answer = await client.ask(document, token, **variables)
    assert "errors" not in answer, answer
    return answer["data"]
