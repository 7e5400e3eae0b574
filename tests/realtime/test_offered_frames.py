"""Frames that are written past the stream: whole at every size, in their order, and refused while one is on its way."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from handlers.base import Manners
from handlers.websocket_base import HandlerWire, SocketHandler, SocketManners
from services.clock import Clock
from services.viewer import Role

LARGE = 16 * 1024 * 1024
"""More than the kernel takes at once."""


@pytest.fixture
async def offering():
    """A client's socket, and the wire at the other end of it."""
    opened = asyncio.get_running_loop().create_future()

    class Door(SocketHandler):
        access = Role.ANYONE

        def open(self, *_, **__):
            opened.set_result(HandlerWire(self))

    shared = {"house": SimpleNamespace(clock=Clock()), "manners": Manners(), "socket_manners": SocketManners()}
    server = HTTPServer(Application([(r"/", Door, shared)], log_function=lambda _: None))
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    url = f"ws://127.0.0.1:{listening.getsockname()[1]}/"
    async with connect(url, max_size=None, compression=None) as client:
        yield client, await opened
    server.stop()
    await server.close_all_connections()


async def test_a_frame_of_any_size_arrives_whole(offering):
    client, wire = offering
    for size in (0, 1, 125, 126, 65_535, 65_536):
        assert wire.offer(b"x" * size)
        assert await client.recv() == "x" * size


async def test_what_the_kernel_does_not_take_follows_and_nothing_overtakes_it(offering):
    client, wire = offering
    assert wire.offer(b"x" * LARGE)
    assert not wire.offer(b"too early")
    later = asyncio.create_task(wire.send(b"later"))
    assert await client.recv() == "x" * LARGE
    assert await client.recv() == "later"
    await later
    assert wire.offer(b"at last")
    assert await client.recv() == "at last"


async def test_nothing_is_offered_after_the_close(offering):
    client, wire = offering
    wire.close(1001, "going")
    assert not wire.offer(b"too late")
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1001


async def test_a_peer_that_is_gone_is_no_error_of_who_offers(offering):
    client, wire = offering
    client.transport.abort()
    async with asyncio.timeout(5):
        while wire.offer(b"x" * 1000):  # noqa: ASYNC110 - until the kernel says so
            await asyncio.sleep(0)
