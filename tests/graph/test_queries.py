"""Every query, through a real server over the real embedded engine."""

import pytest

ARTIST = """query ($id: ID!) { artist(id: $id) {
  id name sortName slug bio profileImage coverImage verified monthlyListeners country albumCount songCount createdAt
  genres { id name } albums { id title releaseDate coverImage }
  topSongs(limit: 10) { id title playCount duration } members { name role image }
  socialLinks { website spotify instagram twitter } } }"""
ALBUM = """{ album(id: "dawn") {
  id title artist { id name } albumType releaseDate coverImage(size: 300) totalDuration totalDurationMs totalTracks
  genres { name } playCount isExplicit label upc credits { name }
  songs { id title trackNumber discNumber duration isExplicit } } }"""
SONG = """{ song(id: "s1") {
  id title artist { id name } album { id title coverImage } featuredArtists { id name } duration durationMs audioUrl
  lyrics syncedLyrics { atMs text } isExplicit genre { name parent { name } } genres { slug } playCount likeCount year
  credits { name role join artist { id } } audioFeatures { tempo key energy danceability valence } } }"""


async def test_an_artist_is_answered_as_the_specification_asks(client):
    assert await client.ask(ARTIST, id="anna") == {
        "data": {
            "artist": {
                "id": "anna",
                "name": "Anna",
                "sortName": "Anna",
                "slug": "slug-anna",
                "bio": "Sings.",
                "profileImage": None,
                "coverImage": None,
                "verified": False,
                "monthlyListeners": 5,
                "country": "DE",
                "albumCount": 0,
                "songCount": 0,
                "createdAt": "2026-06-01T12:00:03.000Z",
                "genres": [{"id": "indie", "name": "indie"}],
                "albums": [
                    {"id": "dusk", "title": "Dusk", "releaseDate": "2026", "coverImage": None},
                    {"id": "dawn", "title": "Dawn", "releaseDate": "2024-05-03", "coverImage": "/covers/c0ffee"},
                ],
                "topSongs": [
                    {"id": "s3", "title": "Third", "playCount": 30, "duration": 240},
                    {"id": "s2", "title": "Second", "playCount": 20, "duration": 200},
                    {"id": "s1", "title": "First", "playCount": 10, "duration": 200},
                ],
                "members": [],
                "socialLinks": {
                    "website": "https://anna.example",
                    "spotify": "https://s.example/anna",
                    "instagram": None,
                    "twitter": None,
                },
            }
        }
    }


def row(id, title, disc, track, duration, explicit):
    """A song as the album query shows it."""
    place = {"trackNumber": track, "discNumber": disc}
    return {"id": id, "title": title, **place, "duration": duration, "isExplicit": explicit}


async def test_an_album_is_answered_as_the_specification_asks(client):
    assert await client.ask(ALBUM) == {
        "data": {
            "album": {
                "id": "dawn",
                "title": "Dawn",
                "artist": {"id": "anna", "name": "Anna"},
                "albumType": "ALBUM",
                "releaseDate": "2024-05-03",
                "coverImage": "/covers/c0ffee?size=300",
                "totalDuration": 801,
                "totalDurationMs": 800600,
                "totalTracks": 4,
                "genres": [{"name": "indie"}],
                "playCount": 0,
                "isExplicit": False,
                "label": None,
                "upc": None,
                "credits": [],
                "songs": [
                    row("s1", "First", 1, 1, 200, False),
                    row("s2", "Second", 1, 2, 200, True),
                    row("s3", "Third", 2, 1, 240, False),
                ],
            }
        }
    }


async def test_a_song_is_answered_as_the_specification_asks(client):
    assert (await client.ask(SONG))["data"]["song"] == {
        "id": "s1",
        "title": "First",
        "artist": {"id": "anna", "name": "Anna"},
        "album": {"id": "dawn", "title": "Dawn", "coverImage": "/covers/c0ffee"},
        "featuredArtists": [{"id": "bert", "name": "Bert"}],
        "duration": 200,
        "durationMs": 200000,
        "audioUrl": None,
        "lyrics": "la",
        "syncedLyrics": [{"atMs": 1500, "text": "la"}],
        "isExplicit": False,
        "genre": {"name": "indie", "parent": {"name": "rock"}},
        "genres": [{"slug": "slug-indie"}],
        "playCount": 10,
        "likeCount": 0,
        "year": 2024,
        "credits": [
            {"name": "anna", "role": "main", "join": "", "artist": {"id": "anna"}},
            {"name": "bert", "role": "featured", "join": "", "artist": {"id": "bert"}},
            {"name": "ghost", "role": "featured", "join": "", "artist": None},
        ],
        "audioFeatures": {"tempo": None, "key": None, "energy": None, "danceability": None, "valence": None},
    }


async def test_the_audio_url_carries_a_ticket_of_the_listener_that_opens(music, client):
    token = (await music.sign_in("listener")).token
    url = (await client.ask('{ song(id: "s1") { audioUrl } }', token))["data"]["song"]["audioUrl"]
    path, _, ticket = url.partition("?ticket=")
    assert path == "/stream/s1"
    opened = music.house.tickets.open(ticket, "s1")
    viewer = await music.house.accounts.viewer_for(token)
    assert (opened.user_id, opened.session_id, opened.quality) == (viewer.user_id, viewer.session_id, "lossless")


@pytest.mark.parametrize(("noun", "hidden"), [("artist", "ghost"), ("album", "lost"), ("song", "s4")])
async def test_absent_hidden_and_malformed_ids_are_one_answer(client, noun, hidden):
    bodies = set()
    for id in (hidden, "nowhere", "", "\x00", "💿" * 500, "1" * 40_000):
        query = f"query ($id: ID) {{ {noun}(id: $id) {{ id }} }}"
        bodies.add((await client.post({"query": query, "variables": {"id": id}})).body)
    bodies.add((await client.post({"query": f'{{ {noun}(slug: "slug-{hidden}") {{ id }} }}'})).body)
    bodies.add((await client.post({"query": f"{{ {noun} {{ id }} }}"})).body)
    bodies.add((await client.post({"query": f"{{ {noun}(id: 12) {{ id }} }}"})).body)
    assert bodies == {f'{{"data":{{"{noun}":null}}}}'.encode()}


async def test_slugs_lead_to_the_same_records_as_ids(client):
    query = """{ a: artist(slug: "bertram") { id } b: artist(slug: "slug-bert") { id } album(slug: "slug-dawn") { id }
      song(slug: "slug-s1") { id } genre(slug: "slug-rock") { id } }"""
    assert (await client.ask(query))["data"] == {
        "a": {"id": "bert"},
        "b": {"id": "bert"},
        "album": {"id": "dawn"},
        "song": {"id": "s1"},
        "genre": {"id": "rock"},
    }


async def test_the_tree_of_genres_can_be_walked_both_ways(client):
    query = """{ genres(rootsOnly: true) { id parent { id } children { id children { id } } }
      all: genres { id } genre(id: "shoegaze") { ancestors { id } parent { id } description } }"""
    assert (await client.ask(query))["data"] == {
        "genres": [{"id": "rock", "parent": None, "children": [{"id": "indie", "children": [{"id": "shoegaze"}]}]}],
        "all": [{"id": "indie"}, {"id": "rock"}, {"id": "shoegaze"}],
        "genre": {"ancestors": [{"id": "rock"}, {"id": "indie"}], "parent": {"id": "indie"}, "description": ""},
    }


async def test_new_releases_are_filtered_by_type(client):
    query = "{ newReleases(albumType: ALBUM, limit: 20) { id title artist { name } releaseDate coverImage } }"
    assert [album["id"] for album in (await client.ask(query))["data"]["newReleases"]] == ["noon", "dawn"]
    assert (await client.ask("{ newReleases(limit: 0) { id } }"))["errors"][0]["extensions"] == {
        "code": "INVALID",
        "field": "limit",
    }


async def test_a_connection_is_read_on_with_its_cursor_and_by_offset(client):
    page = "edges { node { id } cursor } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    first = (await client.ask(f"{{ songs(first: 3, orderBy: MOST_PLAYED) {{ {page} }} }}"))["data"]["songs"]
    assert [edge["node"]["id"] for edge in first["edges"]] == ["s3", "b1", "s2"]
    assert first["totalCount"] == 4
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": first["edges"][0]["cursor"],
        "endCursor": first["edges"][2]["cursor"],
    }
    query = f"query ($after: String) {{ songs(first: 3, after: $after, orderBy: MOST_PLAYED) {{ {page} }} }}"
    rest = (await client.ask(query, after=first["pageInfo"]["endCursor"]))["data"]["songs"]
    assert [edge["node"]["id"] for edge in rest["edges"]] == ["s1"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    by_offset = (await client.ask(f"{{ songs(limit: 3, offset: 3, orderBy: MOST_PLAYED) {{ {page} }} }}"))["data"]
    assert by_offset["songs"]["edges"] == rest["edges"]


async def test_lists_take_filters_and_orders(client):
    query = """{
      songs(filters: {genre: "rock", year: 2024, isExplicit: false}) { edges { node { id } } totalCount }
      albums(filters: {artistId: "anna", albumType: EP}, orderBy: NEWEST) { edges { node { id } } }
      artists(filters: {country: "DE"}, orderBy: MOST_PLAYED) { edges { node { id } } totalCount }
      nobody: artists(filters: {genre: "polka"}) { edges { node { id } } totalCount pageInfo { endCursor } } }"""
    assert (await client.ask(query))["data"] == {
        "songs": {"edges": [{"node": {"id": "s1"}}, {"node": {"id": "s3"}}], "totalCount": 2},
        "albums": {"edges": [{"node": {"id": "dusk"}}]},
        "artists": {"edges": [{"node": {"id": "anna"}}], "totalCount": 1},
        "nobody": {"edges": [], "totalCount": 0, "pageInfo": {"endCursor": None}},
    }


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: 101", "first"),
        ("first: 0", "first"),
        ("limit: -1", "limit"),
        ("first: 2, limit: 2", "first"),
        ('after: "§§"', "after"),
        ("offset: 10001", "offset"),
        ('after: "WyJhIl0", offset: 1', "after"),
    ],
)
async def test_a_page_outside_its_bounds_is_refused_by_name(client, arguments, field):
    for noun in ("songs", "albums", "artists"):
        answer = await client.ask(f"{{ {noun}({arguments}) {{ totalCount }} }}")
        assert answer["data"] == {noun: None}
        assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": field}
        assert answer["errors"][0]["path"] == [noun]


async def test_me_is_the_viewer_and_null_for_nobody(music, client):
    query = """{ me { id email username subscriptionType profileImage isArtist
      preferences { audioQuality explicitContent autoplay language privateSession } } }"""
    token = (await music.sign_in("listener")).token
    me = (await client.ask(query, token))["data"]["me"]
    assert me.pop("id")
    assert me == {
        "email": "listener@example.com",
        "username": "listener",
        "subscriptionType": "FREE",
        "profileImage": None,
        "isArtist": False,
        "preferences": {
            "audioQuality": "HIGH",
            "explicitContent": True,
            "autoplay": True,
            "language": "en",
            "privateSession": False,
        },
    }
    assert await client.ask(query) == {"data": {"me": None}}
