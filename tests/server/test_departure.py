"""How kept connections end when a server stops: with an answer, or when nothing is asked; never under a request."""

import asyncio
import random

import pytest

from server.departure import Departure
from tests.stream.stage import describe, stage, until
from tests.stream.test_stream_handler import connect


@pytest.fixture
async def running(tmp_path):
    path = tmp_path / "big.flac"
    path.write_bytes(random.Random(5).randbytes(100_000))
    async with stage(tmp_path, express=True) as made:
        made.songs["big"] = describe(path, kind="flac", rate=44100, samples=10_000_000)
        yield made


def leaving(running, linger_s):
    running.lane.visits.draining = True
    departure = Departure(running.lane._server, running.lane)
    return asyncio.create_task(departure.over(linger_s, 10), name="departure")


@pytest.mark.parametrize("first", ["/elsewhere", "sound"])
async def test_the_next_request_of_a_kept_connection_is_its_last(running, first):
    sound = f"/stream/big?quality=lossless&ticket={running.ticket('big')}"
    async with connect(running) as client:
        await client.fetch(sound if first == "sound" else first)
        over = leaving(running, 60)
        _, headers, body = await client.fetch(sound)
        assert (headers["Connection"], len(body)) == ("close", 100_000)
        assert await client.reader.read() == b""
        assert await asyncio.wait_for(over, 5) is True


async def test_who_asks_nothing_for_a_while_is_hung_up_on(running):
    async with connect(running) as one, connect(running) as other:
        await one.fetch("/elsewhere")
        await other.fetch(f"/stream/big?quality=lossless&ticket={running.ticket('big')}")
        over = leaving(running, 0.1)
        assert await one.reader.read() == await other.reader.read() == b""
        assert await over is True


async def test_a_body_that_is_still_coming_keeps_everybody(running):
    async with connect(running) as client:
        client.writer.write(b"POST /elsewhere HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        await until(lambda: len(running.lane.in_hand) == 1)
        over = leaving(running, 0)
        await asyncio.sleep(0.1)
        assert not over.done()
        client.writer.write(b"cd")
        assert (await client.reader.read()).startswith(b"HTTP/1.1 404")
        assert await over is True


async def test_a_request_that_has_come_unread_is_answered(running):
    async with connect(running) as client:
        await client.fetch("/elsewhere")
        client.writer.write(b"GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n")
        # At once, in the very turn in which it lies in the kernel and nobody has looked.
        departure = Departure(running.lane._server, running.lane)
        running.lane.visits.draining = True
        departure._hang_up_idle(half_heads_too=True)
        answer = await client.reader.read()
        assert answer.startswith(b"HTTP/1.1 404")
        assert b"Connection: close" in answer
