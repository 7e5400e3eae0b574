"""Playlists as files: out over GraphQL and HTTP, in again, and what is found and not found."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.playlists.exchange import Track
from services.playlists.formats import Format, file_name, read
from services.playlists.matching import keys_of
from services.viewer import NOBODY, Role, Viewer
from storage.records import AudioFeatures
from tests.catalogue_rig import serving
from tests.playlists.stage import make, song_ids, stored

EXPORT = """query ($id: ID!, $format: PlaylistFormat, $links: Boolean) {
  exportPlaylist(playlistId: $id, format: $format, links: $links) { fileName contentType text } }"""
IMPORT = """mutation ($text: String!, $format: PlaylistFormat, $name: String) {
  importPlaylist(text: $text, format: $format, name: $name) {
    playlist { id name songCount user { username } } matched unmatchedCount unmatched { line title artist } } }"""
MIX = """#EXTM3U
#EXTENC:UTF-8
#PLAYLIST:Road / Songs
#EXTINF:240,anna - Third
#EXTALB:Dawn
#TUTTI-SONG:s3
anna - Third
#EXTINF:200,bert - Bees
#TUTTI-SONG:b1
bert - Bees
"""


async def take(rig, viewer, text, **more):
    return (await rig.data(IMPORT, viewer, text=text, **more))["importPlaylist"]


def m3u(*tracks):
    return "#EXTM3U\n" + "".join(f"#EXTINF:{seconds},{name}\nfile{n}.mp3\n" for n, (seconds, name) in enumerate(tracks))


async def test_an_export_names_each_song_that_shows(music):
    ann = await music.sign_up("ann")
    made = await make(music, ann, "Road / Songs", "s3", "b1")
    export = (await music.data(EXPORT, ann, id=made.id))["exportPlaylist"]
    assert export == {"fileName": "Road - Songs.m3u8", "contentType": "audio/x-mpegurl; charset=utf-8", "text": MIX}
    await music.store.songs.update({"_id": "s3"}, {"$set": {"is_hidden": True}})
    export = (await music.data(EXPORT, ann, id=made.id, format="JSPF"))["exportPlaylist"]
    assert (export["fileName"], export["contentType"]) == (
        "Road - Songs.jspf", "application/jspf+json; charset=utf-8"
    )  # fmt: skip
    told = json.loads(export["text"])["playlist"]
    assert (told["title"], told["creator"]) == ("Road / Songs", "ann")
    assert told["track"] == [
        {"title": "Bees", "creator": "bert", "duration": 200_000, "identifier": ["urn:tutti:song:b1"]}
    ]


async def test_a_private_playlist_is_exported_to_those_within_alone(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    made = await make(music, ann, "Mix", "s3", is_public=False)
    for id in (made.id, "none", "", "a\x00b"):
        for viewer in (bob, NOBODY):
            assert await music.errors(EXPORT, viewer, id=id) == [{"code": "NOT_FOUND"}]
    assert "s3" in (await music.data(EXPORT, ann, id=made.id))["exportPlaylist"]["text"]
    admin = await music.sign_up("root", Role.ADMIN)
    assert "s3" in (await music.data(EXPORT, admin, id=made.id))["exportPlaylist"]["text"]


async def test_links_are_tickets_of_whoever_asked(music):
    ann, bob = await music.sign_up("ann"), await music.sign_up("bob")
    made = await make(music, ann, "Mix", "s3")
    text = (await music.data(EXPORT, bob, id=made.id, links=True))["exportPlaylist"]["text"]
    address = text.splitlines()[-1]
    assert address.startswith("/stream/s3?ticket=")
    ticket = music.house.tickets.open(address.partition("ticket=")[2], "s3")
    assert (ticket.user_id, ticket.session_id) == (bob.user_id, bob.session_id)
    assert await music.errors(EXPORT, NOBODY, id=made.id, links=True) == [{"code": "UNAUTHENTICATED"}]


async def test_the_door_answers_with_the_file_and_knows_when_you_have_it(music):
    ann = await music.sign_in("ann")
    viewer = await music.house.accounts.viewer_for(ann.token)
    made = await make(music, viewer, 'Rözd / "x"', "s3")
    hidden = await make(music, viewer, "Mine", "s3", is_public=False)
    async with serving(music) as client:
        answer = await client.fetch(f"/playlists/{made.id}.m3u8")
        assert (answer.code, answer.headers["Content-Type"]) == (200, "audio/x-mpegurl; charset=utf-8")
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename=\"R_zd - -x.m3u8\"; filename*=UTF-8''R%C3%B6zd%20-%20-x.m3u8"
        )
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.body.decode() == (await music.data(EXPORT, NOBODY, id=made.id))["exportPlaylist"]["text"]
        etag = answer.headers["ETag"]
        assert etag.startswith(f'"{made.rev}-')
        again = await client.fetch(f"/playlists/{made.id}.m3u8", headers={"If-None-Match": etag})
        assert (again.code, again.body or b"") == (304, b"")
        await music.house.playlist_editing.add_songs(viewer, made.id, ["b1"])
        changed = await client.fetch(f"/playlists/{made.id}.m3u8", headers={"If-None-Match": etag})
        assert changed.code == 200
        head = await client.fetch(f"/playlists/{made.id}.jspf", method="HEAD")
        assert (head.code, head.body) == (200, b"")
        assert int(head.headers["Content-Length"]) > 50
        for path in (f"{hidden.id}.m3u8", "none.jspf"):
            refused = await client.fetch(f"/playlists/{path}")
            assert (refused.code, json.loads(refused.body)["error"]["code"]) == (404, "NOT_FOUND")
        signed = {"Authorization": f"Bearer {ann.token}"}
        assert (await client.fetch(f"/playlists/{hidden.id}.m3u8", headers=signed)).code == 200
        assert (await client.fetch(f"/playlists/{made.id}.m3u8?links=true")).code == 401
        assert (await client.fetch(f"/playlists/{made.id}.m3u8?links=maybe")).code == 400
        linked = await client.fetch(f"/playlists/{made.id}.m3u8?links=true", headers=signed)
        assert linked.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in linked.headers
        assert f"{client.base}/stream/s3?ticket=" in linked.body.decode()


@pytest.mark.parametrize("format", ["M3U8", "JSPF"])
async def test_what_goes_out_comes_in_again(music, format):
    ann = await music.sign_up("ann")
    songs = ["s3", "b1", "s1", "b1", "s2"]
    made = await make(music, ann, "Mix", *songs)
    text = (await music.data(EXPORT, ann, id=made.id, format=format))["exportPlaylist"]["text"]
    answer = await take(music, ann, text)
    assert (answer["matched"], answer["unmatchedCount"], answer["playlist"]["name"]) == (5, 0, "Mix")
    assert await song_ids(music, answer["playlist"]["id"]) == songs
    record = await stored(music, answer["playlist"]["id"])
    assert (record.song_count, record.total_duration_ms, record.rev) == (5, made.total_duration_ms, 0)


async def test_files_of_other_players_are_matched_by_names_lengths_and_isrc(music):
    await music.song("long", "anna", title="First", duration_ms=400_000, album_title="Live")
    await music.song("dawn", "anna", title="First", duration_ms=200_900, album_title="Other", play_count=99)
    await music.song("code", "bert", title="Whatever", isrc="USABC2400001")
    await music.song("duo", "anna", title="Both", features=AudioFeatures())
    assert await music.house.name_keys.renew() == 9
    assert await music.house.name_keys.renew() == 0
    ann = await music.sign_up("ann")
    text = m3u(
        (201, "ANNA - fírst"), (401, "anna - First"), (300, "anna - First"), (-1, "anna feat. bert - Both"),
        (200, "anna & bert - Both"), (200, "Bees"), (200, "Anna - Nothing"), (200, "anna - Hidden"),
    )  # fmt: skip
    answer = await take(music, ann, text, name="Mine")
    assert await song_ids(music, answer["playlist"]["id"]) == ["dawn", "long", "duo", "duo"]
    assert (answer["playlist"]["name"], answer["playlist"]["user"]) == ("Mine", {"username": "ann"})
    assert answer["unmatched"] == [
        {"line": 7, "title": "First", "artist": "anna"},
        {"line": 13, "title": "Bees", "artist": ""},
        {"line": 15, "title": "Nothing", "artist": "Anna"},
        {"line": 17, "title": "Hidden", "artist": "anna"},
    ]
    track = {"title": "x", "identifier": ["isrc:us-abc-24-00001"]}
    on_dawn = {"title": "First", "creator": "anna", "album": "dawn!", "duration": 200_000}
    text = json.dumps({"playlist": {"title": "", "track": [track, on_dawn, {"title": "no"}]}})
    answer = await take(music, ann, text)
    assert await song_ids(music, answer["playlist"]["id"]) == ["code", "s1"]
    assert (answer["playlist"]["name"], answer["unmatched"]) == (
        "Imported playlist", [{"line": 3, "title": "no", "artist": ""}]
    )  # fmt: skip


async def test_a_file_that_lists_paths_alone_is_matched_by_their_names(music):
    await music.house.name_keys.renew()
    ann = await music.sign_up("ann")
    text = "C:\\Music\\03 - Anna - First.mp3\n/music/Bert - Bees.flac\n"
    text += "https://x.example/a/anna%20-%20Third.ogg?q=1\n99 Luft.mp3\n"
    answer = await take(music, ann, text)
    assert await song_ids(music, answer["playlist"]["id"]) == ["s1", "b1", "s3"]
    assert answer["unmatched"] == [{"line": 4, "title": "99 Luft", "artist": ""}]


async def test_what_one_may_not_see_is_not_found(music):
    ann = await music.sign_up("ann")
    await music.house.name_keys.renew()
    text = MIX.replace("s3", "s4").replace("Third", "Hidden")
    answer = await take(music, ann, text)
    assert (answer["matched"], answer["unmatched"]) == (1, [{"line": 7, "title": "Hidden", "artist": "anna"}])
    careful = Viewer(ann.user_id, explicit_content=False)
    assert (await take(music, careful, m3u((-1, "anna - Second"))))["matched"] == 0


async def test_no_playlist_is_made_of_nothing(music):
    ann = await music.sign_up("ann")
    answer = await take(music, ann, m3u((1, "Nobody - Nothing")))
    assert answer == {
        "playlist": None, "matched": 0, "unmatchedCount": 1,
        "unmatched": [{"line": 3, "title": "Nothing", "artist": "Nobody"}],
    }  # fmt: skip
    for variables, field in (
        ({"text": ""}, "text"),
        ({"text": "{}"}, "text"),
        ({"text": MIX, "format": "JSPF"}, "text"),
        ({"text": MIX, "name": ""}, "name"),
        ({"text": MIX, "name": "a\x00"}, "name"),
        ({"text": "a\n" * 10_001}, "text"),
    ):
        [refused] = await music.errors(IMPORT, ann, **variables)
        assert refused["field"] == field
    assert await music.errors(IMPORT, NOBODY, text=MIX) == [{"code": "UNAUTHENTICATED"}]
    assert await music.store.playlists.count({}) == 0


async def test_ten_thousand_tracks_cost_a_few_dozen_store_commands(music):
    await music.house.name_keys.renew()
    ann = await music.sign_up("ann")
    tracks = [f"#EXTINF:240,anna - Third\n#TUTTI-SONG:{'s3' if n % 2 else f'x{n}'}\nx\n" for n in range(9_998)]
    text = "#EXTM3U\n" + "".join(tracks) + m3u((200, "bert - Bees"), (-1, "Nobody - Nothing"))
    music.engine.asked.clear()
    made = await music.house.playlist_imports.take(ann, text)
    assert (made.matched, len(made.unmatched)) == (9_999, 1)
    assert dict(music.engine.asked) == {"songs": 6, "playlists": 4}
    assert (await song_ids(music, made.playlist.id))[-2:] == ["s3", "b1"]
    await music.house.announcer.settled()
    music.engine.asked.clear()
    export = await music.house.playlist_exports.export(ann, made.playlist.id, Format.M3U8)
    assert export.text.count("#EXTINF") == 9_999
    assert dict(music.engine.asked) == {"playlists": 1, "users": 1, "songs": 20}


TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(["#EXTM3U", "#EXTINF:", "1,", "a - b", "\n", "#TUTTI-SONG:", "s1", "\x00", "\ud800", "{"]),
             max_size=30).map("".join),
    st.recursive(st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=9)), lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["title", "creator", "album", "duration", "identifier", "location"]), inner)),
        max_leaves=12).map(lambda value: json.dumps({"playlist": {"track": [value]}})),
)  # fmt: skip


async def test_any_text_is_taken_or_refused(music):
    ann = await music.sign_up("ann")
    answers = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(TEXTS, st.sampled_from([None, "M3U8", "JSPF"]))
    def collect(text, format):
        answers.append((text, format))

    collect()
    for text, format in answers:
        response = await music.ask(IMPORT, ann, text=text, format=format)
        codes = [error["extensions"]["code"] for error in response.get("errors", [])]
        assert codes in ([], ["INVALID"], ["TOO_LARGE"]), (text, codes)
        json.dumps(response).encode()


def test_a_file_is_named_so_that_every_system_takes_it():
    names = {
        "": "playlist",
        "..": "playlist",
        "a/b\\c": "a-b-c",
        "\x00CON?": "-CON-",
        "x" * 200: "x" * 100,
        "日本": "日本",
    }
    for name, kept in names.items():
        kept = "_CON" if kept == "-CON-" else kept.strip("-")
        assert file_name(name, Format.M3U8) == f"{kept}.m3u8"


def test_the_form_is_told_from_the_text():
    assert read('\ufeff \n{"playlist": {"track": [{"title": "a"}]}}').tracks == [Track("a")]
    assert read("\ufeffa.mp3").tracks == [Track(location="a.mp3")]


def test_a_dash_inside_a_name_is_tried_on_either_side():
    assert keys_of(Track("C", "A - B")) == keys_of(Track("C", "A - B"))
    assert set(keys_of(Track("B - C", "A"))) == set(keys_of(Track("C", "A - B")))
    assert keys_of(Track("C")) == []
