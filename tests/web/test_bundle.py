"""The player put together: which files come of which modules, when they are made anew, and how they go out."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from handlers import bundle as bundle_module
from handlers.base import Manners
from handlers.bundle import MANY_PAGES, Bundle, find_esbuild, first_modules, put_together
from handlers.bundle_file import BundleFileHandler
from handlers.module_graph import WEB, pages
from handlers.service_worker import ServiceWorker
from tests.server.client import Client
from tests.services.exercised import missing

ESBUILD = find_esbuild()


@pytest.fixture
def esbuild():
    if ESBUILD is None:
        missing("esbuild", "make web")
    return ESBUILD


@pytest.fixture
def web(tmp_path, esbuild) -> Path:
    """A small player: two pages that share a module with the frame and one with each other."""
    files = {
        "player/main.js": "import { count } from './parts/count.js'; count.is = 1; import('./late.js');",
        "player/late.js": "import { count } from './parts/count.js'; globalThis.late = count;",
        "player/parts/count.js": "globalThis.evaluated = 1; export const count = { is: 0 };",
        "player/parts/pair.js": "export const pair = 'pairs';",
        "player/pages/one.js": "import { pair } from '../parts/pair.js'; export const page = { areas: ['one'], pair };",
        "player/pages/two.js": (
            "import { count } from '../parts/count.js'; import { pair } from '../parts/pair.js';"
            " export const page = { count, pair };"
        ),
        "player/frame/routes.js": (
            "['/one', () => import('../pages/one.js')],\n['/two/{id}', () => import('../pages/two.js')]"
        ),
        **{f"player/look/{name}.css": f".{name} {{ color: red; }}" for name in ("tokens", "base", "frame", "parts")},
    }
    for name, text in files.items():
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    package = tmp_path / "web" / "node_modules" / "@esbuild" / "here"
    package.parent.mkdir(parents=True)
    package.symlink_to(esbuild.parent.parent)
    return tmp_path / "web"


def test_a_module_is_in_one_file_only(web, esbuild):
    made = put_together(web, esbuild)
    holding = [address for address, file in made.files.items() if b"evaluated" in file.plain]
    assert len(holding) == 1
    [one, two] = [page for _, page in pages(web)]
    assert holding[0] in made.modules_for(None, web) and holding[0] in made.modules_for(two, web)
    pairs = [address for address, file in made.files.items() if b'"pairs"' in file.plain]
    assert len(pairs) == 1 and pairs[0] in made.modules_for(one, web) and pairs[0] not in made.modules_for(None, web)


def test_files_are_named_by_what_is_in_them_and_the_shell_has_what_comes_later(web, esbuild):
    made = put_together(web, esbuild)
    assert put_together(web, esbuild).files == made.files
    assert all(re.search(r"-[0-9A-Z]{8}\.(js|css)$", address) for address in made.files)
    assert made.named["player/main.js"] == made.main and made.main in made.shell and made.sheet in made.shell
    assert any(b"globalThis.late" in made.files[address].plain for address in made.shell)
    assert b".tokens" in made.files[made.sheet].plain and made.files[made.sheet].plain.index(b".tokens") < made.files[
        made.sheet
    ].plain.index(b".parts")
    assert all(gzip.decompress(file.squeezed) == file.plain for file in made.files.values())


async def test_a_changed_file_is_in_the_next_making_and_the_former_parts_are_still_there(web, monkeypatch):
    monkeypatch.setattr(bundle_module, "LOOK_S", -1)
    bundle = Bundle(web=web)
    before = await bundle.latest()
    assert before is not None and await bundle.latest() is before
    page = web / "player" / "pages" / "two.js"
    page.write_text(page.read_text() + "\nglobalThis.changed = 1;")
    after = await bundle.latest()
    assert after is not None and after.named["player/pages/two.js"] != before.named["player/pages/two.js"]
    old = await bundle.file(before.named["player/pages/two.js"])
    assert old is not None and b"changed" not in old.plain


async def test_what_does_not_fit_together_goes_out_file_by_file(web, monkeypatch, log_watch):
    monkeypatch.setattr(bundle_module, "LOOK_S", -1)
    (web / "player" / "late.js").write_text("import { nobody } from './parts/count.js'; nobody(")
    bundle = Bundle(web=web)
    log_watch.expect("the player's files go out one by one")
    assert await bundle.latest() is None
    (web / "player" / "late.js").write_text("globalThis.late = 2;")
    assert await bundle.latest() is not None


async def test_without_esbuild_nothing_is_put_together(tmp_path):
    assert find_esbuild(tmp_path) is None
    assert await Bundle(web=tmp_path).latest() is None
    assert await Bundle(wanted=False).latest() is None


async def test_files_are_kept_for_ever_and_modules_found_by_name(tmp_path, esbuild):
    async def ask(bundle, path, **headers):
        handed = {"house": None, "manners": Manners(), "bundle": bundle}
        doors = [(r"/web/bundle/(.+)", BundleFileHandler, handed)]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        try:
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            return await Client(base).fetch(path, headers=headers, decompress_response=False)
        finally:
            server.stop()
            await server.close_all_connections()

    bundle = Bundle()
    made = await bundle.latest()
    assert made is not None
    file = made.files[made.main]
    plain = await ask(bundle, made.main)
    assert (plain.code, plain.body) == (200, file.plain)
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    squeezed = await ask(bundle, made.main, **{"Accept-Encoding": "gzip"})
    assert (squeezed.body, squeezed.headers["Content-Encoding"]) == (file.squeezed, "gzip")
    assert "Accept-Encoding" in squeezed.headers["Vary"]
    name = "player/frame/router.js"
    named = await ask(bundle, f"/web/bundle/{name}")
    assert named.body.decode() == f"export * from '{made.named[name]}';\n"
    assert named.headers["Cache-Control"] == "no-cache"
    single = await ask(Bundle(wanted=False), f"/web/bundle/{name}")
    assert single.body.decode() == f"export * from '/web/{name}';\n"
    for path in ("nothing.js", "room/page.js", "player/../../run.py", "%00.js"):
        assert (await ask(bundle, f"/web/bundle/{path}")).code == 404
        assert (await ask(Bundle(wanted=False), f"/web/bundle/{path}")).code == 404


async def test_the_worker_keeps_what_was_put_together(esbuild):
    bundle = Bundle()
    made = await bundle.latest()
    text = await ServiceWorker(bundle).text()
    assert made is not None and made.main in text and made.sheet in text and "/web/player/sound/limiter.js" in text
    assert "/web/player/main.js" not in text
    assert "/web/player/main.js" in await ServiceWorker().text()


def test_modules_of_many_pages_come_with_every_page():
    first = {path.relative_to(WEB).as_posix() for path in first_modules()}
    assert "player/frame/frame.js" in first and "player/parts/song_rows.js" in first
    assert "player/pages/album.js" not in first and "player/sound/sound.js" not in first
    assert MANY_PAGES > 1
