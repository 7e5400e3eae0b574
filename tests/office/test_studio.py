"""The studio's lists, and the door of both pages."""

from __future__ import annotations

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from handlers.admin import OfficePageHandler
from handlers.base import Manners
from handlers.import_map import IMPORT_MAP, MODULE_POLICY
from services.errors import Denied
from services.viewer import Role
from tests.catalogue_rig import Rig, rig

__all__ = ["rig"]


async def test_an_artist_sees_their_own_artists_and_files_and_nobody_elses(rig: Rig) -> None:
    ann, bob = await rig.sign_up("ann", Role.ARTIST), await rig.sign_up("bob", Role.ARTIST)
    await rig.artist("hers", owner_id=ann.user_id, is_hidden=True)
    await rig.artist("his", owner_id=bob.user_id)
    await rig.data('mutation { createUpload(fileName: "a.flac", size: 10) { upload { id } } }', ann)
    query = "{ myArtists { id isHidden } myUploads { fileName received state } }"
    assert await rig.data(query, ann) == {
        "myArtists": [{"id": "hers", "isHidden": True}],
        "myUploads": [{"fileName": "a.flac", "received": 0, "state": "OPEN"}],
    }
    assert (await rig.data(query, bob))["myUploads"] == []
    with pytest.raises(Denied):
        await rig.house.studio.uploads(await rig.sign_up("cyd"))


async def test_the_pages_allow_nothing_inline_and_are_not_to_be_found(rig: Rig) -> None:
    doors = [(r"/(admin|studio)", OfficePageHandler, {"house": rig.house, "manners": Manners()})]
    server = HTTPServer(Application(doors, log_function=lambda _: None))
    listening, port = bind_unused_port()
    server.add_sockets([listening])
    for page, script in (("admin", "/web/admin/main.js"), ("studio", "/web/studio/main.js")):
        answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/{page}")
        body = answer.body.decode()
        assert answer.headers["Content-Security-Policy"] == MODULE_POLICY and "unsafe" not in MODULE_POLICY
        assert (answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == ("noindex", "no-referrer")
        assert f'<script type="module" src="{script}"></script>' in body
        # The import map, whose hash the policy names, and the one module.
        assert body.count("<script") == 2 and f">{IMPORT_MAP}</script>" in body
        assert "<style" not in body and "style=" not in body
    server.stop()
    await server.close_all_connections()
