"""Both GraphQL doors, HTTP and socket, around an executor of a test's own choice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import websockets
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.routing import Rule
from tornado.testing import bind_unused_port
from tornado.web import Application

from graph.execute import Executor
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from handlers.socket import GraphqlSocket
from handlers.websocket_base import SocketPath
from realtime.sockets import OpenSockets
from tests.catalogue_rig import Client, Rig


@dataclass
class Doors(Client):
    """Somebody outside, who can open a socket too."""

    sockets: OpenSockets

    @asynccontextmanager
    async def socket(self, token: str | None = None) -> AsyncIterator[Any]:
        """`await ask(query, …)` over a socket: the payloads of the frames up to `complete`, or of the `error`."""
        address = self.base.replace("http", "ws") + "/graphql"
        async with websockets.connect(address, subprotocols=["graphql-transport-ws"]) as ws:
            await ws.send(json.dumps({"type": "connection_init", "payload": {"token": token} if token else {}}))
            assert json.loads(await ws.recv())["type"] == "connection_ack"
            number = 0

            async def ask(query: str | None = None, **payload: Any) -> list[dict[str, Any]]:
                nonlocal number
                number += 1
                if query is not None:
                    payload["query"] = query
                await ws.send(json.dumps({"type": "subscribe", "id": str(number), "payload": payload}))
                told = []
                while True:
                    frame = json.loads(await asyncio.wait_for(ws.recv(), 60))
                    assert frame["id"] == str(number)
                    if frame["type"] == "complete":
                        return told
                    if frame["type"] == "error":
                        return [{"errors": frame["payload"]}]
                    told.append(frame["payload"])

            yield ask


@asynccontextmanager
async def open_doors(rig: Rig, executor: Executor, **manners: Any) -> AsyncIterator[Doors]:
    """The doors on a real port."""
    shared = {"house": rig.house, "manners": Manners(**manners), "executor": executor}
    sockets = OpenSockets()
    application = Application(
        [
            Rule(SocketPath(r"/graphql"), GraphqlSocket, {**shared, "sockets": sockets}),
            (r"/graphql", GraphqlHandler, shared),
        ],
        log_function=lambda handler: None,
    )
    listening, port = bind_unused_port()
    server = HTTPServer(application)
    server.add_sockets([listening])
    client = AsyncHTTPClient(force_instance=True)
    try:
        yield Doors(f"http://127.0.0.1:{port}", client, sockets)
    finally:
        await sockets.drain(1)
        server.stop()
        await server.close_all_connections()
        client.close()
