"""Behind nginx: it sends the bytes, we say which. With the real nginx where there is one."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers.base import Manners
from services.audio.accel import AccelFolders
from tests.stream.stage import describe, encode, music, stage

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
DOCUMENTED = Path(__file__).parent.parent.parent / "docs" / "files.md"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/srv/music/a.flac", "/tutti-music/a.flac"),
        ("/srv/music/Ä b%20#?/ü.mp3", "/tutti-music/%C3%84%20b%2520%23%3F/%C3%BC.mp3"),
        ("/srv/music/inner/x.mp3", "/inner/x.mp3"),
        ("/srv/music", None),
        ("/srv/musicians/a.flac", None),
        ("/srv/music/../secret", None),
        ("/srv/music/a/../../../etc/passwd", None),
        ("srv/music/a.flac", None),
        ("/etc/passwd", None),
        ("/srv/music/a\r\nX-Evil: 1", None),
        ("files:uploads/songs/ab/x.flac", None),
        ("", None),
    ],
)
def test_only_what_lies_inside_a_named_folder_has_a_place(path, place):
    folders = AccelFolders.parse(["/tutti-music=/srv/music", "/inner=/srv/music/inner"])
    assert folders.place(path) == place


@pytest.mark.parametrize(
    "text",
    ["", "/a", "a=/b", "/a=b", "/a=/", "/a=/b/../c", "/a b=/c", "/=/b", "/a/../b=/c", "/a\n=/b", "//a=/b", "/ä=/b"],
)
def test_a_place_that_could_mean_something_else_is_refused(text):
    with pytest.raises(ValueError, match="accel"):
        AccelFolders.parse([text])


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    music(folder / "a.wav", seconds=6)
    flac = encode(folder / "a.wav", "flac").rename(folder / "Grüße & 100% #1?.flac")
    return folder, flac


@pytest.mark.parametrize("express", [False, True])
async def test_an_original_is_left_to_the_server_in_front(tmp_path, sources, express):
    folder, flac = sources
    manners = Manners(accel=AccelFolders({str(folder): "/tutti-music"}))
    async with stage(tmp_path, express=express, manners=manners) as here:
        here.songs["s"] = describe(flac, kind="flac", rate=44100)
        here.songs["t"] = describe(encode(folder / "a.wav", "mp3").rename(tmp_path / "t.mp3"), kind="mp3", rate=44100)
        client = AsyncHTTPClient(force_instance=True)
        url = f"http://127.0.0.1:{here.port}/stream/%s?quality=lossless&ticket=%s"
        keep = {"Connection": "keep-alive"}  # anything else does not go through the express lane
        for headers in ({}, {"Range": "bytes=5-9"}, {"If-None-Match": "*"}):
            answer = await client.fetch(url % ("s", here.ticket("s")), headers=headers | keep)
            assert (answer.code, answer.body) == (200, b"")
            place = "/tutti-music/Gr%C3%BC%C3%9Fe%20%26%20100%25%20%231%3F.flac"
            assert answer.headers["X-Accel-Redirect"] == place
            assert answer.headers["Content-Type"] == "audio/flac"
            assert "ETag" not in answer.headers
        elsewhere = await client.fetch(url % ("t", here.ticket("t")), headers=keep)
        assert (elsewhere.code, "X-Accel-Redirect" in elsewhere.headers) == (200, False)
        assert elsewhere.body == (tmp_path / "t.mp3").read_bytes()
        refused = await client.fetch(url % ("s", "nonsense"), raise_error=False)
        assert (refused.code, "X-Accel-Redirect" in refused.headers) == (401, False)
        client.close()
        assert here.lane is None or here.lane.served == 0


def documented_places(music_folder, cache):
    """The nginx snippet of the docs, with this test's folders."""
    text = DOCUMENTED.read_text(encoding="utf-8")
    snippet = text.partition("```nginx\n")[2].partition("```")[0]
    assert "internal;" in snippet
    return snippet.replace("/srv/music/", f"{music_folder}/").replace("/var/lib/tutti/data/segments/", f"{cache}/")


@pytest.fixture
async def nginx(tmp_path, sources, unused_ports):
    """nginx with the documented snippet, in front of a port."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    front, behind = unused_ports
    snippet = documented_places(sources[0], tmp_path / "cache").replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    work = tmp_path / "nginx"
    work.mkdir()
    temporary = "".join(
        f"{name}_temp_path {work}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (work / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {work}/pid; error_log {work}/error.log;\n"
        f"events {{}} http {{ {temporary} access_log off; types {{}} default_type application/octet-stream;\n"
        f"server {{ listen 127.0.0.1:{front};\n{snippet}\n}} }}\n"
    )
    process = subprocess.Popen([NGINX, "-p", str(work), "-c", str(work / "nginx.conf")], stderr=subprocess.PIPE)  # noqa: ASYNC220
    try:
        async with asyncio.timeout(60):
            while not listens(front):
                assert process.poll() is None, process.stderr.read()
                await asyncio.sleep(0.02)
        yield front
    finally:
        process.terminate()
        process.wait(10)
        process.stderr.close()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def unused_ports():
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@pytest.mark.parametrize("express", [False, True])
async def test_nginx_sends_originals_and_whole_renditions_byte_by_byte(tmp_path, sources, nginx, unused_ports, express):
    folder, flac = sources
    places = AccelFolders.parse([f"/tutti-music={folder}", f"/tutti-segments={tmp_path}/cache"])
    async with stage(tmp_path, express=express, manners=Manners(accel=places), port=unused_ports[1]) as here:
        here.songs["s"] = describe(flac, kind="flac", rate=44100, samples=6 * 44100)
        client = AsyncHTTPClient(force_instance=True)
        base = f"http://127.0.0.1:{nginx}/stream/s?ticket={here.ticket('s')}&quality="
        made = (await client.fetch(base + "low")).body
        async with asyncio.timeout(60):
            while not list((tmp_path / "cache").glob("*/*/whole-*")):  # noqa: ASYNC110 - joined in the background
                await asyncio.sleep(0.01)
        for url, whole, kind in (
            (base + "lossless", flac.read_bytes(), "audio/flac"),
            (base + "low", made, "audio/mpeg"),
        ):
            answer = await client.fetch(url)
            assert (answer.body, answer.headers["Content-Type"]) == (whole, kind)
            assert answer.headers["Server"].startswith("nginx")
            assert answer.headers["Content-Disposition"].startswith("inline;")
            assert answer.headers["Accept-Ranges"] == "bytes"
            assert answer.headers["X-Tutti-Rendition"].startswith(("original;", "mp3"))
            assert "X-Accel-Redirect" not in answer.headers
            tag = answer.headers["ETag"]
            chance = random.Random(1)
            for _ in range(10):
                start = chance.randrange(len(whole))
                end = chance.randrange(start, len(whole))
                part = await client.fetch(url, headers={"Range": f"bytes={start}-{end}", "If-Range": tag})
                assert (part.code, part.body) == (206, whole[start : end + 1])
                assert part.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
            known = await client.fetch(url, headers={"If-None-Match": tag}, raise_error=False)
            assert (known.code, known.headers["ETag"]) == (304, tag)
            beyond = await client.fetch(url, headers={"Range": f"bytes={len(whole)}-"}, raise_error=False)
            assert beyond.code == 416
            head = await client.fetch(url, method="HEAD")
            assert (head.headers["Content-Length"], head.body) == (str(len(whole)), b"")
        for path in ("/tutti-music/a.wav", "/tutti-segments/x", "/tutti-music/..%2f..%2fetc/passwd"):
            direct = await client.fetch(f"http://127.0.0.1:{nginx}{path}", raise_error=False)
            assert direct.code in (400, 404)
        client.close()
