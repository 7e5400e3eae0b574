"""The page behind a room's link: who gets it, what it may load, and what a link that leads nowhere says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.base import Manners
from handlers.join import JoinHandler
from server.observe import without_secrets
from tests.catalogue_rig import small_house

WEB = Path(__file__).parents[2] / "web"


@pytest.fixture
async def door(tmp_path):
    """A house with a room, a link into it, and the door of the page."""
    async with small_house(tmp_path) as rig:
        ann = await rig.sign_up("ann")
        room = await rig.house.rooms.create(ann, "Kitchen")
        rig.ann, rig.room, rig.invite = ann, room, await rig.house.room_invites.create(ann, room.id)
        listening, port = bind_unused_port()
        shared = {"house": rig.house, "manners": Manners()}
        server = HTTPServer(Application([(r"/join/([^/]+)", JoinHandler, shared)], log_function=lambda _: None))
        server.add_sockets([listening])
        http = AsyncHTTPClient(force_instance=True)

        async def ask(token, method="GET"):
            return await http.fetch(f"http://127.0.0.1:{port}/join/{token}", method=method, raise_error=False)

        rig.ask = ask
        yield rig
        server.stop()
        await server.close_all_connections()
        http.close()


async def test_a_link_opens_a_page_that_tells_nobody_else_of_it(door):
    answer = await door.ask(door.invite.token)
    assert answer.code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    page = answer.body.decode()
    assert '<script type="module" src="/web/room/page.js"></script>' in page
    assert door.invite.token not in page and "Kitchen" not in page
    assert (await door.ask(door.invite.token, "HEAD")).code == 200


async def test_a_link_that_leads_nowhere_says_so_before_a_name_is_typed(door):
    unknown = await door.ask("nonsense")
    await door.house.room_invites.revoke(door.ann, door.room.id, door.invite.invite.id)
    revoked = await door.ask(door.invite.token)
    for answer in (unknown, revoked):
        assert answer.code == 404
        assert "This link leads nowhere any more" in answer.body.decode()
        assert "<script" not in answer.body.decode()


async def test_a_link_into_a_room_that_was_closed_leads_nowhere(door):
    await door.house.rooms.close(door.ann, door.room.id)
    assert (await door.ask(door.invite.token)).code == 404


def test_the_link_is_struck_out_of_logs():
    assert without_secrets("GET /join/zpVTKgBxsIsK HTTP/1.1") == "GET /join/*** HTTP/1.1"


def test_everything_that_the_page_loads_is_there():
    files = [WEB / "join.html", *(WEB / "room").glob("*.js")]
    named = {path for file in files for path in re.findall(r"/web/([\w./-]+\.(?:js|css|svg))", file.read_text())}
    beside = {path for file in files for path in re.findall(r"'\.\./([\w./-]+\.js)'", file.read_text())}
    found = named | beside
    assert {"room/page.js", "room/room.css", "timing/clock.js", "timing/correction.js"} <= found
    assert [path for path in sorted(found) if not (WEB / path).is_file()] == []
