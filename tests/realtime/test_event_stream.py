"""GraphQL over server-sent events by real HTTP: queries, mutations, subscriptions, and how a stream ends."""

from __future__ import annotations

import asyncio
import contextlib

import orjson
import pytest
from tornado.httpclient import AsyncHTTPClient

from handlers import event_stream
from tests.realtime.small_house import until
from tests.realtime.test_whole_house import NOW, signed_in
from tests.realtime.test_whole_house import street as street

HEADERS = {"Accept": "text/event-stream", "Content-Type": "application/json"}


class Stream:
    """A raw HTTP/1.1 client that reads events as they come."""

    def __init__(self, street, token=None):
        self.port = int(street.url.split(":")[2].split("/")[0])
        self.token = token
        self.writer = None

    async def post(self, query, **variables):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = orjson.dumps({"query": query, "variables": variables})
        lines = ["POST /graphql HTTP/1.1", "Host: here", "Accept: text/event-stream", f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/json"] + ([f"Authorization: Bearer {self.token}"] if self.token else [])
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode()
        return self

    async def chunk(self):
        size = int(await asyncio.wait_for(self.reader.readline(), 5), 16)
        piece = await self.reader.readexactly(size + 2)
        return piece[:-2]

    async def event(self):
        while (piece := await self.chunk()) == b":\n\n":
            pass
        kind, data, *_ = piece.decode().split("\n")
        told = data.removeprefix("data:").strip()
        return kind.removeprefix("event: "), orjson.loads(told) if told else None

    async def aclose(self):
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


async def test_a_query_and_a_mutation_are_one_next_and_a_complete(street):
    ann = await signed_in(street, "anna_l")
    url = street.url.replace("ws", "http", 1)
    fetch = AsyncHTTPClient().fetch
    answer = await fetch(
        url,
        method="POST",
        headers={**HEADERS, "Authorization": f"Bearer {ann.token}"},
        body='{"query": "mutation { playSong(songId: \\"s1\\") { success } }"}',
    )
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.body == (
        b':\n\nevent: next\ndata: {"data":{"playSong":{"success":true}}}\n\nevent: complete\ndata:\n\n'
    )
    got = await fetch(f"{url}?query=%7B__typename%7D", headers={"Accept": "text/event-stream"})
    assert got.body == b':\n\nevent: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'
    refused = await fetch(f"{url}?query=%7Bnothing%7D", headers={"Accept": "text/event-stream"})
    assert b'event: next\ndata: {"errors":[' in refused.body
    assert refused.body.endswith(b"event: complete\ndata:\n\n")


async def test_a_subscription_is_told_until_its_client_leaves(street):
    ann = await signed_in(street, "anna_l")
    viewer = await street.house.accounts.viewer_for(ann.token)
    stream = await Stream(street, ann.token).post(NOW, id=ann.user.id)
    assert stream.head.startswith("HTTP/1.1 200")
    assert await stream.chunk() == b":\n\n"
    await until(lambda: len(street.hub) == 1)
    for song_id, title in (("s1", "Tides"), ("s2", "Ebb")):
        await street.house.now_playing.report(viewer, song_id)
        kind, told = await stream.event()
        assert (kind, told["data"]["nowPlaying"]["song"]["title"]) == ("next", title)
    await stream.aclose()
    await until(lambda: (len(street.hub), len(street.sockets)) == (0, 0))


async def test_a_stream_ends_with_its_session_and_with_its_token(street):
    ann, bob = await signed_in(street, "anna_l"), await signed_in(street, "bob_l")
    viewer = await street.house.accounts.viewer_for(bob.token)
    leaving = await Stream(street, ann.token).post(NOW, id=ann.user.id)
    staying = await Stream(street, bob.token).post(NOW, id=bob.user.id)
    await until(lambda: len(street.hub) == 2)
    await street.house.accounts.signing_in.log_out(await street.house.accounts.viewer_for(ann.token))
    kind, told = await leaving.event()
    assert (kind, told["errors"][0]["extensions"]["code"]) == ("next", "TOKEN_INVALID")
    assert await leaving.event() == ("complete", None)
    street.clock.turn(901)
    await street.house.now_playing.report(viewer, "s1")
    kind, told = await staying.event()
    assert (kind, told["errors"][0]["extensions"]["code"]) == ("next", "TOKEN_EXPIRED")
    assert await staying.event() == ("complete", None)
    await until(lambda: (len(street.hub), len(street.sockets)) == (0, 0))
    await leaving.aclose()
    await staying.aclose()


async def test_a_quiet_stream_shows_that_it_lives_and_a_stopping_server_hangs_up(street, monkeypatch):
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.01)
    ann = await signed_in(street, "anna_l")
    stream = await Stream(street, ann.token).post(NOW, id=ann.user.id)
    assert [await stream.chunk() for _ in range(3)] == [b":\n\n"] * 3
    await street.sockets.drain(0)
    with pytest.raises((asyncio.IncompleteReadError, OSError, ValueError)):
        while True:
            await stream.chunk()
    await stream.aclose()
