"""A small furnished house in this process, with every door that pages need, and Ann, who is signed in."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.admin import OfficePageHandler
from handlers.base import Manners
from handlers.bundle import Bundle
from handlers.bundle_file import BundleFileHandler
from handlers.covers import CoversHandler
from handlers.graphql import GraphqlHandler
from handlers.module_graph import player_paths
from handlers.pages import WebFileHandler
from handlers.player_page import PlayerHandler, PlayerPage
from handlers.player_socket import PlayerSocket
from handlers.service_worker import ServiceWorker, ServiceWorkerHandler
from handlers.share import ShareHandler
from handlers.socket import GraphqlSocket
from handlers.squeezed import Squeezed
from handlers.websocket_base import SocketManners, SocketPath
from server.doors import WEB
from services.accounts.signing_in import SignedIn
from services.house import House
from services.timing.house_time import HouseTime
from services.viewer import Viewer
from tests.catalogue_rig import Rig, furnish
from tests.realtime.player.street import Street, open_street
from tests.services.exercised import missing


@dataclass
class PlayerHouse:
    """The house at `address`; `signed_in` is what a page runs first to be Ann's, who is `ann`."""

    street: Street
    address: str
    signed_in: str
    ann: Viewer

    @property
    def rig(self) -> Rig:
        """What fills the house."""
        return self.street.rig

    @property
    def house(self) -> House:
        """The house itself."""
        return self.street.house

    @property
    def ann_id(self) -> str:
        """Ann's id."""
        return self.ann.user_id or ""


def signed_in(told: SignedIn) -> str:
    """What makes a browser somebody's, once: whoever signs out there stays signed out."""
    user = {"id": told.user.id, "username": told.user.username}
    kept = orjson.dumps({"user": user, "token": told.token, "refreshToken": told.refresh_token}).decode()
    return (
        "if (!localStorage.getItem('tutti.was')) { localStorage.setItem('tutti.was', 'here');"
        f" localStorage.setItem('tutti.sign-in', {json.dumps(kept)}); }}"
    )


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
            (r"/(admin|studio)", OfficePageHandler, shared),
            (r"/web/bundle/(.+)", BundleFileHandler, {**shared, "bundle": bundle}),
            (r"/web/(.+)", WebFileHandler, {"path": str(WEB), "squeezed": Squeezed()}),
            (r"/service-worker\.js", ServiceWorkerHandler, {**shared, "worker": ServiceWorker(bundle)}),
            (player_paths(), PlayerHandler, {**shared, "page": page}),
        ]
        server = HTTPServer(Application(doors, log_function=lambda _: None))
        [listening] = bind_sockets(0, "127.0.0.1")
        server.add_sockets([listening])
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield PlayerHouse(street, address, signed_in(ann), await street.house.accounts.viewer_for(ann.token))
        finally:
            server.stop()
            await street.sockets.drain(0)
            await server.close_all_connections()
