"""A house small enough for socket tests: a counting schema, a doorman, a real server around the real door."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    subscribe,
    validate,
)
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from handlers.base import Manners
from handlers.socket import GraphqlSocket
from handlers.websocket_base import SocketManners, SocketPath
from realtime.broker import Broker, LocalBroker
from realtime.hub import Hub
from realtime.messages import SUBPROTOCOL
from realtime.now_playing import NowPlayingNews
from realtime.player.crowd import Crowd, CrowdLimits
from realtime.session_ends import SessionEnds
from realtime.sockets import OpenSockets
from realtime.transport import Limits
from services.clock import Clock
from services.errors import NotFound, Unauthenticated, Unavailable
from services.events import Bus
from services.now_playing import NowPlaying
from services.viewer import NOBODY, Viewer
from storage.records.user import User, UserPreferences

SDL = """
type Query { hello: String! me: String wait: Boolean missing: String broken: String! }
type Mutation { play(songId: ID!): Boolean slow: Boolean }
type Subscription {
  count(to: Int!): Int!
  forever: Int!
  flood(bytes: Int!): String!
  boom: Int!
  refused: Int!
  nowPlaying(userId: ID!): Moment
}
type Moment { userId: ID! songId: ID at: String! }
"""


@dataclass
class Doorman:
    """Tokens that are their user's id; `bad` is nobody's, `bug` breaks, `away` finds the stores away."""

    clock: Clock
    lasts_s: dict[str, float] = field(default_factory=dict)

    async def viewer_for(self, token: str) -> Viewer:
        await asyncio.sleep(0)
        if token == "bug":
            raise RuntimeError("the doorman fell")
        if token == "away":
            raise Unavailable("The store is away.")
        user_id, _, session = token.partition("/")
        if user_id not in PEOPLE:
            raise Unauthenticated("Sign in again.", code="TOKEN_INVALID")
        viewer = Viewer(user_id=user_id, session_id=session or f"session-of-{user_id}")
        if token in self.lasts_s:
            viewer = replace(viewer, expires_at=self.clock.now() + timedelta(seconds=self.lasts_s[token]))
        return viewer

    async def renewed(self, viewer: Viewer) -> Viewer:
        return viewer


PEOPLE = ("ann", "bob", "cat")


def person(name: str, clock: Clock) -> User:
    now = clock.now()
    return User(name, f"{name}@x.test", f"{name}@x.test", name, name, "", now, now, preferences=UserPreferences())


class SmallGraph:
    """Stands in for `graph.execute.Executor` over a schema made for tests."""

    def __init__(self, now_playing: NowPlaying, feed: NowPlayingNews) -> None:
        self.schema = build_schema(SDL)
        self.now_playing = now_playing
        self.feed = feed
        self.open_streams = 0
        self.release = asyncio.Event()
        self.finished_mutations = 0
        fields = self.schema.subscription_type.fields
        for name in ("count", "forever", "flood", "boom", "refused"):
            fields[name].subscribe = getattr(self, f"_{name}")
            fields[name].resolve = lambda value, _info, **_: value
        fields["nowPlaying"].subscribe = self._now_playing
        fields["nowPlaying"].resolve = lambda m, _info, **_: {
            "userId": m.user_id,
            "songId": m.song_id,
            "at": m.at.isoformat(),
        }
        query, mutation = self.schema.query_type.fields, self.schema.mutation_type.fields
        query["hello"].resolve = lambda *_: "world"
        query["me"].resolve = lambda _, info: info.context.user_id
        query["wait"].resolve = self._wait
        query["missing"].resolve = self._missing
        query["broken"].resolve = self._missing
        mutation["play"].resolve = self._play
        mutation["slow"].resolve = self._slow

    def admit(self, requests: Any, viewer: Any, *, caller: Any) -> None:
        pass

    def operation_kind(self, request: Any) -> str | dict[str, Any]:
        try:
            document = parse(request.query)
        except GraphQLError as error:
            return {"errors": [error.formatted]}
        errors = validate(self.schema, document)
        if errors:
            return {"errors": [error.formatted for error in errors]}
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return {"errors": [{"message": "Which operation?"}]}
        return operation.operation.value

    def _asked(self, request: Any, viewer: Viewer) -> dict[str, Any]:
        return {
            "context_value": viewer,
            "variable_values": request.variables,
            "operation_name": request.operation_name,
        }

    async def execute(self, request: Any, viewer: Viewer, *, caller: Any) -> dict[str, Any]:
        if "explode" in request.query:
            raise RuntimeError("the executor fell")
        if isinstance(refused := self.operation_kind(request), dict):
            return refused
        result = execute(self.schema, parse(request.query), **self._asked(request, viewer))
        if not isinstance(result, ExecutionResult):
            result = await result
        return result.formatted

    async def subscribe(self, request: Any, viewer: Viewer, *, caller: Any) -> Any:
        found = subscribe(self.schema, parse(request.query), **self._asked(request, viewer))
        if not isinstance(found, ExecutionResult) and not hasattr(found, "__anext__"):
            found = await found
        if isinstance(found, ExecutionResult):
            return {"errors": found.formatted["errors"]}
        return self._formatted(found)

    async def _formatted(self, results: Any) -> AsyncIterator[dict[str, Any]]:
        self.open_streams += 1
        try:
            async with contextlib.aclosing(results) as stream:
                async for result in stream:
                    yield result.formatted
        finally:
            self.open_streams -= 1

    async def _count(self, _root, _info, to):
        for number in range(1, to + 1):
            yield number

    async def _forever(self, _root, _info):
        number = 0
        while True:
            yield number
            number += 1
            await asyncio.sleep(0.02)

    async def _flood(self, _root, _info, bytes):
        while True:
            yield "x" * bytes

    async def _boom(self, _root, _info):
        yield 1
        raise NotFound("It is gone.")

    async def _refused(self, _root, _info):
        yield 1
        raise RuntimeError("a secret path in a message")

    async def _now_playing(self, _root, info, userId):
        return await self.feed(info.context, userId)

    async def _wait(self, *_):
        await self.release.wait()
        return True

    async def _slow(self, *_):
        await self.release.wait()
        self.finished_mutations += 1
        return True

    async def _missing(self, *_):
        raise GraphQLError("No such thing.", extensions={"code": "NOT_FOUND"})

    async def _play(self, _root, info, songId):
        await self.now_playing.report(info.context, songId)
        return True


class SmallHouse:
    """Everything behind the socket door, started by `open_house`."""

    def __init__(
        self,
        limits: Limits,
        socket_manners: SocketManners,
        broker: Broker | None,
        max_sockets: int,
        crowd: CrowdLimits | None,
    ) -> None:
        self.clock = Clock()
        self.bus = Bus()
        self.hub = Hub()
        self.broker = broker or LocalBroker()
        self.sockets = OpenSockets(limit=max_sockets)
        self.crowd = Crowd(self.clock, crowd)
        self.people = {name: person(name, self.clock) for name in PEOPLE}
        self.now_playing = NowPlaying(users=self._user, may_hear=self._may_hear, bus=self.bus, clock=self.clock)
        self.news = NowPlayingNews(now_playing=self.now_playing, bus=self.bus, broker=self.broker, hub=self.hub)
        self.ends = SessionEnds(bus=self.bus, broker=self.broker, sockets=self.sockets)
        self.graph = SmallGraph(self.now_playing, self.news)
        self.doorman = Doorman(self.clock)
        parts = {
            "house": SimpleNamespace(clock=self.clock, accounts=self.doorman),
            "manners": Manners(cors_origins=frozenset({"https://friend.test"})),
            "executor": self.graph,
            "sockets": self.sockets,
            "limits": limits,
            "crowd": self.crowd,
            "socket_manners": socket_manners,
        }
        self.server = HTTPServer(Application([Rule(SocketPath(r"/graphql"), GraphqlSocket, parts)]))
        self.port = 0

    async def _user(self, user_id: str) -> User | None:
        return self.people.get(user_id)

    async def _may_hear(self, viewer: Viewer, user_id: str) -> bool:
        user = self.people.get(user_id)
        return viewer.signed_in and user is not None and not user.preferences.private_session

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    def client(self, **options: Any) -> Client:
        return Client(self.url, options)


@contextlib.asynccontextmanager
async def open_house(
    *,
    limits: Limits | None = None,
    socket_manners: SocketManners | None = None,
    broker: Broker | None = None,
    max_sockets: int = 1000,
    crowd: CrowdLimits | None = None,
) -> AsyncIterator[SmallHouse]:
    house = SmallHouse(limits or Limits(), socket_manners or SocketManners(), broker, max_sockets, crowd)
    house.news.start()
    house.ends.start()
    await house.broker.start()
    [listening] = bind_sockets(0, "127.0.0.1")
    house.port = listening.getsockname()[1]
    house.server.add_sockets([listening])
    try:
        yield house
    finally:
        house.server.stop()
        await house.sockets.drain(0)
        await house.server.close_all_connections()
        await house.broker.stop()
        house.ends.stop()
        house.news.stop()
        assert (len(house.sockets), len(house.crowd)) == (0, 0)
        assert len(house.hub) == 0
        assert house.graph.open_streams == 0


class Client:
    """A raw client: frames in, frames out, and the close it got."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._url = url
        self._options = {"subprotocols": [SUBPROTOCOL], "open_timeout": 5, "compression": None} | options
        self.ws: ClientConnection

    async def __aenter__(self) -> Client:
        self.ws = await connect(self._url, **self._options)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.ws.close()

    async def send(self, message: Any) -> None:
        await self.ws.send(message if isinstance(message, str | bytes) else orjson.dumps(message).decode())

    async def receive(self) -> dict[str, Any]:
        return orjson.loads(await asyncio.wait_for(self.ws.recv(), 5))

    async def init(self, token: str | None = None) -> dict[str, Any]:
        await self.send({"type": "connection_init", "payload": {"token": token} if token else None})
        answer = await self.receive()
        assert answer["type"] == "connection_ack", answer
        return answer

    async def subscribe(self, query: str, id: str = "1", **payload: Any) -> None:
        await self.send({"id": id, "type": "subscribe", "payload": {"query": query, **payload}})

    async def closed(self) -> tuple[int | None, str | None]:
        """The code and reason of the server's close; frames before it are read away."""

        async def read() -> None:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await self.ws.recv()

        await asyncio.wait_for(read(), 8)
        return self.ws.close_code, self.ws.close_reason


async def until(condition: Any, timeout_s: float = 5.0) -> None:
    """Return once `condition()` is true."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - a condition of anything, not of ours to signal
            await asyncio.sleep(0.005)


__all__ = ["NOBODY", "Client", "SmallHouse", "open_house", "until"]
