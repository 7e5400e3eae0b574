"""Hostile input at the doors of a whole server: packed bodies, files of two kinds, names that lead elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from services.playlists.formats import Format, file_name
from tests.pictures.canvas import corners, saved
from tests.uploads.place import Place, form, open_place, text_of, tone

SCRIPT = "<script>alert(document.domain)</script>"
PAGE = f"<!doctype html><html><body>{SCRIPT}</body></html>".encode()
DRAWING = f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>".encode()
PROFILE = "mutation($p: String) { updateProfile(profileImage: $p) { user { profileImage(size: 300) } } }"
PLAYLIST = "mutation($n: String!) { createPlaylist(name: $n) { playlist { id name } } }"
SHARE = "mutation($s: ID!) { createShareLink(songId: $s) { shareLink { token } } }"
LYRICS = "mutation($s: ID!, $t: String!) { setLyrics(songId: $s, text: $t) { lyrics { kind } } }"


@pytest.fixture
async def place(tmp_path: Path) -> Any:
    async with open_place(tmp_path) as place:
        yield place


def is_inert(answer: Any, kind: str) -> bool:
    """Whether a browser takes an answer for what it is and for nothing else, and runs nothing of it."""
    headers = answer.headers
    return (
        answer.code == 200
        and headers["Content-Type"].split(";")[0] == kind
        and headers["X-Content-Type-Options"] == "nosniff"
        and "default-src 'none'" in headers["Content-Security-Policy"]
        and "unsafe-inline" not in headers["Content-Security-Policy"]
    )


async def sent_raw(place: Place, head: bytes) -> bytes:
    """What comes back for a request made of bytes."""
    port = int(place.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return answer


DOORS = {
    "/graphql": "POST", "/upload/x": "PUT", "/webhooks/stripe": "POST", "/unsubscribe/x": "POST", "/appeal/x": "POST",
    "/stream/x": "GET", "/covers/x": "GET", "/readyz": "GET",
}  # fmt: skip


async def test_no_packed_body_is_unpacked_at_any_door(place: Place) -> None:
    plain = json.dumps({"query": "{ __typename }"}).encode()
    bomb = b"".join((packing := zlib.compressobj(9)).compress(bytes(1 << 20)) for _ in range(50)) + packing.flush()
    for path, method in DOORS.items():
        for coding, body in (("gzip", gzip.compress(plain)), ("br", plain), ("deflate", bomb), ("gzip, gzip", plain)):
            headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
            answer = await place.fetch(
                path, "ann", method=method, headers=headers, body=body, allow_nonstandard_methods=True
            )
            assert (answer.code, answer.headers["Accept-Encoding"]) == (415, "identity"), (path, coding)
    headers = {"Content-Encoding": "identity", "Content-Type": "application/json"}
    assert (await place.fetch("/graphql", method="POST", headers=headers, body=plain)).code == 200


async def test_what_was_two_things_is_one_when_it_comes_back(place: Place, tmp_path: Path) -> None:
    made = saved(corners(), "JPEG")
    comment = b"\xff\xfe" + (2 + len(PAGE)).to_bytes(2, "big") + PAGE
    for both in (
        made + PAGE,
        made[:2] + comment + made[2:],
        saved(corners(), "GIF") + PAGE,
        saved(corners(), "PNG") + PAGE,
    ):
        told = await place.ask(PROFILE, "lis", p=f"data:text/html;base64,{text_of(both)}")
        assert told["errors"][0]["extensions"]["code"] == "INVALID"
        told = await place.ask(PROFILE, "lis", p=text_of(both))
        answer = await place.fetch(told["data"]["updateProfile"]["user"]["profileImage"])
        assert is_inert(answer, "image/jpeg")
        assert b"script" not in answer.body and b"<html" not in answer.body
    for other in (PAGE, DRAWING, b"\xff\xd8\xff" + PAGE, b"GIF89a" + PAGE, b"%PDF-1.7" + PAGE, b"PK\3\4" + PAGE):
        told = await place.ask(PROFILE, "lis", p=text_of(other))
        assert told["errors"][0]["extensions"]["field"] == "profileImage", other
        assert (await place.refusal(text=text_of(other)))["code"] == "NOT_AUDIO"
    sound = tone(tmp_path / "a.wav", 0.2)
    song = await place.song(title=SCRIPT, text=text_of(sound + PAGE))
    for query in ("", "&download=true"):
        answer = await place.fetch(song["audioUrl"].partition("?")[0] + "?quality=lossless" + query, "ann")
        assert is_inert(answer, "audio/wav")
        assert re.match(r"(inline|attachment); filename=", answer.headers["Content-Disposition"])
        assert "\n" not in answer.headers["Content-Disposition"]
    token = (await place.ask(SHARE, "ann", s=song["id"]))["data"]["createShareLink"]["shareLink"]["token"]
    page = await place.fetch(f"/share/{token}")
    assert is_inert(page, "text/html")
    assert b"&lt;script&gt;alert" in page.body and b"<script" not in page.body
    told = await place.ask(LYRICS, "adm", s=song["id"], t=f"[00:00.10]{SCRIPT}\n[00:00.20]</p>--> <v Ann>")
    assert "errors" not in told, told
    for ending, kind in (("lrc", "text/plain"), ("vtt", "text/vtt"), ("ttml", "application/ttml+xml")):
        answer = await place.fetch(f"/lyrics/{song['id']}.{ending}", "ann")
        assert is_inert(answer, answer.headers["Content-Type"].split(";")[0])
        assert "html" not in answer.headers["Content-Type"]
        assert ending == "lrc" or b"<script" not in answer.body, (ending, kind)


NAMES = ['a";filename="b.exe', "a\u2028b", "CON", "../../etc/passwd", "\u202egnp.exe", "a%0d%0aSet-Cookie: x=y", "=cmd"]


async def test_no_name_ends_a_header_or_leads_to_another_file(place: Place, tmp_path: Path) -> None:
    for name in ("a\r\nSet-Cookie: x=y", "a\nb", "a\0b", "\u202eexe.gnp", "a\u2028b"):
        told = await place.ask(PLAYLIST, "lis", n=name)
        assert told["errors"][0]["extensions"]["field"] == "name", name
    for name in NAMES[:1] + NAMES[2:4] + NAMES[5:]:
        made = (await place.ask(PLAYLIST, "lis", n=name))["data"]["createPlaylist"]["playlist"]
        answer = await place.fetch(f"/playlists/{made['id']}.m3u8", "lis")
        assert is_inert(answer, "audio/x-mpegurl")
        [disposition] = answer.headers.get_list("Content-Disposition")
        plain = re.fullmatch(r'attachment; filename="([^"\\/]*)"; filename\*=UTF-8\'\'[A-Za-z0-9%._-]+', disposition)
        assert plain is not None and not plain[1].startswith((".", "CON")), disposition
        assert "Set-Cookie" not in answer.headers
    before = sorted(path for path in place.data.parent.rglob("*") if "staging" not in path.parts)
    sound = tone(tmp_path / "sound.wav", 0.2)
    for name in ("../../../escaped.wav", "/tmp/escaped.wav", "..\\..\\escaped.wav", "a\0.wav", "CON", "."):
        told = await place.ask(
            "mutation($n: String!) { createUpload(fileName: $n, size: 9) { upload { id fileName url } } }",
            "ann",
            n=name,
        )
        if "errors" not in told:
            upload = told["data"]["createUpload"]["upload"]
            assert not re.search(r"[/\\\0]", upload["fileName"]), upload
            await place.ask("mutation($i: ID!) { cancelUpload(id: $i) { success } }", "ann", i=upload["id"])
        operations = json.dumps({"query": "mutation($f: Upload!) { x(f: $f) }", "variables": {"f": None}}).encode()
        body = form([("operations", operations, None), ("map", b'{"0": ["variables.f"]}', None), ("0", sound, name)])
        headers = {"Content-Type": "multipart/form-data; boundary=XbX", "Apollo-Require-Preflight": "1"}
        assert (await place.fetch("/graphql", "ann", method="POST", headers=headers, body=body)).code == 200
    after = sorted(path for path in place.data.parent.rglob("*") if "staging" not in path.parts)
    assert [path for path in after if path not in before and "escaped" in path.name] == []
    assert not os.path.exists("/tmp/escaped.wav")  # noqa: ASYNC240


def test_a_file_name_is_one_that_every_system_takes() -> None:
    made = [file_name(name, Format.M3U8) for name in (*NAMES, "nul.txt", "LPT1", "...", " ", "\x9b31m", "x" * 5000)]
    assert made[2] == "_CON.m3u8" and made[7] == "_nul.txt.m3u8" and made[8] == "_LPT1.m3u8"
    assert made[9] == made[10] == "playlist.m3u8"
    for name in made:
        assert not re.search(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u2028\u202e]', name) and len(name) <= 105


ELSEWHERE = [
    "..%2f..%2fsecret.key", "%252e%252e%252fsecret.key", "..%c0%af..%c0%afsecret.key", "%e0%80%af", "%00", "a%00.lrc",
    "..%5c..%5csecret.key", "CON", "NUL.mp3", "aux", "C:%5csecret.key", "%2fetc%2fpasswd", "....//....//secret.key",
    "%ff%fe", "..;/secret.key", "%u002e%u002e", ".%0d%0aX-Injected:%201", "file:%2f%2f%2fetc%2fpasswd", "%2e", "~", "*",
    "a" * 4000,
]  # fmt: skip
SEGMENTS = [
    "/stream/{}", "/hls/{}/master.m3u8", "/hls/x/{}", "/lyrics/{}.lrc", "/covers/{}", "/waveform/{}", "/share/{}",
    "/download/{}/manifest.json", "/download/x/{}", "/join/{}", "/playlists/{}.m3u8", "/upload/{}", "/auth/{}",
    "/auth/{}/callback", "/account-export/{}.zip", "/unsubscribe/{}", "/appeal/{}", "/export/{}.csv", "/web/{}", "/{}",
    "/billing/{}", "//{}",
]  # fmt: skip
LINES = [
    b"GET http://169.254.169.254/latest/meta-data", b"GET /web/../secret.key", b"GET \x80", b"GET /\x00", b"TRACE /",
    b"CONNECT 127.0.0.1:22", b"GET //evil.test/%2e%2e",
]  # fmt: skip


async def test_no_segment_of_a_path_leads_to_a_file_or_into_a_header(place: Place) -> None:
    secret = (place.data / "secret.key").read_bytes().strip()
    bearer = f"\r\nAuthorization: Bearer {place.tokens['adm']}".encode()
    for pattern in SEGMENTS:
        for name in ELSEWHERE if pattern != "/{}" else ELSEWHERE[:-4]:
            answer = await sent_raw(place, f"GET {pattern.format(name)} HTTP/1.1".encode() + bearer)
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.split(b" ")[1] in (b"302", b"400", b"401", b"403", b"404", b"405", b"410", b"503"), (
                pattern,
                name,
            )
            assert b"root:" not in body and secret not in body
            assert b"X-Injected" not in head
    for line in LINES:
        answer = await sent_raw(place, line + b" HTTP/1.1")
        assert answer == b"" or re.match(rb"HTTP/1.1 (400|404|405) ", answer), line


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
LONG = {
    "Accept": "a/b;q=0.1," * 3000, "If-None-Match": '"a",' * 8000, "Range": "bytes=" + "0-1," * 8000,
    "Cookie": "a=b;" * 8000,
    "Authorization": "Bearer " + "." * 30_000, "X-Request-ID": "a" * 30_000, "User-Agent": "(;" * 15_000,
}  # fmt: skip
RULES = "query($r: SmartRule!) { previewSmartRules(rules: $r) { matchCount } }"


async def test_nothing_at_a_door_goes_on_without_end(place: Place) -> None:
    for path in ("/unsubscribe/x", "/appeal/x", "/webhooks/stripe"):
        for headers, body in ((FORM, b"a=1&" * 240_000), (PARTS, PART * 15_000 + b"--x--\r\n")):
            assert (await place.fetch(path, method="POST", headers=headers, body=body)).code == 400, path
    for name, value in LONG.items():
        for path in ("/covers/xxxx", "/stream/x", "/share/x", "/graphql?query={__typename}"):
            assert (await place.fetch(path, headers={name: value.rstrip(",")})).code in (200, 401, 404, 406), (
                name,
                path,
            )
    for document in (
        "{ song(id: " + "[" * 20_000 + "]" * 20_000 + ") { id } }",
        "query($a: " + "[" * 20_000 + "Int" + "]" * 20_000 + ") { __typename }",
        "{ a" * 12_000 + "}" * 12_000,
        "{ ..." * 900 + "{ __typename }" + "}" * 900,
    ):
        [error] = (await place.ask(document, "lis"))["errors"]
        assert error["extensions"]["code"] == "TOO_MANY_TOKENS"
    for depth, code in ((10, "INVALID"), (300, "GRAPHQL_INVALID"), (500, "GRAPHQL_INVALID")):
        rules: dict[str, Any] = {"genre": "x"}
        for _ in range(depth):
            rules = {"not": rules}
        [error] = (await place.ask(RULES, "lis", r=rules))["errors"]
        assert error["extensions"]["code"] == code, depth
