"""Server-sent events by clients who mean it badly or are merely odd: bodies, verbs, headers, and readers that stall."""

from __future__ import annotations

import asyncio
import socket

import orjson
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from handlers import event_stream
from handlers.event_stream import EventStream
from handlers.graphql import GraphqlHandler
from realtime.sockets import OpenSockets
from services.clock import Clock
from services.viewer import NOBODY
from tests.realtime.small_house import until
from tests.realtime.test_event_stream import Stream
from tests.realtime.test_whole_house import NOW, signed_in
from tests.realtime.test_whole_house import street as street

GOOD = orjson.dumps({"query": "{ __typename }"}).decode()
EVENTS = "Accept: text/event-stream"
JSON = "Content-Type: application/json"

REFUSED = {
    "no JSON": ("POST", "/graphql", [EVENTS, JSON], "{", 400),
    "no text": ("POST", "/graphql", [EVENTS, JSON], "\x00\x01", 400),
    "no body": ("POST", "/graphql", [EVENTS, JSON], "", 400),
    "a number": ("POST", "/graphql", [EVENTS, JSON], "7", 400),
    "no query": ("POST", "/graphql", [EVENTS, JSON], "{}", 400),
    "a batch": ("POST", "/graphql", [EVENTS, JSON], f"[{GOOD}]", 400),
    "variables that are a list": ("POST", "/graphql", [EVENTS, JSON], '{"query":"{a}","variables":[]}', 400),
    "a form": ("POST", "/graphql", [EVENTS, "Content-Type: application/x-www-form-urlencoded"], "query=1", 415),
    "another alphabet": ("POST", "/graphql", [EVENTS, "Content-Type: application/json; charset=utf-16"], GOOD, 415),
    "a get of nothing": ("GET", "/graphql", [EVENTS], None, 400),
    "a get of a mutation": ("GET", "/graphql?query=mutation%7Blogout%7Bsuccess%7D%7D", [EVENTS], None, 405),
    "a get with broken variables": ("GET", "/graphql?query=%7Ba%7D&variables=%7B", [EVENTS], None, 400),
    "a bad token": ("GET", "/graphql?query=%7B__typename%7D", [EVENTS, "Authorization: Bearer no"], None, 401),
    "a put": ("PUT", "/graphql", [EVENTS, JSON], GOOD, 405),
    "a taste for pictures": ("POST", "/graphql", ["Accept: image/png", JSON], GOOD, 406),
}
ANSWERED = {
    "many accepts": (["Accept: text/html;q=0.1, text/event-stream;q=0.9", JSON], "text/event-stream"),
    "json rather": (["Accept: text/event-stream;q=0.1, application/json", JSON], "application/json"),
    "nothing less": (["Accept: text/event-stream;q=0, application/json;q=0.1", JSON], "application/json"),
    "a wish for gzip": ([EVENTS, JSON, "Accept-Encoding: gzip, br"], "text/event-stream"),
    "a place to go on from": ([EVENTS, JSON, "Last-Event-ID: 77"], "text/event-stream"),
    "a place that is none": ([EVENTS, JSON, "Last-Event-ID: " + "\xff" * 200], "text/event-stream"),
}


async def said(url, verb, path, headers, body, *, announced=None):
    """Head and body of the answer to one raw request."""
    port = int(url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = b"" if body is None else body.encode()
    lines = [f"{verb} {path} HTTP/1.1", "Host: here", "Connection: close", *headers]
    lines += [] if body is None else [f"Content-Length: {len(content) if announced is None else announced}"]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)
    try:
        if announced is not None:
            return "", b""
        answer = await asyncio.wait_for(reader.read(-1), 5)
        head, _, rest = answer.partition(b"\r\n\r\n")
        return head.decode("latin-1"), rest
    finally:
        writer.close()


async def test_what_is_no_request_is_refused_in_plain_http_and_leaves_nothing(street):
    for name, (verb, path, headers, body, status) in REFUSED.items():
        head, rest = await said(street.url, verb, path, headers, body)
        assert head.startswith(f"HTTP/1.1 {status} "), (name, head)
        assert b'"code":' in rest, (name, rest)
    assert (len(street.hub), len(street.sockets)) == (0, 0)


async def test_odd_headers_choose_the_answer_and_change_nothing_else(street):
    for name, (headers, kind) in ANSWERED.items():
        head, rest = await said(street.url, "POST", "/graphql", headers, GOOD)
        assert head.startswith("HTTP/1.1 200 "), (name, head)
        assert f"Content-Type: {kind}; charset=utf-8" in head, (name, head)
        assert "Content-Encoding" not in head
        assert b'{"data":{"__typename":"Query"}}' in rest


async def test_a_body_that_never_ends_or_a_client_gone_at_once_leaves_nothing(street):
    ann = await signed_in(street, "anna_l")
    await said(street.url, "POST", "/graphql", [EVENTS, JSON], '{"query":', announced=5000)
    for _ in range(30):
        stream = Stream(street, ann.token)
        await stream.post(NOW, id=ann.user.id)
        stream.writer.transport.abort()
    await until(lambda: (len(street.hub), len(street.sockets)) == (0, 0))
    assert len(street.house.stream_attendance) == 0


async def test_a_client_gone_before_its_streams_first_step_leaves_nothing(street, monkeypatch):
    async def never(self, work):
        # As when the task is cancelled before it runs at all.
        work.close()

    monkeypatch.setattr(GraphqlHandler, "_unless_left", never)
    ann = await signed_in(street, "anna_l")
    head, _ = await said(
        street.url,
        "POST",
        "/graphql",
        [EVENTS, JSON, f"Authorization: Bearer {ann.token}"],
        '{"query": "subscription { queue { rev } }"}',
    )
    assert head == ""
    await until(lambda: (len(street.hub), len(street.sockets)) == (0, 0))
    assert len(street.house.stream_attendance) == 0


async def test_who_comes_again_is_told_the_present_whatever_it_says_it_heard(street):
    ann = await signed_in(street, "anna_l")
    viewer = await street.house.accounts.viewer_for(ann.token)
    for song_id, title in (("s1", "Tides"), ("s2", "Ebb")):
        await street.house.now_playing.report(viewer, song_id)
        stream = await Stream(street, ann.token).post(NOW, id=ann.user.id)
        kind, told = await stream.event()
        assert (kind, told["data"]["nowPlaying"]["song"]["title"]) == ("next", title)
        await stream.aclose()
        await until(lambda: len(street.hub) == 0)


async def test_a_reader_that_stalls_is_let_go_and_its_source_with_it(monkeypatch):
    monkeypatch.setattr(event_stream, "STALL_S", 0.2)
    sockets, closed, largest = OpenSockets(), [], [0]

    class Flood(RequestHandler):
        async def get(self):
            stream = self.request.connection.stream

            async def results():
                try:
                    while True:
                        largest[0] = max(largest[0], len(stream._write_buffer))
                        yield {"data": "x" * 50_000}
                finally:
                    closed.append(True)

            await EventStream(self, NOBODY, clock=Clock(), sockets=sockets).send(results())

    server = HTTPServer(Application([("/", Flood)], log_function=lambda _: None))
    [listening] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([listening])
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await asyncio.get_running_loop().sock_connect(deaf, listening.getsockname())
        await asyncio.get_running_loop().sock_sendall(deaf, b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await until(lambda: len(sockets) == 1)
        await until(lambda: len(sockets) == 0 and closed)
    assert largest[0] < 100_000, "the next is read when the last is out"
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize("seconds", [0.0, 0.05])
async def test_a_token_that_runs_out_in_mid_stream_ends_it_though_nothing_happens(street, monkeypatch, seconds):
    monkeypatch.setattr(event_stream, "HEARTBEAT_S", 0.02)
    ann = await signed_in(street, "anna_l")
    stream = await Stream(street, ann.token).post(NOW, id=ann.user.id)
    await asyncio.sleep(seconds)
    street.clock.turn(901)
    kind, told = await stream.event()
    assert (kind, told["errors"][0]["extensions"]["code"]) == ("next", "TOKEN_EXPIRED")
    assert await stream.event() == ("complete", None)
    await stream.aclose()
    await until(lambda: len(street.hub) == 0)
