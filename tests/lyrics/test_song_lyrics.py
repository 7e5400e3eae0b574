"""Lyrics over GraphQL and at the door: who sees them, who sets them, what is kept, and what is forgotten."""

from datetime import timedelta

import pytest

from services.events import CatalogueChanged
from services.viewer import NOBODY, Role, Viewer

ADMIN = Viewer("admin", frozenset({Role.ADMIN}))
OTHER = Viewer("other", frozenset({Role.ARTIST}))

READ = """query($id: ID!) { lyrics(songId: $id) { kind language plain agents { id name kind }
  lines { atMs endMs text agent isBackground words { atMs endMs text } translations { language text } } } }"""
SET = """mutation($id: ID!, $text: String, $format: LyricsFormat, $language: String) {
  setLyrics(songId: $id, text: $text, format: $format, language: $language) {
    song { id lyrics language syncedLyrics { atMs text } }
    lyrics { kind plain lines { text words { atMs text } } } } }"""
WORDS = "[00:12.00]<00:12.00>Hear <00:12.40>the <00:12.90>wind<00:13.80>"
TTML = """<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="en">
<head><metadata><ttm:agent xml:id="v1" type="person"><ttm:name>Ann</ttm:name></ttm:agent></metadata></head>
<body><div><p begin="1s" end="3s" ttm:agent="v1"><span begin="0s" end="1s">Hear</span> <span begin="1s">it</span>
<span ttm:role="x-translation" xml:lang="de">Hör es</span></p></div></body></tt>"""


async def put(music, text, viewer=ADMIN, id="s1", **more):
    return (await music.data(SET, viewer, id=id, text=text, **more))["setLyrics"]


def line(at_ms, text, **more):
    usual = {"endMs": None, "agent": None, "isBackground": False, "words": [], "translations": []}
    return {"atMs": at_ms, "text": text, **usual, **more}


async def test_lyrics_of_every_kind_are_answered(music):
    assert (await music.data(READ, id="s3"))["lyrics"] is None
    assert (await music.data(READ, id="s1"))["lyrics"] == {
        "kind": "LINES", "language": None, "plain": "la", "agents": [], "lines": [line(1500, "la")],
    }  # fmt: skip
    await put(music, "just words", id="s3")
    assert (await music.data(READ, id="s3"))["lyrics"] == {
        "kind": "PLAIN", "language": None, "plain": "just words", "agents": [], "lines": [],
    }  # fmt: skip
    await put(music, TTML)
    assert (await music.data(READ, id="s1"))["lyrics"] == {
        "kind": "WORDS",
        "language": "en",
        "plain": "Hear it",
        "agents": [{"id": "v1", "name": "Ann", "kind": "person"}],
        "lines": [
            line(1000, "Hear it", endMs=3000, agent="v1", translations=[{"language": "de", "text": "Hör es"}],
                 words=[{"atMs": 1000, "endMs": 2000, "text": "Hear "}, {"atMs": 2000, "endMs": None, "text": "it"}]),
        ],
    }  # fmt: skip


async def test_absent_and_invisible_songs_answer_alike(music):
    await put(music, WORDS, id="s4")
    mild = Viewer("mild", explicit_content=False)
    await put(music, WORDS, id="s2")
    for viewer, id in ((NOBODY, "nowhere"), (NOBODY, "s4"), (OTHER, "s4"), (mild, "s2"), (NOBODY, "\x00")):
        assert (await music.data(READ, viewer, id=id))["lyrics"] is None
    assert (await music.data(READ, ADMIN, id="s4"))["lyrics"]["kind"] == "WORDS"
    assert (await music.data(READ, NOBODY, id="s2"))["lyrics"]["kind"] == "WORDS"


async def test_lyrics_cost_two_store_commands_and_lists_of_songs_none_more(music, finds):
    await put(music, WORDS)
    async with finds(2, songs=1, lyric_sheets=1):
        await music.data(READ, id="s1")
    async with finds(1, songs=1):
        data = await music.data("{ songs(first: 10) { edges { node { lyrics syncedLyrics { atMs text } } } } }")
    shown = [each["node"] for each in data["songs"]["edges"]]
    assert {"lyrics": "Hear the wind", "syncedLyrics": [{"atMs": 12_000, "text": "Hear the wind"}]} in shown


@pytest.mark.parametrize(
    ("text", "form", "kind"),
    [("la", None, "PLAIN"), ("[00:01.00]la", None, "LINES"), ("[00:01.00]la", "PLAIN", "PLAIN"),
     (WORDS, "LRC", "WORDS"), (TTML, None, "WORDS"), (TTML, "TTML", "WORDS"),
     ("1\n00:00:01,000 --> 00:00:02,000\nla", None, "LINES"),
     ("\ufeff[00:01.00]la", None, "LINES")],
)  # fmt: skip
async def test_lyrics_are_set_in_any_notation(music, text, form, kind):
    more = {} if form is None else {"format": form}
    assert (await put(music, text, **more))["lyrics"]["kind"] == kind


async def test_setting_replaces_everything_and_nothing_takes_it_away(music):
    told = []
    music.house.bus.hear(CatalogueChanged, told.append)
    answer = await put(music, WORDS, language="en")
    assert answer["song"] == {
        "id": "s1", "lyrics": "Hear the wind", "language": "en",
        "syncedLyrics": [{"atMs": 12_000, "text": "Hear the wind"}],
    }  # fmt: skip
    kept = await music.store.songs.get("s1")
    assert sorted(kept.edited_fields) == ["language", "lyrics", "lyrics_id", "synced_lyrics"]
    assert (await put(music, "plain"))["song"] == {
        "id": "s1", "lyrics": "plain", "language": "en", "syncedLyrics": [],
    }  # fmt: skip
    for nothing in (None, "", " \n"):
        await put(music, WORDS)
        assert (await put(music, nothing))["lyrics"] is None
        kept = await music.store.songs.get("s1")
        assert (kept.lyrics, kept.synced_lyrics, kept.lyrics_id) == (None, [], None)
    assert set(told) == {CatalogueChanged(song_ids=("s1",))}


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"text": "a\x00"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "x" * 1_000_001}, "text"),
        ({"text": "x" * 100_001}, "text"),
        ({"text": "no times", "format": "LRC"}, "text"),
        ({"text": "no cues", "format": "SRT"}, "text"),
        ({"text": "<tt>", "format": "TTML"}, "text"),
        ({"text": '<!DOCTYPE tt [<!ENTITY a "b">]><tt><body><p>&a;</p></body></tt>'}, "text"),
        ({"text": "[00:01.00]a\n" * 5001}, "text"),
        ({"text": "la", "language": "english"}, "language"),
    ],
)
async def test_words_out_of_bounds_are_refused_by_name_and_change_nothing(music, words, field):
    before = await music.store.songs.get("s1")
    assert await music.errors(SET, ADMIN, id="s1", **words) == [{"code": "INVALID", "field": field}]
    assert await music.store.songs.get("s1") == before
    assert await music.store.lyric_sheets.find({}, limit=10) == []


async def test_rights_come_before_words(music):
    for viewer, id, refusal in (
        (NOBODY, "s1", "UNAUTHENTICATED"),
        (Viewer("u"), "s1", "DENIED"),
        (OTHER, "s1", "DENIED"),
        (OTHER, "s4", "NOT_FOUND"),
        (OTHER, "nowhere", "NOT_FOUND"),
    ):
        assert [each["code"] for each in await music.errors(SET, viewer, id=id, text="\x00")] == [refusal]
    await music.store.artists.update({"_id": "anna"}, {"$set": {"owner_id": "other"}})
    assert (await put(music, "mine", OTHER))["lyrics"]["plain"] == "mine"


async def test_timed_lyrics_of_update_song_keep_their_words_or_lose_them(music):
    update = 'mutation($text: String) { updateSong(songId: "s1", syncedLyrics: $text) { song { lyrics } } }'
    await music.data(update, ADMIN, text=WORDS)
    assert (await music.data(READ, id="s1"))["lyrics"]["kind"] == "WORDS"
    await music.data(update, ADMIN, text="[00:01.00]la")
    assert (await music.data(READ, id="s1"))["lyrics"]["kind"] == "LINES"
    await music.data(update, ADMIN, text=WORDS)
    await music.data(update, ADMIN, text=None)
    assert (await music.data(READ, id="s1"))["lyrics"]["kind"] == "PLAIN"


async def test_sheets_that_no_song_names_are_forgotten_after_a_day(music):
    await put(music, WORDS)
    await put(music, WORDS, id="s3")
    await put(music, TTML, id="s2")
    await put(music, "plain", id="s2")
    sheets = music.house.lyric_sheets
    assert await sheets.sweep() == 0
    music.clock.turn(timedelta(days=1, seconds=1).total_seconds())
    assert (await sheets.sweep(), await sheets.sweep()) == (1, 0)
    await put(music, "plain")
    assert await sheets.sweep() == 0
    assert (await music.data(READ, id="s3"))["lyrics"]["kind"] == "WORDS"
    await put(music, "plain", id="s3")
    assert await sheets.sweep() == 1
    assert await music.store.lyric_sheets.find({}, limit=10) == []


async def test_a_sheet_taken_in_again_gets_another_day(music):
    await put(music, WORDS)
    await put(music, "plain")
    music.clock.turn(timedelta(days=2).total_seconds())
    await put(music, WORDS, id="s3")
    await put(music, "plain", id="s3")
    assert await music.house.lyric_sheets.sweep() == 0


async def test_the_door_serves_each_notation_to_listeners(music, client):
    await put(music, TTML)
    ada = {"Authorization": f"Bearer {(await music.sign_in('ada')).token}"}
    answers = {suffix: await client.fetch(f"/lyrics/s1.{suffix}", headers=ada) for suffix in ("lrc", "vtt", "ttml")}
    assert {suffix: (each.code, each.headers["Content-Type"]) for suffix, each in answers.items()} == {
        "lrc": (200, "text/plain; charset=utf-8"),
        "vtt": (200, "text/vtt; charset=utf-8"),
        "ttml": (200, "application/ttml+xml; charset=utf-8"),
    }
    assert answers["lrc"].body.decode() == (
        "[ti:First]\n[ar:anna]\n[al:Dawn]\n[la:en]\n[length:03:20]\n[00:01.00]<00:01.00>Hear <00:02.00>it<00:03.00>\n"
    )
    assert answers["vtt"].body.decode() == ("WEBVTT\n\n00:00:01.000 --> 00:00:03.000\n<v Ann>Hear <00:00:02.000>it\n")
    assert "Hör es" in answers["ttml"].body.decode()
    for answer in answers.values():
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Vary"] == "Authorization"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_who_has_the_file_is_told_so_until_it_changes(music, client):
    await put(music, WORDS)
    ada = {"Authorization": f"Bearer {(await music.sign_in('ada')).token}"}
    first = await client.fetch("/lyrics/s1.vtt", headers=ada)
    etag = first.headers["ETag"]
    assert (etag[0], (await client.fetch("/lyrics/s1.lrc", headers=ada)).headers["ETag"] != etag) == ('"', True)
    again = await client.fetch("/lyrics/s1.vtt", headers={**ada, "If-None-Match": etag})
    assert (again.code, again.body, again.headers["ETag"]) == (304, b"", etag)
    head = await client.fetch("/lyrics/s1.vtt", headers=ada, method="HEAD")
    assert (head.code, head.headers["Content-Length"], head.body) == (200, str(len(first.body)), b"")
    await put(music, "[00:02.00]else")
    changed = await client.fetch("/lyrics/s1.vtt", headers={**ada, "If-None-Match": etag})
    assert (changed.code, changed.body.decode()) == (200, "WEBVTT\n\n00:00:02.000 --> 00:00:07.000\nelse\n")


async def test_the_ticket_of_the_songs_sound_opens_its_lyrics_too(music, client):
    ada = (await music.sign_in("ada")).token
    url = (await client.ask('{ song(id: "s1") { audioUrl } }', ada))["data"]["song"]["audioUrl"]
    ticket = url.partition("?")[2]
    assert (await client.fetch(f"/lyrics/s1.vtt?{ticket}")).code == 200
    for path, code in (("/lyrics/s3.vtt?" + ticket, "TICKET_INVALID"), ("/lyrics/s1.vtt?ticket=x", "TICKET_INVALID")):
        answer = await client.fetch(path)
        assert (answer.code, code in answer.body.decode()) == (401, True)
    music.clock.turn(3601)
    assert (await client.fetch(f"/lyrics/s1.vtt?{ticket}")).code == 401
    assert (await client.fetch("/lyrics/s1.vtt")).code == 401


async def test_absent_and_invisible_songs_are_the_same_404(music, client):
    await put(music, WORDS, id="s4")
    await put(music, "plain", id="s3")
    ada = {"Authorization": f"Bearer {(await music.sign_in('ada')).token}", "X-Request-ID": "0" * 16}
    answers = [await client.fetch(f"/lyrics/{id}.lrc", headers=ada) for id in ("nowhere", "s4", "%00", "%2e%2e")]
    assert [each.code for each in answers] == [404, 404, 404, 404]
    assert len({each.body for each in answers}) == 1
    assert (await client.fetch("/lyrics/s3.lrc", headers=ada)).code == 404
    assert (await client.fetch("/lyrics/s1.doc", headers=ada)).code == 404
    boss = {"Authorization": f"Bearer {(await music.sign_in('boss', Role.ADMIN)).token}"}
    assert (await client.fetch("/lyrics/s4.lrc", headers=boss)).code == 200
