"""Lyrics as people meet them: a file beside a song, an import, and players at the door of a running server."""

from __future__ import annotations

import shutil

from tests.server.client import Client
from tests.server.conftest import Process

TTML = """<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div><p begin="1s" end="3s">
<span begin="0s">Hear</span> <span begin="0.5s">it</span></p></div></body></tt>"""


async def test_words_beside_a_song_reach_a_player(tmp_path, music):
    folder = tmp_path / "library"
    folder.mkdir()
    shutil.copy(music / "The Hours" / "One Day" / "01 Dawn.flac", folder / "dawn.flac")
    (folder / "dawn.ttml").write_text(TTML, "utf-8")
    process = Process(tmp_path / "data")
    assert process.command("import", str(folder)).returncode == 0
    process.start()
    try:
        client = Client(process.base)
        await client.register("singer")
        listed = await client.get("{ songs { edges { node { id lyrics audioUrl } } } }")
        (song,) = [each["node"] for each in listed["songs"]["edges"]]
        data = await client.get(
            "query($id: ID!) { lyrics(songId: $id) { kind lines { words { atMs text } } } }", id=song["id"]
        )
        assert data["lyrics"] == {
            "kind": "WORDS",
            "lines": [{"words": [{"atMs": 1000, "text": "Hear "}, {"atMs": 1500, "text": "it"}]}],
        }
        client.token = None
        ticket = song["audioUrl"].partition("?")[2]
        answer = await client.fetch(f"/lyrics/{song['id']}.vtt?{ticket}")
        assert (answer.code, answer.headers["Content-Type"]) == (200, "text/vtt; charset=utf-8")
        assert answer.body.decode() == "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHear <00:00:01.500>it\n"
        assert (await client.fetch(f"/lyrics/{song['id']}.vtt")).code == 401
    finally:
        assert process.stop() == 0
