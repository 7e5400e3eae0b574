"""A house with the doors that the player's page needs, and Ann, for a real browser; and what fills its forms in."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import orjson
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.base import Manners
from handlers.bundle import Bundle
from handlers.bundle_file import BundleFileHandler
from handlers.graphql import GraphqlHandler
from handlers.module_graph import player_paths
from handlers.pages import WebFileHandler
from handlers.player_page import PlayerHandler, PlayerPage
from handlers.player_socket import PlayerSocket
from handlers.service_worker import ServiceWorker, ServiceWorkerHandler
from handlers.squeezed import Squeezed
from handlers.websocket_base import SocketManners, SocketPath
from server.doors import WEB
from services.timing.house_time import HouseTime
from tests.realtime.player.street import open_street


@contextlib.asynccontextmanager
async def open_house(path: Path):
    """The house at `address`; `signed_in` is the script that makes a browser Ann's."""
    bundle = Bundle()
    async with open_street(path) as street:
        ann = await street.rig.sign_in("ann")
        shared = {"house": street.house, "manners": Manners()}
        executor = build_executor(street.house, street.newsroom.feeds)
        # One clock says how late it is and when tokens end, as in a real house.
        parts = replace(street.parts, house_time=HouseTime(street.rig.clock))
        players = {**shared, "parts": parts, "socket_manners": SocketManners()}
        doors = [
            Rule(SocketPath(r"/ws"), PlayerSocket, players),
            (r"/graphql", GraphqlHandler, {**shared, "executor": executor, "sockets": street.sockets}),
            (r"/web/bundle/(.+)", BundleFileHandler, {**shared, "bundle": bundle}),
            (r"/web/(.+)", WebFileHandler, {"path": str(WEB), "squeezed": Squeezed()}),
            (r"/service-worker\.js", ServiceWorkerHandler, {**shared, "worker": ServiceWorker(bundle)}),
            (player_paths(), PlayerHandler, {**shared, "page": PlayerPage(demo=False, bundle=bundle)}),
        ]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        street.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        user = {"id": ann.user.id, "username": "ann"}
        kept = orjson.dumps({"user": user, "token": ann.token, "refreshToken": ann.refresh_token}).decode()
        # Once for each browser: whoever signs out there stays signed out.
        street.signed_in = (
            "if (!localStorage.getItem('tutti.was')) { localStorage.setItem('tutti.was', 'ann');"
            f" localStorage.setItem('tutti.sign-in', {json.dumps(kept)}); }}"
        )
        street.ann_id = ann.user.id
        try:
            yield street
        finally:
            server.stop()
            await street.sockets.drain(0)
            await server.close_all_connections()


def typed(form: str, **fields: str) -> str:
    """What fills a form in and sends it; `form` is an expression."""
    told = "".join(f"each.elements.{name}.value = {json.dumps(value)};" for name, value in fields.items())
    return f"{{ const each = {form}; {told} each.requestSubmit(); }}"


def button(words: str, within: str = "main") -> str:
    """The button with these words, as an expression."""
    return f"[...document.querySelectorAll('{within} button')].find((each) => each.textContent.trim() === '{words}')"
