"""Connections in the express lane: how they come in, what they may do there, and how they leave it."""

import asyncio
import os
import random
from types import SimpleNamespace

import pytest

from handlers.express import connection, grants
from handlers.express.head import MOST_BYTES, Heads
from handlers.proxies import Proxies
from services.clock import Clock
from tests.stream.stage import describe, stage, until
from tests.stream.test_stream_handler import connect

LENGTH = 3_000_000
HEAD = b"GET /stream/s?ticket=t HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big.flac"
    path.write_bytes(random.Random(5).randbytes(LENGTH))
    return path


@pytest.fixture
async def running(tmp_path, big, tunes):
    async with stage(tmp_path, express=True) as made:
        made.songs["big"] = describe(big, kind="flac", rate=44100, samples=10_000_000)
        made.songs["x"] = describe(tunes("flac"), kind="flac", rate=44100, samples=22 * 44100)
        yield made


def target(running, song_id="big", more="quality=lossless"):
    return f"/stream/{song_id}?{more}&ticket={running.ticket(song_id)}"


async def test_a_connection_goes_in_and_out_of_the_lane_and_loses_nothing(running, big):
    sound, inside = big.read_bytes(), target(running)
    async with connect(running) as client:
        for turn in range(3):
            status, _, body = await client.fetch(inside, f"Range: bytes={turn}-{turn + 99}")
            assert (status, body) == (206, sound[turn : turn + 100])
            assert (await client.fetch(inside, "Range: bytes=0-0,9-9"))[1].get_content_type() == "multipart/byteranges"
            assert (await client.fetch("/elsewhere"))[0] == 404
            assert (await client.fetch(inside, method="HEAD"))[1]["Content-Length"] == str(LENGTH)
    assert running.lane.served == 3
    await until(lambda: not running.lane.connections)


async def test_what_is_sent_ahead_is_answered_in_order_on_both_sides_of_the_lane(running, big):
    sound, inside = big.read_bytes(), target(running)
    async with connect(running) as client:
        client.ask(inside, "Range: bytes=0-9")
        assert (await client.answer())[2] == sound[:10]
        asked = [
            (inside, f"Range: bytes={at * 1000}-{at * 1000 + 199_999}") if at % 4 else ("/elsewhere", "X: y")
            for at in range(12)
        ]
        for where, header in asked:
            client.ask(where, header)
        for at in range(12):
            status, _, body = await client.answer()
            assert status == (206 if at % 4 else 404)
            if at % 4:
                assert body == sound[at * 1000 : at * 1000 + 200_000]


async def test_a_head_that_comes_in_pieces_is_read_all_the_same(running, big):
    inside = target(running)
    async with connect(running) as client:
        assert (await client.fetch(inside, "Range: bytes=0-0"))[0] == 206
        whole = f"GET {inside} HTTP/1.1\r\nHost: tutti\r\nRange: bytes=5-8\r\n\r\n".encode()
        for piece in (whole[:20], whole[20:-3], whole[-3:]):
            client.writer.write(piece)
            await client.writer.drain()
            await asyncio.sleep(0)
        assert (await client.answer())[2] == big.read_bytes()[5:9]
        assert (await client.fetch(inside, "Range: bytes=0-0"))[0] == 206


async def test_a_file_system_without_sendfile_costs_no_byte(running, big, monkeypatch):
    sound, inside = big.read_bytes(), target(running)

    def refuse(*_):
        raise OSError(22, "Invalid argument")

    async with connect(running, receive_bytes=8192) as client:
        assert (await client.fetch(inside, "Range: bytes=0-0"))[0] == 206
        monkeypatch.setattr(os, "sendfile", refuse)
        assert (await client.fetch(inside, f"Range: bytes=1-{LENGTH - 2}"))[2] == sound[1:-1]
    assert running.lane.served == 2


async def test_an_idle_connection_is_closed_after_its_time(tmp_path, big):
    async with stage(tmp_path, express=True) as running:
        running.songs["big"] = describe(big, kind="flac", rate=44100, samples=10_000_000)
        running.lane._idle_s = 0.02
        async with connect(running) as client:
            assert (await client.fetch(target(running), "Range: bytes=0-0"))[0] == 206
            assert await client.ended() == b""
        assert not running.lane.connections


async def test_a_conditional_request_is_answered_as_the_door_would(running):
    inside = target(running)
    async with connect(running) as client:
        _, headers, _ = await client.fetch(inside, "Range: bytes=0-0")
        tag = headers["ETag"]
        assert (await client.fetch(inside, f"If-None-Match: {tag}"))[0] == 304
        assert (await client.fetch(inside, 'If-Match: "other"'))[0] == 412
        assert (await client.fetch(inside, f"If-Range: {tag}", "Range: bytes=0-3"))[0] == 206
        status, headers, body = await client.fetch(inside, 'If-Range: "other"', "Range: bytes=0-3")
        assert (status, len(body), headers["Content-Range"]) == (200, LENGTH, None)
        status, headers, _ = await client.fetch(inside, f"Range: bytes={LENGTH}-")
        assert (status, headers["Content-Range"]) == (416, f"bytes */{LENGTH}")
    assert running.lane.served == 6


async def test_an_ended_session_is_refused_at_the_next_range(running):
    inside = target(running)
    async with connect(running) as client:
        assert (await client.fetch(inside, "Range: bytes=0-0"))[0] == 206
        running.tickets.end_session("s1")
        running.lane.forget()
        assert (await client.fetch(inside, "Range: bytes=0-0"))[0] == 401


async def test_what_is_heard_during_a_lookup_is_not_overheard(running):
    lane, inside = running.lane, target(running)
    request, _, _ = lane.heads.read(f"GET {inside} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    looking = asyncio.create_task(lane.grants.look(request))
    await asyncio.sleep(0)
    lane.forget()
    _, sound = await looking
    sound.close()
    assert lane.grants.recall(request, lane.monotonic()) is None


async def test_a_rendition_in_the_making_is_the_doors_and_nobody_is_sent_in_and_out_again(running, monkeypatch):
    monkeypatch.setattr(grants, "FRESH_S", 60.0)
    taken = []
    real = connection.Connection.begin
    monkeypatch.setattr(connection.Connection, "begin", lambda self, *given: (taken.append(1), real(self, *given)))
    for _ in range(3):
        async with connect(running) as client:
            where = target(running, "x", "quality=low")
            status, headers, body = await client.fetch(where, "Range: bytes=0-99")
            assert (status, len(body), headers["X-Tutti-Rendition"].split(";")[0]) == (206, 100, "mp3-96")
    assert (len(taken), running.lane.served) == (1, 0)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"),
        HEAD.replace(b"GET", b"HEAD"),
        HEAD.replace(b"Host: a\r\n", b""),
        HEAD + b"Host: b\r\n",
        HEAD + b"Range: bytes=0-1\r\nRange: bytes=2-3\r\n",
        HEAD + b"Range: bytes=0-1,3-4\r\n",
        HEAD + b"Content-Length: 0\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n",
        HEAD + b"Connection: close\r\n",
        HEAD + b"Authorization: Bearer x\r\n",
        HEAD + b"X: folded\r\n value\r\n",
        HEAD + b"X : y\r\n",
        HEAD + b"X: a\x00b\r\n",
        HEAD + b"X: a\nY: b\r\n",
        HEAD.replace(b"\r\n", b"\n"),
        HEAD.replace(b"?ticket=t", b""),
        HEAD.replace(b"stream/s", b"stream/s/t"),
        HEAD + b"X: " + b"y" * MOST_BYTES + b"\r\n",
    ],
)
def test_whatever_could_be_meant_in_two_ways_is_not_read_here(head):
    assert Heads().read(head + b"\r\n") == (None, None, 0)


def test_a_plain_head_is_read_with_its_range_and_what_follows_is_left():
    heads = Heads()
    for wanted in ("bytes=0-", "bytes=-5", "bytes=7-9"):
        data = HEAD + f"Range: {wanted}\r\nAccept: audio/*\r\n\r\n".encode()
        request, found, taken = heads.read(data + b"GET")
        assert (request.song_id, request.ticket, found, taken) == ("s", "t", wanted, len(data))
        assert (request.fields["Accept"], request.conditional) == ("audio/*", False)
    assert len(heads._read) == 1
    assert heads.read(HEAD + b'If-Range: "x"\r\n\r\n')[0].conditional


async def test_behind_a_proxy_the_address_is_the_one_it_names(running):
    lane = running.lane
    request, _, _ = lane.heads.read(HEAD + b"X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\n\r\n")
    assert lane.address_of(request, ("127.0.0.1", 5)) == "127.0.0.1"
    lane.proxies = Proxies(["127.0.0.0/8"])
    assert lane.address_of(request, ("127.0.0.1", 5)) == "192.0.2.7"
    # Whoever stands nowhere in front of us says of themselves what they like.
    assert lane.address_of(request, ("198.51.100.4", 5)) == "198.51.100.4"
    odd = SimpleNamespace(fields={"X-Real-Ip": "nonsense"})
    assert lane.address_of(odd, ("127.0.0.1", 5)) == "127.0.0.1"


async def test_the_date_is_that_of_the_second(running):
    lane = running.lane
    now_s, date = lane.moment()
    assert abs(Clock().epoch_ms() // 1000 - now_s) <= 1
    assert date.endswith("GMT")
