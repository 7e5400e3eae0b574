"""A session that ends takes its sockets and streams along at every door of every process, at once; others stay."""

from __future__ import annotations

import contextlib
import copy
import shutil

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.routing import Rule
from tornado.web import Application

from graph.build import build_executor
from handlers.base import Manners
from handlers.graphql import GraphqlHandler
from handlers.player_socket import PlayerSocket
from handlers.socket import GraphqlSocket
from handlers.websocket_base import SocketPath
from realtime.broker import LocalBroker
from realtime.hub import Hub
from realtime.newsroom import Newsroom
from realtime.player.crowd import Crowd, CrowdLimits
from realtime.player.encoded import EncodedFrames
from realtime.player.limits import PlayerLimits
from realtime.player.session import PlayerParts
from realtime.player.table import player_verbs
from realtime.redis_broker import RedisBroker
from realtime.sockets import OpenSockets
from realtime.transport import Limits
from services.clock import Clock
from services.events import Bus
from services.timing.house_time import HouseTime
from services.viewer import NOBODY
from tests.catalogue_rig import PASSWORD, small_house
from tests.realtime.player.street import Player
from tests.realtime.small_house import Client, until
from tests.realtime.test_event_stream import Stream
from tests.services.exercised import exercised, missing
from tests.services.redis_server import RedisServer

QUEUE = "subscription { queue { rev } }"


class Doors:
    """One process's doors over the house; `bus` is what is told in this process."""

    def __init__(self, rig, broker, bus, crowd=None):
        house = copy.copy(rig.house)
        house.bus = bus
        self.broker, self.hub, self.sockets = broker, Hub(), OpenSockets()
        self.newsroom = Newsroom(house, hub=self.hub, broker=broker, sockets=self.sockets)
        feeds = self.newsroom.feeds
        self.crowd = Crowd(rig.clock, crowd)
        time, frames, limits = HouseTime(Clock()), EncodedFrames(), PlayerLimits(frame_burst=10**9)
        parts = PlayerParts(house, feeds, time, player_verbs(), self.sockets, self.crowd, frames, limits)
        shared = {"house": house, "manners": Manners()}
        graph = {**shared, "executor": build_executor(house, self.newsroom.stream_feeds), "sockets": self.sockets}
        # The house's clock stands still, so nobody would ever be let go on.
        graph |= {"crowd": self.crowd, "limits": Limits(message_burst=10**9)}
        rules = [
            Rule(SocketPath(r"/graphql"), GraphqlSocket, graph),
            Rule(SocketPath(r"/ws"), PlayerSocket, {**shared, "parts": parts}),
            (r"/graphql", GraphqlHandler, graph),
        ]
        self.server = HTTPServer(Application(rules, log_function=lambda _: None))

    async def __aenter__(self):
        [listening] = bind_sockets(0, "127.0.0.1")
        self.url = f"ws://127.0.0.1:{listening.getsockname()[1]}/graphql"
        self.server.add_sockets([listening])
        await self.broker.start()
        if isinstance(self.broker, RedisBroker):
            await self.broker.wait_connected()
        self.newsroom.start()
        return self

    async def __aexit__(self, *_):
        self.server.stop()
        await self.sockets.drain(0)
        await self.server.close_all_connections()
        self.newsroom.stop()
        await self.broker.stop()
        assert (len(self.sockets), len(self.hub), len(self.crowd)) == (0, 0, 0)

    async def opened(self, stack, signed_in):
        """A player, a subscriber and a stream of events of one session."""
        player = await stack.enter_async_context(Player(self.url.replace("/graphql", "/ws")))
        assert (await player.ask("hello", token=signed_in.token))["ok"] is True
        client = await stack.enter_async_context(Client(self.url, {}))
        await client.init(signed_in.token)
        await client.subscribe(QUEUE)
        assert (await client.receive())["type"] == "next"
        stream = await Stream(self, signed_in.token).post(QUEUE)
        stack.push_async_callback(stream.aclose)
        assert (await stream.event())[0] == "next"
        return player, client, stream


@pytest.fixture
async def redis_server(tmp_path):
    if shutil.which("redis-server") is None:
        missing("Redis", "install redis-server")
    server = RedisServer(tmp_path)
    await server.start()
    exercised("Redis")
    yield server
    server.kill()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
def brokers(request):
    if request.param == "memory":
        return [LocalBroker()] * 2
    url = request.getfixturevalue("redis_server").url
    return [RedisBroker(url, clock=Clock(), pulse_s=0.5, longest_wait_s=0.2) for _ in "12"]


@pytest.mark.parametrize("why", ["logged out everywhere", "suspended"])
async def test_all_that_somebody_has_open_ends_in_both_processes(tmp_path, brokers, why):
    async with contextlib.AsyncExitStack() as stack:
        rig = await stack.enter_async_context(small_house(tmp_path / "house"))
        here = await stack.enter_async_context(Doors(rig, brokers[0], rig.house.bus))
        there = await stack.enter_async_context(Doors(rig, brokers[1], Bus()))
        phone, bob = await rig.sign_in("ann"), await rig.sign_in("bob")
        laptop = await rig.house.accounts.signing_in.log_in(NOBODY, email="ann@example.com", password=PASSWORD)
        theirs = [await doors.opened(stack, session) for doors in (here, there) for session in (phone, laptop)]
        stays = [await doors.opened(stack, bob) for doors in (here, there)]
        viewer = await rig.house.accounts.viewer_for(phone.token)
        if why == "suspended":
            await rig.store.users.update({"_id": viewer.user_id}, {"$set": {"is_suspended": True}})
            assert await rig.house.accounts.sessions.end_all(viewer.user_id, reason="suspended") == 2
        else:
            assert await rig.house.accounts.signing_in.log_out_everywhere(viewer) == 2
        for player, client, stream in theirs:
            assert await player.closed() == (4403, "Forbidden: the session has ended")
            assert await client.closed() == (4403, "Forbidden: the session has ended")
            kind, told = await stream.event()
            assert (kind, told["errors"][0]["extensions"]["code"]) == ("next", "TOKEN_INVALID")
            assert await stream.event() == ("complete", None)
        await until(lambda: (len(here.sockets), len(there.sockets)) == (3, 3))
        for doors in (here, there):
            async with Player(doors.url.replace("/graphql", "/ws")) as again:
                await again.send({"op": "hello", "id": "1", "token": laptop.token})
                assert (await again.closed())[0] == 4403
        for player, client, _ in stays:
            assert (await player.ask("ping", "2"))["ok"] is True
            await client.send({"type": "ping"})
            assert await client.receive() == {"type": "pong"}


async def test_streams_of_events_are_counted_with_sockets(tmp_path):
    limits = CrowdLimits(per_user=2, per_address=3)
    async with small_house(tmp_path) as rig, Doors(rig, LocalBroker(), rig.house.bus, limits) as doors:
        ann, bob = await rig.sign_in("ann"), await rig.sign_in("bob")
        first = await Stream(doors, ann.token).post(QUEUE)
        assert (await first.event())[0] == "next"
        async with Player(doors.url.replace("/graphql", "/ws")) as player:
            assert (await player.ask("hello", token=ann.token))["ok"] is True
            third = await Stream(doors, ann.token).post(QUEUE)
            assert third.head.startswith("HTTP/1.1 429") and "Retry-After: 10" in third.head
            query = await Stream(doors, ann.token).post("{ __typename }")
            assert (await query.event())[0] == "next", "a query is no socket"
            other = await Stream(doors, bob.token).post(QUEUE)
            assert (await other.event())[0] == "next"
            fourth = await Stream(doors, bob.token).post(QUEUE)
            assert fourth.head.startswith("HTTP/1.1 429"), "the address has enough"
            for stream in (first, third, query, other, fourth):
                await stream.aclose()
            await until(lambda: len(doors.crowd) == 1)
            again = await Stream(doors, ann.token).post(QUEUE)
            assert (await again.event())[0] == "next"
            await again.aclose()
