"""A small furnished house with every door that the player's pages need, and Ann, who is signed in."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.base import Manners
from handlers.bundle import Bundle
from handlers.bundle_file import BundleFileHandler
from handlers.covers import CoversHandler
from handlers.graphql import GraphqlHandler
from handlers.module_graph import player_paths
from handlers.pages import WebFileHandler
from handlers.player_page import PlayerHandler, PlayerPage
from handlers.player_socket import PlayerSocket
from handlers.share import ShareHandler
from handlers.socket import GraphqlSocket
from handlers.squeezed import Squeezed
from handlers.websocket_base import SocketManners, SocketPath
from server.doors import WEB
from services.timing.house_time import HouseTime
from services.viewer import Viewer
from tests.catalogue_rig import furnish
from tests.realtime.player.street import Street, open_street
from tests.services.exercised import missing
from tests.web.chromium import Page

KEYS = {"Enter": 13, "Escape": 27, " ": 32, "ArrowUp": 38, "ArrowDown": 40}


class PlayerHouse:
    """The house at `address`; `signed_in` is what a page runs first to be Ann's, who is `ann`."""

    def __init__(self, street: Street, address: str, signed_in: str, ann: Viewer) -> None:
        self.street, self.rig, self.house = street, street.rig, street.house
        self.address, self.signed_in, self.ann = address, signed_in, ann


@contextlib.asynccontextmanager
async def open_player(path: Path) -> AsyncIterator[PlayerHouse]:
    """The house; skips the test where the player's packages are missing."""
    bundle = Bundle()
    page = PlayerPage(demo=False, bundle=bundle)
    if page.missing:
        missing("the player's packages", "make web")
    async with open_street(path) as street:
        await furnish(street.rig)
        ann = await street.rig.sign_in("ann")
        shared: dict[str, Any] = {"house": street.house, "manners": Manners()}
        graph = {**shared, "executor": build_executor(street.house, street.newsroom.stream_feeds)}
        graph["sockets"] = street.sockets
        # One clock says how late it is and when tokens end, as in a real house.
        parts = replace(street.parts, house_time=HouseTime(street.rig.clock))
        players = {**shared, "parts": parts, "socket_manners": SocketManners()}
        doors: list[Any] = [
            Rule(SocketPath(r"/ws"), PlayerSocket, players),
            Rule(SocketPath(r"/graphql"), GraphqlSocket, graph),
            (r"/graphql", GraphqlHandler, graph),
            (r"/covers/([^/]+)", CoversHandler, shared),
            (r"/share/([^/]+)", ShareHandler, shared),
            (r"/web/bundle/(.+)", BundleFileHandler, {**shared, "bundle": bundle}),
            (r"/web/(.+)", WebFileHandler, {"path": str(WEB), "squeezed": Squeezed()}),
            (player_paths(), PlayerHandler, {**shared, "page": page}),
        ]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        user = {"id": ann.user.id, "username": "ann"}
        kept = orjson.dumps({"user": user, "token": ann.token, "refreshToken": ann.refresh_token}).decode()
        signed_in = f"localStorage.setItem('tutti.sign-in', {json.dumps(kept)});"
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield PlayerHouse(street, address, signed_in, await street.house.accounts.viewer_for(ann.token))
        finally:
            server.stop()
            await street.sockets.drain(0)
            await server.close_all_connections()


async def press(page: Page, *keys: str) -> None:
    """Keys as a keyboard sends them."""
    for key in keys:
        named = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS.get(key, 0)}
        text = {"Enter": "\r", " ": " "}.get(key)
        await page.send("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": text} if text else {}))
        await page.send("Input.dispatchKeyEvent", type="keyUp", **named)


async def write(page: Page, selector: str, text: str) -> None:
    """Letters into a field."""
    await page.until(f"document.querySelector({json.dumps(selector)})")
    await page.run(f"document.querySelector({json.dumps(selector)}).focus()")
    await page.send("Input.insertText", text=text)


async def click(page: Page, selector: str, words: str = "") -> None:
    """The first button or link that this selects and that says these words, once it is there."""
    said = f"(one.ariaLabel ?? '').includes({json.dumps(words)}) || one.innerText.includes({json.dumps(words)})"
    find = f"[...document.querySelectorAll({json.dumps(selector)})].find((one) => {said})"
    await page.until(find)
    await page.run(f"{find}.click()")
