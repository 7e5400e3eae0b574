"""A server that is told to stop while two hundred listen in every way there is: each is told so, in time."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time

import orjson

from realtime.messages import SUBPROTOCOL
from tests.realtime.raw_socket import RawSocket
from tests.server.client import Client

PEOPLE = 8
PLAYERS, SUBSCRIBERS, STREAMS, DEAF = 8, 8, 7, 2
QUEUE = "subscription { queue { rev } }"


class EventReader:
    """A client of server-sent events that reads all there is."""

    async def open(self, base, token):
        host, port = base.removeprefix("http://").split(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port))
        body = orjson.dumps({"query": QUEUE})
        lines = ["POST /graphql HTTP/1.1", f"Host: {host}", "Accept: text/event-stream", f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/json", f"Authorization: Bearer {token}"]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await asyncio.wait_for(self.reader.readuntil(b"event: next"), 10)
        return self

    async def rest(self):
        """Everything until the end; what it ends with."""
        try:
            return await asyncio.wait_for(self.reader.read(-1), 20)
        finally:
            self.writer.close()


async def opened(stack, base, token):
    """One person's sockets and streams: players, subscribers, events, and players who never read a byte."""
    url = base.replace("http", "ws")
    players = [await stack.enter_async_context(RawSocket(url + "/ws")) for _ in range(PLAYERS + DEAF)]
    for player in players:
        player.send({"op": "hello", "id": "1", "token": token}, {"op": "follow", "id": "2", "topic": "queue"})
    for player in players[DEAF:]:
        assert (await player.next())["ok"] is True
    subscribers = []
    for _ in range(SUBSCRIBERS):
        raw = await stack.enter_async_context(RawSocket(url + "/graphql", protocol=SUBPROTOCOL))
        raw.send({"type": "connection_init", "payload": {"token": token}})
        assert (await raw.next())["type"] == "connection_ack"
        raw.send({"type": "subscribe", "id": "q", "payload": {"query": QUEUE}})
        assert (await raw.next())["type"] == "next"
        subscribers.append(raw)
    streams = [await EventReader().open(base, token) for _ in range(STREAMS)]
    return players[DEAF:], subscribers, streams


async def test_everybody_is_told_that_the_server_goes_away(own_server):
    own_server.settings["TUTTI_SERVER_DRAIN_SECONDS"] = "20"
    own_server.start()
    async with contextlib.AsyncExitStack() as stack:
        sockets, streams = [], []
        for number in range(PEOPLE):
            client = Client(own_server.base)
            await client.register(f"listener{number}")
            players, subscribers, events = await opened(stack, own_server.base, client.token)
            sockets += players + subscribers
            streams += events
        assert len(sockets) + len(streams) + PEOPLE * DEAF == 200
        figures = (await client.fetch("/metrics")).body.decode()
        assert re.search(r"^tutti_sockets 200(\.0)?$", figures, re.MULTILINE)
        before = time.monotonic()
        own_server.child.terminate()
        codes = await asyncio.gather(*(socket.closed() for socket in sockets))
        assert set(codes) == {(1001, "The server is going away")}
        ends = await asyncio.gather(*(stream.rest() for stream in streams))
        hints = [re.search(rb"retry: (\d+)\n\n\r\n0\r\n\r\n$", end) for end in ends]
        assert all(hints), [end[-200:] for end, hint in zip(ends, hints, strict=True) if hint is None][:1]
        assert len({hint[1] for hint in hints}) > 1, "not all at once"
        assert await asyncio.to_thread(own_server.child.wait, 30) == 0
        assert time.monotonic() - before < 20
    own_server.child.stdout.close()
    own_server.child = None
    log = own_server.log.read_text()
    assert "Traceback" not in log
