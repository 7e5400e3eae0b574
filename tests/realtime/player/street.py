"""A real small house with the players' door open, and raw clients of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from handlers.base import Manners
from handlers.player_socket import PlayerSocket
from handlers.websocket_base import SocketManners, SocketPath
from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.player.crowd import Crowd, CrowdLimits
from realtime.player.encoded import EncodedFrames
from realtime.player.limits import PlayerLimits
from realtime.player.session import PlayerParts
from realtime.player.table import player_verbs
from realtime.player.verbs import Verbs
from realtime.sockets import OpenSockets
from services.accounts.signing_in import SignedIn
from services.clock import Clock
from services.timing.house_time import HouseTime
from tests.catalogue_rig import Rig, small_house


class Player:
    """A raw client of `/ws`: frames in, frames out, and the close it got."""

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        self._options = {"open_timeout": 5, "compression": None} | options
        self.events: list[dict[str, Any]] = []
        self.ws: ClientConnection

    async def __aenter__(self) -> Player:
        self.ws = await connect(self._url, **self._options)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ws.close()

    async def send(self, frame: Any) -> None:
        await self.ws.send(frame if isinstance(frame, str | bytes) else orjson.dumps(frame).decode())

    async def receive(self) -> dict[str, Any]:
        return orjson.loads(await asyncio.wait_for(self.ws.recv(), 5))

    async def ask(self, op: str, id: str = "1", **members: Any) -> dict[str, Any]:
        """The answer to an operation; events that come before it are kept in `events`."""
        await self.send({"op": op, "id": id, **members})
        while "ev" in (frame := await self.receive()):
            self.events.append(frame)
        assert frame["re"] == id, frame
        return frame

    async def event(self) -> dict[str, Any]:
        """The next event."""
        if self.events:
            return self.events.pop(0)
        frame = await self.receive()
        assert "ev" in frame, frame
        return frame

    async def closed(self) -> tuple[int | None, str | None]:
        """The code and reason of the server's close; frames before it are read away."""

        async def read() -> None:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.ws.recv()

        await asyncio.wait_for(read(), 8)
        return self.ws.close_code, self.ws.close_reason


class Street:
    """A house whose players' door is open. `verbs` joins what a test brings to the real table."""

    def __init__(
        self, rig: Rig, verbs: Verbs | None, limits: PlayerLimits, crowd: CrowdLimits, manners: SocketManners
    ) -> None:
        self.rig = rig
        self.house = rig.house
        self.hub = Hub()
        self.broker = LocalBroker()
        self.sockets = OpenSockets()
        self.newsroom = Newsroom(rig.house, hub=self.hub, broker=self.broker, sockets=self.sockets)
        self.parts = PlayerParts(
            rig.house,
            self.newsroom.feeds,
            HouseTime(Clock()),
            Verbs(player_verbs(), *([] if verbs is None else [verbs])),
            self.sockets,
            Crowd(rig.clock, crowd),
            EncodedFrames(),
            limits,
        )
        shared = {"house": rig.house, "manners": Manners(), "parts": self.parts, "socket_manners": manners}
        application = Application([Rule(SocketPath(r"/ws"), PlayerSocket, shared)], log_function=lambda _: None)
        self.server = HTTPServer(application)
        self.url = ""

    def player(self, **options: Any) -> Player:
        return Player(self.url, **options)

    @contextlib.asynccontextmanager
    async def greeted(self, signed_in: SignedIn, **options: Any) -> AsyncIterator[Player]:
        async with Player(self.url, **options) as player:
            assert (await player.ask("hello", token=signed_in.token))["ok"] is True
            yield player


@contextlib.asynccontextmanager
async def open_street(
    path: Path,
    *,
    verbs: Verbs | None = None,
    limits: PlayerLimits | None = None,
    crowd: CrowdLimits | None = None,
    manners: SocketManners | None = None,
) -> AsyncIterator[Street]:
    """A street for one test; what is still open at its end is closed, and nothing may be left."""
    async with small_house(path) as rig:
        street = Street(rig, verbs, limits or PlayerLimits(), crowd or CrowdLimits(), manners or SocketManners())
        street.newsroom.start()
        [listening] = bind_sockets(0, "127.0.0.1")
        street.url = f"ws://127.0.0.1:{listening.getsockname()[1]}/ws"
        street.server.add_sockets([listening])
        try:
            yield street
        finally:
            street.server.stop()
            await street.sockets.drain(0)
            await street.server.close_all_connections()
            street.newsroom.stop()
            assert (len(street.sockets), len(street.hub), len(street.parts.crowd)) == (0, 0, 0)


@contextlib.asynccontextmanager
async def alone(path: Path, *, client: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[Any]:
    """A street and one player on it, who is Ann."""
    async with open_street(path, **options) as street:
        ann = await street.rig.sign_in("ann")
        async with street.greeted(ann, **(client or {})) as player:
            yield street, player
