"""The player's page at its addresses: what is in it, what it may run, and what its parts cost on the way."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest

from handlers.bundle import find_esbuild
from handlers.import_map import VENDORS
from handlers.module_graph import WEB, page_modules, static_modules, style_sheets
from handlers.player_page import PlayerPage
from handlers.squeezed import Squeezed, accepts_gzip
from tests.server.client import Client

MODULE = "/web/player/main.js"


@pytest.mark.parametrize("path", ["/", "/search", "/album/some-album", "/settings/security", "/playlist/x/"])
async def test_every_address_of_the_player_has_its_page(server, path):
    answer = await Client(server.base).fetch(path)
    assert (answer.code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/album", "/nowhere", "/album/", "/searching"])
async def test_an_address_of_nobody_is_refused_at_the_door(server, path):
    assert (await Client(server.base).fetch(path)).code == 404


async def test_the_only_inline_script_is_the_one_that_the_policy_names(server):
    answer = await Client(server.base).fetch("/")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.body.decode(), re.DOTALL)
    inline = [text for _, text in scripts if text]
    policy = answer.headers["Content-Security-Policy"]
    if PlayerPage(demo=False).missing:
        assert not scripts
    elif find_esbuild() is not None:
        assert not inline and "sha256" not in policy
    else:
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert len(inline) == 1 and f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_modules_are_named_nearest_first_and_each_once(tmp_path):
    folder = tmp_path / "player"
    folder.mkdir()
    (folder / "main.js").write_text("import './a.js';\nimport { b } from '/web/player/b.js';\nimport('./late.js');\n")
    (folder / "a.js").write_text(
        "import {\n  c,\n} from './c.js';\nexport * from './b.js';\nimport { x } from 'lit-html';\n"
    )
    (folder / "b.js").write_text("import { main } from './main.js';\n")
    (folder / "c.js").write_text("// import './never.js';\n")
    (folder / "late.js").write_text("")
    found = static_modules(folder / "main.js", web=tmp_path)
    assert found == ["/web/player/a.js", "/web/player/b.js", "/web/player/c.js"]


def test_the_modules_of_a_page_are_named_where_it_is_shown():
    page = PlayerPage(demo=False)
    album = page.modules_at("/album/some-album")
    assert album == page.modules_at("/album/another/") and len(set(album)) == len(album)
    assert album[: len(page.modules)] == page.modules and "/web/player/pages/album.js" in album
    assert page.modules_at("/album/some/thing") == page.modules
    assert all((WEB / each.removeprefix("/web/")).is_file() for _, own in page_modules() for each in own)


def test_what_the_page_names_is_there():
    sheets = style_sheets()
    assert sheets[:4] == [f"/web/player/look/{name}.css" for name in ("tokens", "base", "frame", "parts")]
    assert all((WEB / address.removeprefix("/web/")).is_file() for address in sheets)
    assert len(set(sheets)) == len(sheets) == len(list((WEB / "player" / "look").glob("*.css")))


def test_without_its_packages_the_player_says_which_are_missing(tmp_path):
    (tmp_path / "player" / "look").mkdir(parents=True)
    (tmp_path / "player" / "main.js").write_text("import 'lit-html';")
    assert PlayerPage(demo=False, web=tmp_path).missing == sorted({name.rstrip("/") for name in VENDORS})


async def test_files_go_out_compressed_to_those_who_take_it(server):
    plain = await Client(server.base).fetch(MODULE, decompress_response=False)
    assert "Content-Encoding" not in plain.headers
    squeezed = await Client(server.base).fetch(MODULE, headers={"Accept-Encoding": "gzip"}, decompress_response=False)
    assert gzip.decompress(squeezed.body) == plain.body
    assert (squeezed.headers["Content-Encoding"], squeezed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert squeezed.headers["Content-Type"] == plain.headers["Content-Type"] == "text/javascript"
    assert squeezed.headers["Etag"] != plain.headers["Etag"]
    again = await Client(server.base).fetch(
        MODULE, headers={"Accept-Encoding": "gzip", "If-None-Match": squeezed.headers["Etag"]}
    )
    assert (again.code, again.body) == (304, b"")
    head = await Client(server.base).fetch(
        MODULE, method="HEAD", headers={"Accept-Encoding": "gzip"}, decompress_response=False
    )
    assert (head.code, head.headers["Content-Length"]) == (200, str(len(squeezed.body)))


@pytest.mark.parametrize("path", ["/web/nope.js", "/web/../run.py", "/web/.ready.js", "/web/player", "/web/%00.js"])
async def test_a_file_that_is_not_there_is_refused_compressed_too(server, path):
    assert (await Client(server.base).fetch(path, headers={"Accept-Encoding": "gzip"})).code == 404


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, br", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_whoever_takes_it(header, taken):
    assert accepts_gzip(header) is taken


async def test_a_changed_file_is_compressed_anew_and_old_ones_make_room(tmp_path: Path):
    squeezed = Squeezed(kept_bytes=60)
    first, second = tmp_path / "a.js", tmp_path / "b.js"
    first.write_text("one")
    tag, body = await squeezed.read(first)
    assert gzip.decompress(body) == b"one" and await squeezed.read(first) == (tag, body)
    first.write_text("another")
    changed = await squeezed.read(first)
    assert changed[0] != tag and gzip.decompress(changed[1]) == b"another"
    second.write_text("x" * 4000)
    await squeezed.read(second)
    await squeezed.read(first)
    assert squeezed.kept_bytes <= 60
